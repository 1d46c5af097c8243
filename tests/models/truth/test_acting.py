"""Whether nurses acted on a citizen within a row's horizon: which days count, what was taken back, what comes later."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.features.build import compiled
from models.features.catalogue import CATALOGUE
from models.truth.acting import ACTED, acted
from models.windows import day_number
from tests.models.happenings import Happening, as_events, happenings
from tests.models.invented import another_future, histories, turning_days
from tests.models.oracle.times import is_visible, midnight

CODES = (ACTED, "visit:nursing", "stay:acute")


def told(found: list[Happening], rows: list[tuple[int, date]], known_before: date) -> list[bool]:
    citizen = np.array([citizen for citizen, _ in rows], dtype=np.int32)
    as_of = np.array([day_number(day) for _, day in rows], dtype=np.int32)
    return acted(as_events(found), citizen, as_of, day_number(known_before)).tolist()


def told_of(text: str, known_before: str = "2026-01-01") -> bool:
    return told(happenings(text), [(1, date(2025, 3, 10))], date.fromisoformat(known_before))[0]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2025-03-09 23:59:59.999999", False),
        ("2025-03-10 00:00", True),
        ("2025-04-08 23:59:59.999999", True),
        ("2025-04-09 00:00", False),
    ],
)
def test_what_was_done_within_the_horizon_counts(at: str, expected: bool) -> None:
    assert told_of(f"code | occurred_at\n{ACTED} | {at}") is expected


def test_what_was_taken_back_was_not_done() -> None:
    drawn = f"code | occurred_at | superseded_at\n{ACTED} | 2025-03-12 10:00 | 2025-03-12 11:00"
    assert told_of(drawn) is False
    assert told_of(drawn, known_before="2025-03-12") is False


def test_another_citizens_does_not_count_nor_does_another_kind_of_event() -> None:
    assert told_of(f"citizen | code | occurred_at\n2 | {ACTED} | 2025-03-12 10:00") is False
    assert told_of("code | occurred_at\nvisit:nursing | 2025-03-12 10:00") is False


def test_no_feature_looks_at_what_nurses_did() -> None:
    assert compiled(CATALOGUE, (ACTED,)).of_code.tolist() == [0, 0]


@given(st.data(), turning_days(), st.integers(-3, 70))
def test_it_is_what_a_slow_reading_says(data: st.DataObject, as_of: date, later: int) -> None:
    found, known_before = data.draw(histories(as_of, CODES)), as_of + timedelta(days=later)
    rows = [(citizen, as_of + timedelta(days=days)) for days in (-7, 0, 7) for citizen in (1, 2, 3)]
    slow = [
        any(
            each.citizen == citizen
            and each.code == ACTED
            and is_visible(each, known_before)
            and midnight(day) <= each.occurred_at < midnight(day + timedelta(days=30))
            for each in found
        )
        for citizen, day in rows
    ]
    assert told(found, rows, known_before) == slow


@given(st.data(), turning_days())
def test_what_is_known_later_changes_nothing(data: st.DataObject, day: date) -> None:
    found = data.draw(histories(day, CODES))
    other = data.draw(another_future(found, midnight(day), histories(day, CODES, most=15)))
    rows = [(citizen, day - timedelta(days=back)) for back in (3, 33) for citizen in (1, 2, 3)]
    assert told(other, rows, day) == told(found, rows, day)
