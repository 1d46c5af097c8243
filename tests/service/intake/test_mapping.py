"""A municipality's mapping: its own codes, units and columns, by the day a row is of, with nothing lost."""

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from models.errors import DataWrong, NotFound
from models.projection import project
from models.vocabulary import vocabulary
from service.intake.loading import load_path
from service.intake.mapping.file import mapping_in_use, read_mapping, use_mapping
from service.intake.mapping.meanings import UNMAPPED
from service.intake.report import LoadReport
from service.storage import facts
from service.storage.database import Database
from service.storage.tables import FACTS
from tests.drops import RECEIVED, Rows, observation, versions, visit, write_drop
from tests.project.tree import ROOT

UUID_OF_CIRCULATION = "3dac3b51-364e-47c0-a043-15b6d7a6c405"


def written(folder: Path, text: str) -> Path:
    """The text as a file."""
    file = folder / "kommune.toml"
    file.write_text(text, encoding="utf-8")
    return file


def load(database: Database, folder: Path, mapping: str = "", **tables: Rows) -> LoadReport:
    """Load tables as history with a mapping."""
    local = use_mapping(written(folder, mapping)) if mapping else UNMAPPED
    return load_path(database, write_drop(folder / "drop", **tables), "history", RECEIVED, mapping=local)


def told(database: Database, table: str) -> dict[str, dict[str, object]]:
    """The standing versions by id."""
    with database.read() as session:
        rows = session.execute(select(FACTS[table]).where(FACTS[table].c.superseded_at.is_(None))).mappings()
        return {row["source_id"]: dict(row) for row in rows}


@pytest.fixture
def store(sqlite_url: str) -> Database:
    """An empty store in SQLite: what a mapping does is done before any engine is asked."""
    return Database.open(sqlite_url)


def test_the_example_of_the_documentation_does_what_it_says(store: Database, tmp_path: Path) -> None:
    example = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8"), re.DOTALL)
    rows: list[dict[str, object]] = [
        {"maaling_id": "1", "maalt": "2024-12-31 23:00", "code": "TMP", "resultat": 98.6, "vaerdi": 1.0},
        {"maaling_id": "2", "maalt": "2025-01-01 00:00", "code": "TMP", "resultat": 1.0, "vaerdi": 37.5},
        {"maaling_id": "3", "maalt": "2025-01-02", "code": "VGT", "resultat": None, "vaerdi": 11.0, "unit": "sten"},
        {"maaling_id": "4", "maalt": "2025-01-02", "code": "VGT", "resultat": None, "vaerdi": 150.0, "unit": "pund_lb"},
        {"maaling_id": "5", "maalt": "2025-01-02", "code": "FALD", "resultat": None, "vaerdi": None},
    ]
    full = [{"citizen_id": "A1", "recorded_at": row["maalt"], "unit": None, **row} for row in rows]
    report = load(store, tmp_path, example[0], observations=full, visits=[visit("v", kind="PP")])

    found = {name: (row["code"], row["value"], row["unit"]) for name, row in told(store, "observations").items()}
    assert found["1"] == ("NPU08676", pytest.approx(37.0), "Cel")
    assert found["2"] == ("NPU08676", 37.5, "Cel")
    assert found["3"] == ("NPU03804", pytest.approx(69.85322498), "kg")
    assert found["4"] == ("NPU03804", pytest.approx(68.0388555), "kg")
    assert found["5"] == ("event:fall", None, None)
    assert told(store, "visits")["v"]["kind"] == "personal_care"
    assert report.tables["observations"].mapped == {"code": 5, "unit": 2}
    assert report.tables["observations"].columns_mapped["maalt"] == "observed_at"
    assert report.tables["observations"].columns_left_out == ()
    assert report.tables["visits"].mapped == {"kind": 1}
    assert report.mapping is not None
    assert report.mapping.startswith("kommune.toml ")


def test_what_was_sent_is_kept_beside_what_it_was_taken_for(store: Database, tmp_path: Path) -> None:
    rows = [
        observation("mapped", "VGT", value=150.0, unit="[lb_av]"),
        observation("synonym", "8310-5", value=37.0, unit="°C"),
        observation("known", "NPU08676", value=37.0, unit="Cel"),
    ]
    load(store, tmp_path, '[codes.observations.code]\nVGT = "NPU03804"\n', observations=rows)

    kept = {name: row["sent"] and json.loads(str(row["sent"])) for name, row in told(store, "observations").items()}
    assert kept["mapped"] == {"code": "VGT", "unit": "[lb_av]", "value": 150.0}
    assert kept["synonym"] == {"code": "8310-5"}
    assert kept["known"] is None


