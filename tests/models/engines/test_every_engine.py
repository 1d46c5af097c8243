"""What holds of every engine: the rows and numbers of the oracle, and no knowledge of what came later.

A few invented histories lie side by side in one snapshot, so that one run of an engine tries many of them.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from models.cohort import Status
from models.engines.choice import MatrixOf
from models.engines.local import Matrix
from models.errors import SnapshotRefused
from models.features.catalogue import CATALOGUE
from models.features.spec import Catalogue
from models.snapshot import Snapshot
from models.windows import day_number, day_of
from tests.models.happenings import Happening
from tests.models.invented import another_future, catalogues, histories, turning_days
from tests.models.oracle.aggregates import features
from tests.models.oracle.people import listed
from tests.models.oracle.times import midnight
from tests.models.stored import is_standing, snapshot_of

CODES = (
    *("citizen:care_start", "citizen:care_end", "citizen:death", "district:North", "district:Øst", "stay:start"),
    *("stay:end", "stay:acute", "a", "b", "b:x", "c", "d"),
)
MISSING = -999.25
FEW = settings(max_examples=max(2, settings().max_examples // 12), phases=[Phase.explicit, Phase.generate])
"""A run of Spark takes about a second whatever there is to do, so few are made, and none to look for a smaller one."""


@st.composite
def towns(draw: st.DrawFn, day: date, codes: Sequence[str] = CODES) -> list[Happening]:
    """Histories of many citizens, each of them in care at least for a while before the day."""
    found: list[Happening] = []
    for number in range(draw(st.integers(3, 5))):
        since = midnight(day - timedelta(days=900))
        care = [Happening(citizen, "citizen:care_start", since, since, sequence=90 + citizen) for citizen in (1, 2, 3)]
        of_three = [*draw(histories(day, codes, most=25)), *care]
        found += [replace(each, citizen=each.citizen + 3 * number) for each in of_three]
    return found


def stored(found: Sequence[Happening], folder: str, buckets: int = 2) -> Snapshot:
    """A snapshot whose stream holds only what drawn catalogues do not look at for ever."""
    return snapshot_of(
        found,
        Path(folder),
        buckets,
        standing=lambda each: is_standing(each) or each.code in {"a", "b", "b:x", "c", "d"},
    )


def plain(made: Matrix) -> list[tuple[object, ...]]:
    """The rows as they stand, in order, in words and numbers; missing numbers compare as equal."""
    numbers = np.nan_to_num(made.values, nan=MISSING)
    return [
        (int(citizen), day_of(day), Status(status).name, made.districts[place] if place >= 0 else None, *row)
        for citizen, day, status, place, row in zip(
            made.citizen, made.as_of, made.status, made.district, numbers.tolist(), strict=True
        )
    ]


@FEW
@given(st.data())
def test_rows_and_numbers_are_the_oracles(engine: MatrixOf, data: st.DataObject) -> None:
    day, catalogue = data.draw(turning_days()), data.draw(catalogues())
    found = data.draw(towns(day))
    days = [day, day + timedelta(days=7)]
    with TemporaryDirectory() as folder:
        made = engine(stored(found, folder), [day_number(each) for each in days], catalogue)
    rows = [(citizen, each, *place) for each in days for citizen, place in sorted(listed(found, each).items())]
    assert [row[:4] for row in plain(made)] == rows
    weight = max(1.0, sum(abs(each.value or 0.0) for each in found))
    expected = [list(features(found, citizen, each, catalogue).values()) for citizen, each, *_ in rows]
    np.testing.assert_allclose(made.values, np.array(expected), rtol=1e-6, atol=1e-6 * weight)


@FEW
@given(st.data())
def test_the_real_catalogue_is_the_oracles_too(engine: MatrixOf, data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(CATALOGUE.features), min_size=40, max_size=80, unique=True))
    catalogue = Catalogue(CATALOGUE.signals, chosen)
    looked_at = {code.replace("*", "1.2") for part in catalogue.aggregates for code in _codes(catalogue, part.signal)}
    day = data.draw(turning_days())
    found = data.draw(towns(day, sorted(looked_at) or ["visit:nursing"]))
    with TemporaryDirectory() as folder:
        made = engine(snapshot_of(found, Path(folder)), [day_number(day)], catalogue)
    weight = max(1.0, sum(abs(each.value or 0.0) for each in found))
    expected = [list(features(found, citizen, day, catalogue).values()) for citizen in made.citizen.tolist()]
    np.testing.assert_allclose(made.values, np.array(expected), rtol=1e-6, atol=1e-6 * weight)


def _codes(catalogue: Catalogue, signal: str) -> tuple[str, ...]:
    return catalogue.signal(signal).codes


@FEW
@given(st.data())
def test_the_future_changes_no_row(engine: MatrixOf, data: st.DataObject) -> None:
    day, catalogue = data.draw(turning_days()), data.draw(catalogues())
    found = data.draw(towns(day))
    other = data.draw(another_future(found, midnight(day), histories(day, CODES, most=30)))
    made = [_rows(engine, each, day, catalogue) for each in (found, other)]
    assert made[0] == made[1]


@FEW
@given(st.data())
def test_buckets_and_the_order_of_events_change_no_row(engine: MatrixOf, data: st.DataObject) -> None:
    day, catalogue = data.draw(turning_days()), data.draw(catalogues())
    found = data.draw(towns(day))
    shuffled = data.draw(st.permutations(found))
    assert _rows(engine, shuffled, day, catalogue, buckets=3) == _rows(engine, found, day, catalogue, buckets=1)


def _rows(
    engine: MatrixOf, found: Sequence[Happening], day: date, catalogue: Catalogue, buckets: int = 2
) -> list[tuple[object, ...]]:
    with TemporaryDirectory() as folder:
        return plain(engine(stored(found, folder, buckets), [day_number(day)], catalogue))


def test_of_nobody_and_of_no_date_there_are_no_rows(engine: MatrixOf, tmp_path: Path) -> None:
    day = date(2025, 3, 10)
    lone = Happening(1, "citizen:care_start", midnight(date(2026, 1, 1)), midnight(date(2025, 1, 1)))
    for number, (found, days) in enumerate((([], [day]), ([lone], [day]), ([lone], []))):
        made = engine(snapshot_of(found, tmp_path / str(number)), [day_number(each) for each in days])
        assert (len(made), made.values.shape, made.names) == (0, (0, len(CATALOGUE.names)), CATALOGUE.names)


def test_progress_ends_at_all_and_dates_may_come_twice(engine: MatrixOf, tmp_path: Path) -> None:
    told: list[float] = []
    since = midnight(date(2024, 1, 1))
    snapshot = snapshot_of([Happening(1, "citizen:care_start", since, since)], tmp_path)
    days = [day_number(date(2025, 3, 17)), day_number(date(2025, 3, 10)), day_number(date(2025, 3, 17))]
    assert engine(snapshot, days, progress=told.append).as_of.tolist() == sorted(set(days))
    assert told[-1] == 1.0


def test_a_file_that_is_damaged_or_gone_is_named_as_the_snapshots_fault(engine: MatrixOf, tmp_path: Path) -> None:
    since = midnight(date(2024, 1, 1))
    snapshot = snapshot_of([Happening(1, "citizen:care_start", since, since)], tmp_path)
    (file,) = tmp_path.rglob("*.parquet")
    for damage in (lambda: file.write_bytes(b"no events at all"), file.unlink):
        damage()
        with pytest.raises(SnapshotRefused, match="rebuild"):
            engine(snapshot, [day_number(date(2025, 3, 10))])


def test_those_who_object_have_no_rows(engine: MatrixOf, tmp_path: Path) -> None:
    since = midnight(date(2024, 1, 1))
    found = [Happening(citizen, "citizen:care_start", since, since, sequence=citizen) for citizen in (1, 2, 3, 4)]
    snapshot = snapshot_of(found, tmp_path).leaving_out([2, 4])
    assert engine(snapshot, [day_number(date(2025, 3, 10))]).citizen.tolist() == [1, 3]
