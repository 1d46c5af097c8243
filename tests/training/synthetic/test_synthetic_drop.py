"""The invented drop has the form of the interchange, and holds the traps that real drops hold."""

from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.training.synthetic.written import Written
from training.synthetic.tables import SCHEMAS
from training.synthetic.wording import concepts

KEYS = {
    "citizens": ("citizen_id", None),
    "visits": ("visit_id", "started_at"),
    "observations": ("observation_id", "observed_at"),
    "notes": ("note_id", "observed_at"),
    "conditions": ("condition_id", None),
    "services": ("grant_id", "valid_from"),
    "monitoring_plans": ("plan_id", "valid_from"),
    "hospital_notifications": ("notification_id", "occurred_at"),
}
OPTIONAL = {
    "citizens": {"care_end", "death_date"},
    "visits": {"delivered_minutes"},
    "observations": {"value", "value_text", "unit"},
    "notes": {"heading"},
    "conditions": {"severity"},
    "services": {"valid_to"},
    "monitoring_plans": {"valid_to", "low", "high"},
    "hospital_notifications": {"planned"},
}
ALLOWED = {
    ("citizens", "sex"): {"female", "male", "other", "unknown"},
    ("visits", "kind"): {"personal_care", "practical_help", "nursing", "rehabilitation", "night", "acute"},
    ("visits", "status"): {"completed", "declined", "no_response", "cancelled", "planned", "entered-in-error"},
    ("observations", "role"): {"SSH", "SSA", "SPL", "TER", "LEADER", "citizen", "device", "other"},
    ("notes", "role"): {"SSH", "SSA", "SPL", "TER", "LEADER", "citizen", "device", "other"},
    ("conditions", "status"): {"active", "inactive", "entered-in-error"},
}
COPENHAGEN = ZoneInfo("Europe/Copenhagen")


@pytest.mark.parametrize("name", list(KEYS))
def test_a_table_has_the_columns_and_types_of_the_interchange(written: Written, name: str):
    found = pq.read_schema(written.folder / "drop" / f"{name}.parquet")
    assert found.equals(SCHEMAS[name])


@pytest.mark.parametrize("name", list(KEYS))
def test_what_is_required_is_never_empty(written: Written, name: str):
    table = written.table(name)
    assert len(table)
    empty = set(table.columns[table.isna().any()])
    assert empty <= OPTIONAL[name]


@pytest.mark.parametrize(("name", "column"), list(ALLOWED))
def test_closed_lists_hold_allowed_values_only(written: Written, name: str, column: str):
    assert set(written.table(name)[column].dropna()) <= ALLOWED[name, column]


def test_every_class_of_observation_code_is_there(written: Written):
    codes = set(written.table("observations").code)
    signs = {code.removeprefix("sign:") for code in codes if code.startswith("sign:")}
    assert signs <= set(concepts())
    for start in ("NPU", "MCS", "DNK", "sign:", "event:", "triage:", "questionnaire:", "sensor:"):
        assert any(code.startswith(start) for code in codes), start


def test_citizens_are_plainly_invented(written: Written):
    assert written.table("citizens").citizen_id.str.fullmatch(r"X\d{7}").all()


def test_there_are_as_many_citizens_as_asked_for(written: Written):
    assert written.table("citizens").citizen_id.nunique() == written.town.citizens


@pytest.mark.parametrize("name", list(KEYS))
def test_a_citizen_is_known_before_anything_is_recorded_about_them(written: Written, name: str):
    known = written.table("citizens").groupby("citizen_id").recorded_at.min()
    table = written.table(name)
    assert (table.recorded_at >= table.citizen_id.map(known)).all()


@pytest.mark.parametrize("name", [name for name, (_, happened) in KEYS.items() if happened])
def test_nothing_happens_before_care_begins(written: Written, name: str):
    table = written.table(name)
    start = pd.to_datetime(written.table("citizens").groupby("citizen_id").care_start.min())
    assert (table[KEYS[name][1]] >= table.citizen_id.map(start)).all()