def test_a_better_mapping_makes_new_versions_of_the_rows_it_changes_and_of_no_others(
    database: Database, tmp_path: Path
) -> None:
    rows = [observation("1", "VGT", value=80.0), observation("2", "NPU08676", value=37.0)]
    first = load(database, tmp_path, observations=rows)
    second = load(database, tmp_path, '[codes.observations.code]\nVGT = "NPU03804"\n', observations=rows)
    third = load(database, tmp_path, '[codes.observations.code]\nVGT = "NPU03804"\n', observations=rows)

    assert first.tables["observations"].unknown_codes == {"VGT": 1}
    assert (second.tables["observations"].corrected, second.tables["observations"].unchanged) == (1, 1)
    assert third.tables["observations"].unchanged == 2
    codes = [(row["source_id"], row["code"]) for row in versions(database, "observations")]
    assert sorted(codes) == [("1", "NPU03804"), ("1", "VGT"), ("2", "NPU08676")]
    assert told(database, "observations")["1"]["code"] == "NPU03804"


def test_codes_of_fhir_are_mapped_too(store: Database, tmp_path: Path) -> None:
    coding = {"system": "https://vestby.example/koder", "code": "FALD"}
    resource = {
        "resourceType": "Observation",
        "id": "f1",
        "status": "final",
        "code": {"coding": [coding]},
        "subject": {"identifier": {"system": "urn:oid:1.2.208.176.1.2", "value": "2509479989"}},
        "effectiveDateTime": "2025-01-10T08:00:00+01:00",
        "issued": "2025-01-10T08:05:00+01:00",
    }
    (tmp_path / "one.json").write_text(json.dumps(resource), encoding="utf-8")
    local = use_mapping(written(tmp_path, '[codes.observations.code]\nFALD = "event:fall"\n'))
    report = load_path(store, tmp_path / "one.json", "history", RECEIVED, mapping=local)

    assert report.tables["observations"].mapped == {"code": 1}
    assert [row["code"] for row in told(store, "observations").values()] == ["event:fall"]


FAULTY = """\
[columns.visitz]
a = "b"

[columns.visits]
kl = "starttid"
starttid = { to = "started_at", valid_from = 2025-01-01 }
et = "kind"
to = "kind"

[codes.observations.code]
VGT = "NPU0380"
NPU03804 = "NPU08676"
"A = B" = [{ to = "NPU03804" }, { to = "NPU08676", valid_from = 2025-01-01 }]
X = { to = "NPU03804", valid_from = "2025" }
Y = { to = "NPU03804", valid_from = 2025-01-02, valid_to = 2025-01-02 }
Z = { to = "event:fall", unit = "kg" }
W = { to = "NPU03804", unit = "mmol/L" }

[codes.visits]
kind = { PP = "pleje" }
visit_id = { a = "b" }
nothing = { a = "b" }
planned_minutes = { halv = "en halv" }

[codes.notes.text]
hej = "goddag"

[codes.hospital_notifications]
planned = { J = "ja" }

[units]
q = "quux"
z = { to = "kg", scale = 2.0 }
m = { to = "g", code = "NPU03804", scale = 0.0, source = "ours" }
o = { to = "kg", offset = 1.0 }
c = { to = "kg", code = "event:fall" }
d = { to = "mmol/L", code = "NPU03804" }

[more]
"""


KNOWN_UNITS = {measured.unit for measured in vocabulary().measured.values()} | {
    unit for _, unit in vocabulary().conversions
}


