"""A signal week by week, as it was known on the list's date."""

from datetime import date
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.features.catalogue import CATALOGUE
from models.reasons.courses import WEEKS, Weekly, weekly_course
from models.windows import day_number
from tests.models.happenings import Happening, as_events, happenings
from tests.models.invented import another_future, histories

AS_OF = date(2025, 4, 7)  # a week after clocks were put forward
DAY = day_number(AS_OF)
NONE = (None,) * (WEEKS - 1)


def course(table: str, *signals: str, told_as: Weekly = Weekly.COUNT) -> tuple[float | None, ...]:
    return weekly_course(as_events(happenings(table)), signals, CATALOGUE, DAY, told_as)


def last(table: str, *signals: str, told_as: Weekly = Weekly.COUNT) -> float | None:
    return course(table, *signals, told_as=told_as)[-1]


def test_weeks_end_with_the_day_before_the_date_and_begin_at_midnight():
    found = course(
        """
        code                 | occurred_at
        event:emergency_call | 2025-04-06 23:59
        event:emergency_call | 2025-03-31 00:00
        event:emergency_call | 2025-03-30 23:59
        event:emergency_call | 2025-01-13 00:00
        event:emergency_call | 2025-01-12 23:59
        """,
        "emergency_call",
    )
    assert found == (1, *[0] * 9, 1, 2)


@pytest.mark.parametrize(
    ("recorded", "superseded", "count"),
    [
        ("2025-04-06 23:59", "", 1),
        ("2025-04-07 00:00", "", 0),
        ("2025-04-03 08:00", "2025-04-06 23:59", 0),
        ("2025-04-03 08:00", "2025-04-07 00:00", 1),
    ],
)
def test_only_what_was_known_and_stood_before_the_date_is_drawn(recorded: str, superseded: str, count: int):
    table = f"""
    code                 | occurred_at      | recorded_at | superseded_at
    event:emergency_call | 2025-04-03 07:00 | {recorded}  | {superseded}
    """
    assert last(table, "emergency_call") == count


def test_what_happens_on_the_date_or_later_is_not_drawn_though_it_is_known():
    table = """
    code          | occurred_at      | recorded_at      | value
    visit:nursing | 2025-04-07 08:00 | 2025-04-01 08:00 | 30
    """
    assert course(table, "minutes", told_as=Weekly.SUM) == (0,) * WEEKS


MINUTES = """
code                | occurred_at      | value
visit:nursing       | 2025-04-01 08:00 | 20
visit:personal_care | 2025-04-02 08:00 | 45
visit:night         | 2025-04-02 23:00 |
visit:planned       | 2025-04-02 08:00 | 60
"""


def test_a_sum_adds_values_and_passes_over_missing_ones():
    assert last(MINUTES, "minutes", told_as=Weekly.SUM) == 65
    assert last(MINUTES, "minutes") == 3


def test_a_mean_is_of_the_values_there_are_and_nothing_where_there_are_none():
    table = """
    code           | occurred_at      | value
    NPU08676       | 2025-04-01 08:00 | 37.0
    noted:NPU08676 | 2025-04-02 08:00 | 38.5
    NPU08676       | 2025-04-03 08:00 |
    """
    assert course(table, "temperature", told_as=Weekly.MEAN) == (*NONE, 37.75)


def test_a_concern_looked_for_and_absent_is_not_counted():
    table = """
    code          | occurred_at      | value
    sign:fever    | 2025-04-01 08:00 | 0
    sign:fever    | 2025-04-02 08:00 | 2
    mention:fever | 2025-04-03 08:00 | 1
    sign:fever    | 2025-04-04 08:00 |
    """
    assert last(table, "fever") == 3


def test_being_found_is_asked_only_of_the_signals_that_ask_for_it():
    table = """
    code           | occurred_at      | value
    visit:declined | 2025-04-01 08:00 | 0
    sign:refusal   | 2025-04-02 08:00 | 0
    """
    assert last(table, "declined", "refusal") == 1


def test_green_is_no_triage_one_is_told_of():
    table = """
    code          | occurred_at
    triage:green  | 2025-04-01 08:00
    triage:yellow | 2025-04-02 08:00
    triage:red    | 2025-04-03 08:00
    """
    assert last(table, "triage") == 2


def test_an_event_of_two_signals_is_counted_once():
    table = """
    code       | occurred_at
    event:fall | 2025-04-01 08:00
    """
    assert last(table, "fall", "concerns") == last(table, "fall") == 1


def test_nothing_at_all_is_a_flat_course():
    nothing: list[Happening] = []
    assert weekly_course(as_events(nothing), ["fever"], CATALOGUE, DAY, Weekly.COUNT) == (0,) * WEEKS


CODES = ("event:emergency_call", "sign:fever", "mention:fever", "NPU08676", "visit:nursing")
LISTED = happenings("code | occurred_at\nx | 2025-04-07 00:00")[0].occurred_at


@st.composite
def futures(draw: st.DrawFn) -> tuple[list[Happening], list[Happening]]:
    """A history, and the same up to the date with another future."""
    found = draw(histories(AS_OF, CODES))
    return found, draw(another_future(found, LISTED, histories(AS_OF, CODES, most=10)))


@given(futures(), st.sampled_from(Weekly))
def test_another_future_draws_the_same_course(both: tuple[list[Happening], list[Happening]], told_as: Weekly):
    signals = ("emergency_call", "fever", "temperature", "minutes")
    courses = [weekly_course(as_events(found), signals, CATALOGUE, DAY, told_as) for found in both]
    for one, other in zip(*courses, strict=True):
        assert one == other or (one and other and isclose(one, other, rel_tol=1e-5, abs_tol=1e-3))