@pytest.mark.parametrize("name", list(KEYS))
def test_nothing_is_recorded_after_the_end(written: Written, name: str):
    assert (written.table(name).recorded_at < pd.Timestamp(written.town.end)).all()


@pytest.mark.parametrize("name", list(KEYS))
def test_no_moment_falls_into_the_hour_the_clock_skips(written: Written, name: str):
    table = written.table(name)
    for column in table.select_dtypes("datetime").columns:
        moments = table[column].dropna()
        there_and_back = moments.dt.tz_localize(COPENHAGEN, ambiguous=True, nonexistent="NaT")  # type: ignore[arg-type]
        assert there_and_back.notna().all()


@pytest.mark.parametrize("name", list(KEYS))
def test_two_versions_of_a_row_differ_in_when_they_were_written(written: Written, name: str):
    assert not written.table(name).duplicated([KEYS[name][0], "recorded_at"]).any()


@pytest.mark.parametrize("name", ["visits", "observations", "notes", "conditions", "services"])
def test_some_rows_are_written_again(written: Written, name: str):
    assert written.table(name)[KEYS[name][0]].duplicated().any()


def test_some_visits_are_withdrawn_and_were_there_before(written: Written):
    visits = written.table("visits")
    withdrawn = visits[visits.status == "entered-in-error"]
    assert len(withdrawn)
    assert withdrawn.visit_id.isin(visits[visits.status != "entered-in-error"].visit_id).all()


def test_about_one_row_in_twenty_five_arrives_days_late(written: Written):
    visits = written.table("visits").drop_duplicates("visit_id")
    delay = visits.recorded_at - visits.started_at
    assert 0.03 < (delay > pd.Timedelta(days=1)).mean() < 0.05


def test_some_notes_about_an_admission_are_dated_back_to_before_it(written: Written):
    notes, arrivals = written.table("notes"), written.table("hospital_notifications")
    back = notes[notes.text.str.contains("indlagt") & ~notes.text.str.contains("gtefælle er indlagt")]
    assert len(back) > 10
    acute = arrivals[arrivals.activity.isin(["admit-emergency", "admit-inpatient"])]
    pairs = back.merge(acute, on="citizen_id", suffixes=("", "_stay"))
    between = (pairs.observed_at <= pairs.occurred_at) & (pairs.occurred_at < pairs.recorded_at)
    assert pairs[between].note_id.nunique() / back.note_id.nunique() > 0.9


def test_teams_write_more_or_less(written: Written):
    team = written.table("citizens").groupby("citizen_id").team.last()
    notes = written.table("notes").citizen_id.map(team).value_counts()
    assert notes.max() > 2 * notes.min()


def test_notes_deny_findings_and_speak_of_others(written: Written):
    text = written.table("notes").text.str.lower()
    for said in ("ingen ", "som vanligt|habituel", "nabo|datter|søn"):
        assert text.str.contains(said).any(), said


def test_the_hospital_tells_of_every_kind_of_contact(written: Written):
    told = written.table("hospital_notifications")
    assert {"admit-emergency", "admit-inpatient", "discharge-inpatient-home", "deceased"} <= set(told.activity)
    assert told.activity.str.startswith("revise-").any()
    assert set(told[told.activity == "admit-inpatient"].planned.astype("string").fillna("empty")) == {
        "True",
        "False",
        "empty",
    }


def test_planned_minutes_are_not_delivered_minutes(written: Written):
    visits = written.table("visits")
    assert visits[visits.status == "planned"].delivered_minutes.isna().all()
    assert visits[visits.status == "completed"].delivered_minutes.isna().any()


def test_progress_is_told_from_nothing_to_all(written: Written):
    shares = [share for share, _ in written.told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert shares[0] < 0.1
    assert len(shares) > 50
