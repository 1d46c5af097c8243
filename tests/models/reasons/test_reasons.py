"""Reasons: the strongest first, few, in words, and only of what the citizen's own record holds."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.events import Events
from models.features.build import build
from models.features.catalogue import CATALOGUE
from models.features.spec import Signal
from models.reasons import wording
from models.reasons.telling import LEAST_STRENGTH, Explained, Reason, against, reasons
from models.windows import day_number
from tests.models.happenings import Happening, as_events, moment
from tests.models.invented import histories
from tests.models.rows_by_name import SETTLED, explained

BUSY = SETTLED | {
    "fluid_low.count.30d": 2.0,
    "fever.count.30d": 1.0,
    "emergency_call.count.30d": 1.0,
    "discharge.since.ever": 9.0,
    "discharge.last.365d": 2.0,
    "triage.max.7d": 2.0,
    "minutes.sum.7d": 300.0,
    "admission.count.90d": 1.0,
    "admission.since.ever": 14.0,
}
SHARES = {
    "fluid_low.count.30d": 0.5,
    "fever.count.30d": 0.4,
    "emergency_call.count.30d": 0.3,
    "discharge.since.ever": 0.25,
    "triage.max.7d": 0.2,
    "minutes.sum.7d": 0.15,
    "admission.count.90d": 0.1,
}


def groups(found: tuple[Reason, ...]) -> list[str]:
    return [reason.group for reason in found]


def test_the_strongest_come_first_and_no_more_than_asked_for():
    row = explained(BUSY, SHARES)
    assert groups(reasons(row)) == ["nutrition", "infection", "emergency_call", "discharge", "triage"]
    assert groups(reasons(row, most=2)) == ["nutrition", "infection"]
    assert len(reasons(row, most=50)) == len(SHARES)
    assert reasons(row, most=0) == ()


def test_where_everything_counts_every_group_with_something_to_tell_is_told():
    row = explained(BUSY, dict.fromkeys(CATALOGUE.names, 0.1))
    assert set(groups(reasons(row, most=1000))) == {CATALOGUE.feature(name).group for name in SHARES}


def test_a_groups_strength_is_the_sum_of_its_features():
    shares = {"fluid_low.count.30d": 0.2, "fluid_low.count.7d": 0.1, "appetite_low.count.30d": -0.05}
    (reason,) = reasons(explained(BUSY, shares))
    assert reason.strength == pytest.approx(0.25)
    assert reason.danish == "Drikker for lidt: noteret 2 gange på 30 dage"
    assert reason.signals == ("fluid_low",)


def test_a_comparison_counts_for_the_signal_it_is_about():
    shares = {"minutes.sum.7d.log_ratio.planned.sum.7d": 0.3, "season.sin": 0.2}
    row = explained(BUSY, shares)
    assert row.by_signal()["minutes"] == pytest.approx(0.3)
    assert row.by_signal()["season"] == pytest.approx(0.2)
    assert row.by_group()["care_time"] == pytest.approx(0.3)


def test_the_base_is_nobodys_reason():
    row = explained(BUSY, {})
    row.contributions[-1] = 5.0
    assert reasons(row) == ()


def test_a_group_without_words_is_passed_over_for_the_next():
    shares = SHARES | {"birth.since.ever": 0.9, "copd.count.ever": 0.8, "notes.count.7d": 0.7, "pulse.last.90d": 0.6}
    assert groups(reasons(explained(BUSY, shares), most=2)) == ["nutrition", "infection"]


@pytest.mark.parametrize(("share", "told"), [(LEAST_STRENGTH, 1), (LEAST_STRENGTH * 0.99, 0), (-0.5, 0)])
def test_what_is_too_weak_or_lowers_the_risk_is_no_reason(share: float, told: int):
    assert len(reasons(explained(BUSY, {"fluid_low.count.30d": share}))) == told


CALM = SETTLED | {"records.count.90d": 12.0, "minutes.sum.7d": 100.0, "minutes.sum.90d": 1285.0}


def test_against_is_what_lowers_the_risk_the_strongest_first():
    shares = {
        "minutes.sum.7d": -0.1,
        "emergency_call.count.30d": -0.3,
        "admission.count.90d": -0.2,
        "fever.count.30d": -0.15,
        "birth.since.ever": -0.9,
        "fluid_low.count.30d": 0.4,
    }
    row = explained(CALM, shares)
    found = against(row)
    assert groups(found) == ["emergency_call", "admissions", "infection"]
    assert [reason.strength for reason in found] == pytest.approx([-0.3, -0.2, -0.15])
    assert groups(against(row, most=9))[3:] == ["care_time"]
    assert reasons(row) == ()


def test_groups_of_equal_strength_stand_in_the_order_of_their_names():
    shares = {"triage.max.7d": 0.25, "discharge.since.ever": 0.25, "fever.count.30d": 0.25}
    assert groups(reasons(explained(BUSY, shares))) == ["discharge", "infection", "triage"]


AS_OF = date(2025, 4, 1)
DAY = day_number(AS_OF)
CODES = (
    *("visit:personal_care", "visit:acute", "visit:declined", "visit:no_response", "sign:fluid_low", "mention:fever"),
    *("mention:fever:absent", "sign:refusal", "event:fall", "event:emergency_call", "triage:green", "triage:red"),
    *("NPU03804", "noted:NPU08676", "NPU21692", "stay:acute", "stay:planned", "stay:emergency", "note:SPL"),
)
LONG_IN_CARE = Happening(1, "citizen:care_start", moment("2020-01-01"), moment("2020-01-01"))


@st.composite
def rows_of_events(draw: st.DrawFn) -> tuple[Explained, Events]:
    """A row built from events of a citizen, with contributions that have nothing to do with them; and the events."""
    happened = [replace(one, citizen=1) for one in draw(histories(AS_OF, CODES))]
    if draw(st.booleans()):
        happened.append(LONG_IN_CARE)
    if draw(st.booleans()):
        end = draw(st.integers(1, 100))
        left = moment(str(AS_OF - np.timedelta64(end, "D").item()))
        happened.append(Happening(1, "stay:end", left, left, value=float(end) / 7))
    events = as_events(happened)
    values: NDArray[np.float32] = build(events, np.array([1], np.int32), np.array([DAY], np.int32), CATALOGUE)[0]
    seed = draw(st.integers(0, 2**32 - 1))
    contributions = np.random.default_rng(seed).normal(0.0, 0.2, len(CATALOGUE.names) + 1)
    return Explained(values, contributions, CATALOGUE), events


def happened(events: Events, signal: Signal) -> bool:
    """Whether the citizen's record, as known on the day, holds an event that counts as the signal."""
    own = events.with_codes(signal.codes)
    before = (own.day < DAY) & (own.known_day < DAY) & (own.superseded_day >= DAY)
    found = own.where(before & ~(own.value <= 0)) if signal.found_only else own.where(before)
    return len(found) > 0


