"""How far outcomes are known: as far as the record reaches and hospitals are heard."""

from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.snapshot import Snapshot
from models.truth.heard import LEAST_PAUSE_DAYS, MOST_PAUSES, known_before
from models.windows import day_number, day_of
from tests.models.happenings import Happening
from tests.models.stored import snapshot_of

FIRST = date(2025, 1, 1)
LAST = 150
"""The last day of the record, counted from the first as all days here."""


def town(folder: Path, notified: list[int], last: int = LAST, code: str = "stay:acute") -> Snapshot:
    """Visits on every tenth day and the last, and an event of the code, told at once, on each of the days."""
    visits = [_on(day, "visit:nursing", day % 3) for day in {*range(0, last + 1, 10), last}]
    return snapshot_of([*visits, *(_on(day, code, day % 5) for day in notified)], folder, 2)


def _on(day: int, code: str, citizen: int) -> Happening:
    at = datetime(2025, 1, 1, 22, tzinfo=ZoneInfo("Europe/Copenhagen")) + timedelta(days=day)
    return Happening(citizen, code, at, at)


def reached(snapshot: Snapshot, day: int = 9999) -> int:
    return known_before(snapshot, day_number(FIRST) + day) - day_number(FIRST)


def test_where_hospitals_are_heard_to_the_end_the_record_alone_says_how_far(tmp_path: Path) -> None:
    snapshot = town(tmp_path, [*range(0, LAST, 4)])
    assert reached(snapshot) == LAST + 1
    assert day_of(known_before(snapshot)) == FIRST + timedelta(days=LAST + 1)
    assert reached(snapshot, 77) == 77


@pytest.mark.parametrize("last", [40, 100])
def test_where_they_fell_silent_nothing_after_is_known_however_long_ago(tmp_path: Path, last: int) -> None:
    assert reached(town(tmp_path, [*range(0, 31, 3)], last)) == min(last, 30 + LEAST_PAUSE_DAYS) + 1


def test_a_small_town_is_silent_for_longer(tmp_path: Path) -> None:
    assert reached(town(tmp_path, [0, 10, 35, 40, 60])) == 60 + 25 + 1


def test_that_they_had_stopped_before_is_not_what_is_usual(tmp_path: Path) -> None:
    notified = [*range(20), *range(79, 100)]
    mean = 99 / (len(notified) - 1)
    assert reached(town(tmp_path, notified)) == 99 + int(MOST_PAUSES * mean) + 1


def test_looking_from_an_earlier_day_what_was_heard_later_says_nothing(tmp_path: Path) -> None:
    snapshot = town(tmp_path, [*range(31), *range(120, LAST)])
    assert reached(snapshot, 110) == 30 + LEAST_PAUSE_DAYS + 1
    assert reached(snapshot) == LAST + 1


def test_one_day_is_no_rhythm(tmp_path: Path) -> None:
    assert reached(town(tmp_path, [5])) == 5 + LEAST_PAUSE_DAYS + 1


def test_where_no_hospital_was_heard_nothing_is_known(tmp_path: Path) -> None:
    assert reached(town(tmp_path / "none", [])) == 0
    assert reached(town(tmp_path / "later", [90]), 50) == 0
    assert reached(town(tmp_path / "before", [90]), -3) == -3
    assert reached(town(tmp_path / "others", [90], code="condition")) == 0
    assert known_before(snapshot_of([], tmp_path / "empty")) == 0


@settings(max_examples=8)
@given(st.sets(st.integers(0, LAST), max_size=12))
def test_from_a_later_day_no_less_is_known(notified: set[int]) -> None:
    with TemporaryDirectory() as folder:
        snapshot = town(Path(folder), sorted(notified))
        found = [reached(snapshot, day) for day in range(-1, LAST + 20, 9)]
    assert found == sorted(found)
