"""The work the peers are measured on: events of forty codes, fifteen with values, for a tenth of the training matrix.

Everything is known at once and nothing is corrected, since the peers know one axis of time. Times are local times
without offset, so that a window of whole days means the same to all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from models.events import SCHEMA, timestamps
from models.features.spec import Aggregate, Aggregation, Catalogue, Feature, Signal, Window
from models.snapshot import Manifest, Snapshot
from models.snapshot_change import SnapshotChange, partitioned
from models.windows import day_number, midnight

CODES = tuple(f"c{number:02d}" for number in range(40))
VALUED = CODES[:15]
WINDOWS = (7, 14, 30, 90, 180)
OF_VALUES = (Aggregation.MEAN, Aggregation.MIN, Aggregation.MAX, Aggregation.STD)
_LAST = date(2025, 6, 2)
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class PeerWork:
    """How much of it there is."""

    citizens: int = 300
    weeks: int = 104
    events: int = 880_000

    @property
    def dates(self) -> tuple[date, ...]:
        """The as-of dates, oldest first."""
        return tuple(_LAST - timedelta(weeks=week) for week in reversed(range(self.weeks)))


def features() -> Catalogue:
    """Counts of every code, and of those with values the mean, extremes, spread and last."""
    parts = [Aggregate(code, Aggregation.COUNT, Window(days)) for code in CODES for days in WINDOWS]
    parts += [Aggregate(code, kind, Window(days)) for code in VALUED for kind in OF_VALUES for days in WINDOWS]
    parts += [Aggregate(code, kind, Window(180)) for code in VALUED for kind in (Aggregation.LAST, Aggregation.SINCE)]
    signals = [Signal(code, (code,), "g", "", "") for code in CODES]
    return Catalogue(signals, [Feature(part, "g", "", "") for part in parts])


def write(work: PeerWork, folder: Path) -> Snapshot:
    """`events.parquet` and `rows.parquet` for the peers, and the same events as a snapshot for the kernel."""
    chance = np.random.default_rng(1)
    days = 7 * work.weeks + 200
    first = _LAST - timedelta(days=days)
    citizen = chance.integers(1, work.citizens + 1, work.events).astype(np.int32)
    day, second = chance.integers(0, days, work.events), chance.integers(3 * 3600 + 1, 86_400, work.events)
    order = np.lexsort((second, day, citizen))
    citizen, day, second = citizen[order], day[order], second[order]
    code = chance.choice(len(CODES), work.events, p=_shares())
    value = np.where(code < len(VALUED), np.round(chance.normal(60, 15, work.events), 2), 1.0).astype(np.float32)
    local = np.datetime64(first, "us") + day * np.timedelta64(1, "D") + second * np.timedelta64(1, "s")
    events = pa.table({"citizen": citizen, "at": local, "code": code.astype(np.int8), "value": value})
    numbered = events.append_column("place", pa.array(np.arange(work.events)))
    pq.write_table(numbered, folder / "events.parquet", row_group_size=100_000)  # DuckDB shares row groups out to cores
    pairs = [(each, number) for each in work.dates for number in range(1, work.citizens + 1)]
    rows = {"as_of": [each for each, _ in pairs], "citizen": pa.array([number for _, number in pairs], pa.int32())}
    pq.write_table(pa.table(rows), folder / "rows.parquet")
    return _snapshot(work, folder / "snapshot", first, citizen, day, second, code, value)


def _shares() -> np.ndarray:
    share = 1.0 / np.arange(2, len(CODES) + 2)
    return np.random.default_rng(2).permutation(share / share.sum())


def _snapshot(
    work: PeerWork,
    folder: Path,
    first: date,
    citizen: np.ndarray,
    day: np.ndarray,
    second: np.ndarray,
    code: np.ndarray,
    value: np.ndarray,
) -> Snapshot:
    days = int(day.max()) + 1
    # The clock is turned before three in the morning, and nothing lies before it: the rest of a day counts from there.
    ends = np.array([midnight(first + timedelta(days=each + 1)) for each in range(days)])
    at = ends[day] - (86_400 - second) * _SECOND
    change = SnapshotChange(folder, Manifest(buckets=8, invented=True))
    stream = _events(citizen, at, code, CODES, value)
    people = np.arange(1, work.citizens + 1, dtype=np.int32)
    since = np.full(people.size, midnight(first))
    care = _events(people, since, np.zeros(people.size, np.int64), ("citizen:care_start",), np.ones(people.size))
    for partition, events in {**partitioned(stream, "stream", 8), **partitioned(care, "standing", 8)}.items():
        change.put(partition, events)
    return change.commit()


def _events(citizen: np.ndarray, at: np.ndarray, code: np.ndarray, codes: Sequence[str], value: np.ndarray) -> pa.Table:
    return pa.table(
        {
            "citizen": pa.array(citizen, pa.int32()),
            "occurred_at": timestamps(at),
            "known_from": timestamps(at),
            "superseded_at": pa.nulls(citizen.size, SCHEMA.field("superseded_at").type),
            "code": pa.DictionaryArray.from_arrays(code.astype(np.int32), pa.array(codes)),
            "value": pa.array(value.astype(np.float32)),
            "sequence": pa.array(np.arange(citizen.size, dtype=np.int64)),
        }
    ).cast(SCHEMA)


def as_of_days(work: PeerWork) -> list[int]:
    """The as-of days, oldest first."""
    return [day_number(each) for each in work.dates]