@given(rows_of_events())
@settings(max_examples=40)
def test_no_reason_rests_on_what_the_citizens_own_record_does_not_hold(given_row: tuple[Explained, Events]):
    row, events = given_row
    for reason in reasons(row, most=50):
        assert reason.signals
        for name in reason.signals:
            assert happened(events, CATALOGUE.signal(name)), reason
            assert CATALOGUE.signal(name).group == reason.group


@given(rows_of_events())
@settings(max_examples=40)
def test_what_speaks_against_did_not_happen_or_is_told_as_steady(given_row: tuple[Explained, Events]):
    row, events = given_row
    for reason in against(row, most=50):
        if reason.group != "care_time":
            since = events.where(events.day >= DAY - 90)
            assert not any(happened(since, CATALOGUE.signal(name)) for name in reason.signals), reason


@given(rows_of_events(), st.integers(0, 8))
def test_reasons_are_few_ordered_strong_and_the_same_again(given_row: tuple[Explained, Events], most: int):
    row, _ = given_row
    for found, sign in ((reasons(row, most), 1.0), (against(row, most), -1.0)):
        strengths = [sign * reason.strength for reason in found]
        assert len(found) <= most
        assert strengths == sorted(strengths, reverse=True)
        assert all(strength >= LEAST_STRENGTH for strength in strengths)
        assert len({reason.group for reason in found}) == len(found)
        assert not {reason.group for reason in found} & wording.UNTOLD
    again = Explained(row.values.copy(), row.contributions.copy(), CATALOGUE)
    assert reasons(again, most) == reasons(row, most)
    assert against(again, most) == against(row, most)
