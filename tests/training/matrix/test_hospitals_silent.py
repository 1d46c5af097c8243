"""Where hospitals are not heard nobody is taken for not admitted: neither in what is learnt nor in what is measured."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from models.cohort import Cohort, Status
from models.errors import DataWrong, RequestWrong
from models.snapshot import Snapshot
from models.truth.heard import LEAST_PAUSE_DAYS
from models.windows import day_number, day_of, local_days
from tests.models.happenings import Happening, moment
from tests.models.stored import snapshot_of
from tests.training.invented_rows import quick_settings, snapshot
from training.matrix import data
from training.matrix.rows import Rows

SETTINGS = quick_settings().data
FIRST = date(2024, 1, 1)
DAYS = 300


def town(folder: Path, heard: range) -> Snapshot:
    """Three citizens visited on every day, and somebody seen in the emergency ward on each of some days."""
    found = [_on(-400, "citizen:care_start", citizen) for citizen in range(3)]
    found += [_on(day, "visit:nursing", citizen) for day in range(DAYS) for citizen in range(3)]
    return snapshot_of([*found, *(_on(day, "stay:emergency", day % 3) for day in heard)], folder, 2)


def _on(day: int, code: str, citizen: int) -> Happening:
    at = moment(f"{FIRST + timedelta(days=day)} 12:00")
    return Happening(citizen, code, at, at)


def test_a_training_ends_where_hospitals_fell_silent(tmp_path: Path) -> None:
    silent = town(tmp_path / "silent", range(0, 121, 5))
    covered = data.span(silent, None)
    assert covered == data.Span(day_number(FIRST), day_number(FIRST) + 120 + LEAST_PAUSE_DAYS + 1)
    rows = data.labelled(silent, covered, SETTINGS, lambda _: None)
    assert rows.as_of.max() + 33 <= covered.known_before
    heard = town(tmp_path / "heard", range(0, DAYS, 5))
    assert data.span(heard, None).known_before == day_number(FIRST) + DAYS
    assert data.span(heard, FIRST + timedelta(days=200)).known_before == day_number(FIRST) + 200


def test_a_town_that_is_heard_is_used_to_the_end_of_its_record(tmp_path: Path) -> None:
    whole = snapshot(tmp_path)
    assert data.span(whole, None).known_before == local_days(np.array([whole.known_until]))[0] + 1


def test_without_hospitals_there_is_nothing_to_learn(tmp_path: Path) -> None:
    deaf = town(tmp_path, range(0))
    covered = data.span(deaf, None)
    assert covered.known_before == covered.first_day
    with pytest.raises(DataWrong, match="Since 2024-01-01 no hospital notification is known"):
        data.labelled(deaf, covered, SETTINGS, lambda _: None)
    with pytest.raises(RequestWrong, match="Nothing was known before 2024-01-01"):
        data.span(deaf, day_of(covered.first_day))


def test_a_row_untold_under_either_policy_is_left_out_and_counted() -> None:
    who = Cohort(
        citizen=np.arange(5, dtype=np.int32),
        as_of=np.full(5, 20_000, dtype=np.int32),
        status=np.array([*[Status.RANKED] * 4, Status.NO_DATA], dtype=np.int8),
        district=np.zeros(5, dtype=np.int32),
        districts=("Nord",),
    )
    outcome, second = np.array([1, 0, 0, -1, 0], dtype=np.int8), np.array([0, -1, 0, 0, 0], dtype=np.int8)
    rows = Rows.of(who, outcome, second)
    assert (rows.citizen.tolist(), rows.outcome.tolist(), rows.second.tolist()) == ([0, 2], [1, 0], [0, 0])
    assert rows.left_out == {"no data": 1, "without a known outcome": 2}