def test_every_fault_is_told_with_its_line(tmp_path: Path) -> None:
    found = read_mapping(written(tmp_path, FAULTY))

    assert found.mapping is None
    assert [fault.line for fault in found.faults] == sorted(fault.line or 0 for fault in found.faults)
    assert {fault.line: fault.what for fault in found.faults} == {
        1: "is no table of a drop; there are citizens, visits, observations, notes, conditions, services, "
        "monitoring_plans, hospital_notifications",
        5: "visits has no column starttid; it has visit_id, citizen_id, recorded_at, started_at, planned_minutes, "
        "delivered_minutes, kind, status",
        6: "started_at is needed to know which day a row is of, and cannot hold for some days only",
        8: "et is kind already, on the same days",
        11: "NPU0380 is no known code; nearest: NPU03804, NPU03011, NPU03987",
        12: "is known here and cannot be given another meaning",
        13: "means two things on the same day: give the entries days that do not overlap",
        14: "must be a date, written without quotes: 2025-01-31",
        15: "ends before it begins: valid_to must be after valid_from",
        16: "event:fall is no measured value and has no unit",
        17: "NPU03804 is not known in mmol/L; say it in kg",
        20: "pleje is not one of acute, night, nursing, personal_care, practical_help, rehabilitation",
        21: "holds no codes, and is not mapped",
        22: "visits has no column nothing; it has visit_id, citizen_id, recorded_at, started_at, planned_minutes, "
        "delivered_minutes, kind, status",
        23: "en halv is no number from 0 to 1440",
        25: "holds no codes, and is not mapped",
        29: 'planned is "true" or "false"',
        32: f"quux is no known unit; there are {', '.join(sorted(KNOWN_UNITS))}",
        33: "a scale needs its source, in words",
        34: "a scale of 0 makes every value alike",
        35: "an offset or a source belongs to a scale",
        36: "event:fall is no measured value",
        37: "NPU03804 is not known in mmol/L",
        39: "is nothing a mapping file knows",
    }


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a = \n", 1, "is no TOML"),
        ("[units]\nx = 3\n", 2, "must be a text, or a table"),
        ("[units]\nx = []\n", 2, "at least 1"),
        ("units = 3\n", 1, "must be a table"),
        ('[units]\n"" = "kg"\n', 2, "at least 1"),
        ('[units]\nx = { to = "kg", scale = inf, code = "NPU03804", source = "x" }\n', 2, "finite"),
    ],
)
def test_a_file_of_another_form_is_told_where(tmp_path: Path, text: str, line: int, words: str) -> None:
    faults = read_mapping(written(tmp_path, text)).faults

    assert [fault.line for fault in faults] == [line]
    assert words in str(faults[0])


def test_a_file_with_faults_is_not_used_at_all(tmp_path: Path) -> None:
    with pytest.raises(DataWrong, match=r"line 2: units\.q: quux is no known unit"):
        use_mapping(written(tmp_path, '[units]\nq = "quux"\n'))
    with pytest.raises(NotFound):
        use_mapping(tmp_path / "none.toml")
    assert mapping_in_use(tmp_path / "none.toml") is UNMAPPED
    (tmp_path / "latin.toml").write_bytes('municipality = "Nørre"'.encode("latin-1"))
    assert "UTF-8" in str(read_mapping(tmp_path / "latin.toml").faults[0])


def test_a_local_column_beside_the_one_it_stands_for_is_refused(store: Database, tmp_path: Path) -> None:
    rows = [observation("1", "NPU03804", value=80.0) | {"maalt": "2025-01-01"}]
    report = load(store, tmp_path, '[columns.observations]\nmaalt = "observed_at"\n', observations=rows)

    assert "more than once: observed_at" in report.refused[0].message


def _condition(code: str, recorded_at: str = "2025-01-10T09:00:00Z") -> dict[str, object]:
    return {"condition_id": "c1", "citizen_id": "A1", "recorded_at": recorded_at, "code": code, "status": "active"}


def events(database: Database) -> list[dict[str, object]]:
    """The events conditions become, as features see them."""
    with database.read() as session:
        rows = list(facts.rows_for_projection(session, "conditions"))
    return [row for part in rows for row in project("conditions", part).to_pylist()]


def test_a_condition_by_legacy_key_and_by_uuid_is_the_same_event_and_sent_again_it_is_not_two(
    store: Database, tmp_path: Path
) -> None:
    load(store, tmp_path, conditions=[_condition("I7.2")])
    by_key = events(store)
    again = load(store, tmp_path, conditions=[_condition(UUID_OF_CIRCULATION)])

    assert again.tables["conditions"].unchanged == 1
    assert events(store) == by_key
    assert [event["code"] for event in by_key] == ["condition:I7.2"]

    later = load(store, tmp_path, conditions=[_condition(UUID_OF_CIRCULATION, "2025-02-10T09:00:00Z")])
    assert later.tables["conditions"].corrected == 1
    assert [event["code"] for event in events(store) if event["superseded_at"] is None] == ["condition:I7.2"]
    assert json.loads(str(told(store, "conditions")["c1"]["sent"])) == {"code": UUID_OF_CIRCULATION}


def test_a_code_in_a_row_of_a_day_before_it_could_be_used_is_taken_and_counted(store: Database, tmp_path: Path) -> None:
    rows = [_condition("fsiii:Problemer_med_vaegt", "2024-05-01T09:00:00Z")]
    report = load(store, tmp_path, conditions=rows).tables["conditions"]

    assert (report.new, report.codes_too_early) == (1, {"I3/Problemer_med_vaegt": 1})
