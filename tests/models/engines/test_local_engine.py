"""The engine on one machine: the same rows whatever the buckets, files, threads and company they are computed in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.cohort import Status
from models.engines import local
from models.engines.local import Matrix, acted_on, labels, matrix
from models.features.catalogue import CATALOGUE
from models.features.spec import EVER, Aggregate, Aggregation, Catalogue, Feature, Window
from models.truth.acting import ACTED, acted
from models.truth.label import DEFAULT_POLICY, UNTOLD, label
from models.windows import day_number, day_of
from tests.models.happenings import Happening, as_events, happenings
from tests.models.invented import SIGNALS, another_future, catalogues, histories, turning_days
from tests.models.oracle.aggregates import features
from tests.models.oracle.people import listed
from tests.models.oracle.times import midnight
from tests.models.stored import is_standing, snapshot_of

CODES = (
    *("citizen:care_start", "citizen:care_start", "citizen:care_end", "citizen:death", "district:North"),
    *("district:South", "stay:start", "stay:end", "stay:acute", "a", "b", "b:x", "c", "d"),
)
Rows = dict[tuple[int, date], tuple[str, str | None, tuple[float, ...]]]


def in_care(found: Sequence[Happening], day: date) -> list[Happening]:
    """The same events, and care in force for all three citizens, so that there are rows to look at."""
    since = midnight(day - timedelta(days=900))
    first = len(found)
    care = [Happening(citizen, "citizen:care_start", since, since, sequence=first + citizen) for citizen in (1, 2, 3)]
    return [*(each for each in found if each.code != "citizen:care_start"), *care]


def by_row(of: Matrix) -> Rows:
    """Each row in words and numbers; missing numbers compare as equal."""
    return {
        (int(citizen), day_of(day)): (
            Status(status).name,
            of.districts[district] if district >= 0 else None,
            tuple(-999.25 if np.isnan(value) else float(value) for value in values),
        )
        for citizen, day, status, district, values in zip(
            of.citizen, of.as_of, of.status, of.district, of.values, strict=True
        )
    }


def rows_of(found: Sequence[Happening], days: Sequence[date], catalogue: Catalogue, buckets: int = 2) -> Rows:
    """The matrix of a new snapshot of the events."""
    with TemporaryDirectory() as folder:
        snapshot = snapshot_of(found, Path(folder), buckets, standing=_all_but_windowed)
        return by_row(matrix(snapshot, [day_number(day) for day in days], catalogue))


def _all_but_windowed(happening: Happening) -> bool:
    """Drawn catalogues look back for ever at any code, so only what no window reaches for ever may be a stream."""
    return is_standing(happening) or happening.code in {"a", "b", "b:x", "c", "d"}


@given(st.data())
def test_the_matrix_has_the_rows_and_numbers_the_oracles_name(data: st.DataObject) -> None:
    day, catalogue = data.draw(turning_days()), data.draw(catalogues())
    found = in_care(data.draw(histories(day, CODES)), day)
    days = [day, day + timedelta(days=7)]
    rows = rows_of(found, days, catalogue)
    places = {(citizen, each): place for each in days for citizen, place in listed(found, each).items()}
    assert {row: place for row, (*place, _) in rows.items()} == {row: list(place) for row, place in places.items()}
    weight = max(1.0, sum(abs(each.value or 0.0) for each in found))
    for (citizen, each), (_, _, values) in rows.items():
        expected = np.nan_to_num(list(features(found, citizen, each, catalogue).values()), nan=-999.25)
        np.testing.assert_allclose(values, expected, rtol=1e-6, atol=1e-6 * weight)


@settings(max_examples=max(3, settings().max_examples // 5))
@given(st.data())
def test_a_date_computed_alone_is_the_same_to_the_last_bit_as_among_many(data: st.DataObject) -> None:
    day, start = data.draw(turning_days()), data.draw(st.integers(0, len(CATALOGUE.features) - 1))
    catalogue = Catalogue(CATALOGUE.signals, CATALOGUE.features[start : start + 100])
    found = in_care(data.draw(histories(day, _codes_of(catalogue))), day)
    days = [day + timedelta(weeks=week) for week in range(-3, 4)]
    with TemporaryDirectory() as folder:
        snapshot = snapshot_of(found, Path(folder))
        together = matrix(snapshot, [day_number(each) for each in days], catalogue)
        for each in days:
            alone = matrix(snapshot, [day_number(each)], catalogue)
            of_day = together.rows(together.as_of == day_number(each))
            assert of_day.values.tobytes() == alone.values.tobytes()
            assert by_row(of_day) == by_row(alone)


@settings(max_examples=max(3, settings().max_examples // 5))
@given(st.data())
def test_rows_may_be_chosen_before_their_features_are_made(data: st.DataObject) -> None:
    day, catalogue = data.draw(turning_days()), data.draw(catalogues())
    found = in_care(data.draw(histories(day, CODES)), day)
    days = [day_number(day + timedelta(weeks=week)) for week in range(-3, 4)]
    with TemporaryDirectory() as folder:
        snapshot = snapshot_of(found, Path(folder), 3, standing=_all_but_windowed)
        whole, who = matrix(snapshot, days, catalogue), local.everyone(snapshot, days)
        for name in ("citizen", "as_of", "status", "district", "districts"):
            np.testing.assert_array_equal(getattr(who, name), getattr(whole, name))
        chosen = np.array(data.draw(st.permutations(range(len(who))))[: len(who) // 2], dtype=np.int64)
        some = local.features(snapshot, who.citizen[chosen], who.as_of[chosen], catalogue)
        assert some.tobytes() == whole.values[chosen].tobytes()


def _codes_of(catalogue: Catalogue) -> list[str]:
    signals = [catalogue.signal(name) for name in {part.signal for part in catalogue.aggregates}]
    return sorted({code.replace("*", "1.2") for signal in signals for code in signal.codes}) or ["a"]


def test_a_silent_citizen_is_told_apart_though_no_window_reaches_the_last_word(tmp_path: Path) -> None:
    text = """
        code               | occurred_at      | recorded_at
        citizen:care_start | 2024-01-01 00:00 | 2023-12-01 08:00
        visit:nursing      | 2025-02-24 08:00 | 2025-02-24 08:00
    """
    short = Catalogue(SIGNALS, [Feature(Aggregate("one", Aggregation.COUNT, Window(1)), "", "", "")])
    days = [day_number(date(2025, 3, 10)), day_number(date(2025, 3, 11))]
    snapshot = snapshot_of(happenings(text), tmp_path)
    assert matrix(snapshot, days, short).status.tolist() == [Status.RANKED, Status.NO_DATA]
    assert [int(matrix(snapshot, [day], short).status[0]) for day in days] == [Status.RANKED, Status.NO_DATA]


@given(st.data())
def test_buckets_threads_and_the_order_of_events_change_no_row(data: st.DataObject) -> None:
    day, catalogue = data.draw(turning_days()), data.draw(catalogues())
    found = in_care(data.draw(histories(day, CODES)), day)
    days = [day, day + timedelta(days=7)]
    rows = rows_of(found, days, catalogue, buckets=1)
    assert rows_of(found, days, catalogue, buckets=data.draw(st.integers(2, 4))) == rows
    assert rows_of(data.draw(st.permutations(found)), days, catalogue) == rows


def test_one_thread_and_four_make_the_same_matrix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    day = date(2025, 3, 10)
    found = in_care([Happening(c, "a", midnight(day), midnight(day), sequence=c) for c in range(1, 40)], day)
    snapshot = snapshot_of(found, tmp_path)
    days = [day_number(day), day_number(day) + 1]
    made: list[Rows] = []
    for workers in (1, 4):
        monkeypatch.setattr(local, "WORKERS", workers)
        made.append(by_row(matrix(snapshot, days)))
    assert made[0] == made[1]


@given(st.data())
def test_no_row_depends_on_anything_recorded_at_or_after_its_date(data: st.DataObject) -> None:
    day, catalogue = data.draw(turning_days()), data.draw(catalogues())
    found = in_care(data.draw(histories(day, CODES)), day)
    other = data.draw(another_future(found, midnight(day), histories(day, CODES, most=15)))
    assert rows_of(other, [day], catalogue) == rows_of(found, [day], catalogue)


def test_rows_are_sorted_by_date_and_citizen_and_named_by_the_catalogue(tmp_path: Path) -> None:
    found = in_care([], date(2025, 3, 10))
    days = [day_number(date(2025, 3, day)) for day in (17, 10, 17)]
    made = matrix(snapshot_of(found, tmp_path), days)
    assert list(by_row(made)) == [(citizen, date(2025, 3, day)) for day in (10, 17) for citizen in (1, 2, 3)]
    assert len(made) == 6
    assert made.names == CATALOGUE.names
    assert made.values.shape == (6, len(CATALOGUE.names))
    assert made.values.dtype == np.float32


def test_rows_are_chosen_by_mask_and_by_position(tmp_path: Path) -> None:
    made = matrix(snapshot_of(in_care([], date(2025, 3, 10)), tmp_path), [day_number(date(2025, 3, 10))])
    assert made.rows(made.citizen == 2).citizen.tolist() == [2]
    assert made.rows(np.array([2, 0])).citizen.tolist() == [3, 1]


def test_of_nobody_and_of_no_date_there_are_no_rows(tmp_path: Path) -> None:
    snapshot = snapshot_of([], tmp_path / "empty")
    assert len(matrix(snapshot, [day_number(date(2025, 3, 10))])) == 0
    assert len(matrix(snapshot_of(in_care([], date(2025, 3, 10)), tmp_path / "some"), [])) == 0


def test_progress_goes_from_none_to_all(tmp_path: Path) -> None:
    told: list[float] = []
    matrix(snapshot_of([], tmp_path, buckets=4), [day_number(date(2025, 3, 10))], progress=told.append)
    assert told == [0.25, 0.5, 0.75, 1.0]


def test_labels_are_those_of_the_stays_in_the_snapshot(tmp_path: Path) -> None:
    text = """
        citizen | code          | occurred_at
        1       | stay:acute    | 2025-03-12 10:00
        2       | stay:planned  | 2025-03-12 10:00
        3       | visit:nursing | 2025-03-12 10:00
        4       | stay:untagged | 2025-02-12 10:00
    """
    found = happenings(text)
    snapshot = snapshot_of(found, tmp_path, buckets=3)
    citizen = np.array([4, 3, 2, 1, 1], dtype=np.int32)
    as_of = np.array([day_number(date(2025, 3, 10))] * 4 + [day_number(date(2025, 12, 31))], dtype=np.int32)
    known_before = day_number(date(2026, 1, 5))
    told = labels(snapshot, citizen, as_of, DEFAULT_POLICY, known_before)
    assert told.tolist() == [0, 0, 0, 1, UNTOLD]
    assert told.tolist() == label(as_events(found), citizen, as_of, DEFAULT_POLICY, known_before).tolist()


def test_who_was_acted_on_is_told_from_the_snapshot_as_from_the_events(tmp_path: Path) -> None:
    day = date(2025, 3, 10)
    done = [
        Happening(citizen, ACTED, midnight(day + timedelta(days=days)), midnight(day + timedelta(days=days)))
        for citizen, days in ((1, 3), (2, 30), (3, -1))
    ]
    found = [*in_care([], day), *(replace(each, sequence=100 + place) for place, each in enumerate(done))]
    citizen = np.array([4, 3, 2, 1], dtype=np.int32)
    as_of = np.full(4, day_number(day), dtype=np.int32)
    told = acted_on(snapshot_of(found, tmp_path), citizen, as_of, day_number(date(2025, 6, 1)))
    assert told.tolist() == [False, False, False, True]
    assert told.tolist() == acted(as_events(found), citizen, as_of, day_number(date(2025, 6, 1))).tolist()


def test_windows_without_end_reach_standing_facts_of_any_age(tmp_path: Path) -> None:
    born = Happening(1, "citizen:birth", midnight(date(1931, 3, 10)), midnight(date(2024, 1, 1)))
    found = [*in_care([], date(2025, 3, 10)), replace(born, sequence=99)]
    catalogue = Catalogue(
        CATALOGUE.signals, [Feature(Aggregate("birth", Aggregation.SINCE, Window(EVER)), "age", "days", "")]
    )
    made = matrix(snapshot_of(found, tmp_path), [day_number(date(2025, 3, 10))], catalogue)
    assert made.values[0, 0] == (date(2025, 3, 10) - date(1931, 3, 10)).days
