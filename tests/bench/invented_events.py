"""Invented events for measuring: home care's shape and nothing else of it.

A few visits a day, observations and notes, a concern now and then, some of it late or corrected.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.events import SCHEMA, timestamps
from models.features.signals import MEASURED, concern_names
from models.notes.lexicon import load_lexicon
from models.snapshot import Manifest, Snapshot
from models.snapshot_change import SnapshotChange, partitioned
from models.windows import day_number, midnight

_DAY = 86_400_000_000
_LAST = date(2025, 6, 2)
_LATE, _CORRECTED = 0.05, 0.01


@dataclass(frozen=True, slots=True)
class Work:
    """How much there is to compute: citizens, weekly dates, and the days their events lie in."""

    citizens: int
    weeks: int
    days: int
    events: int

    @property
    def as_of_days(self) -> list[int]:
        """The as-of days, weekly, oldest first."""
        return [day_number(_LAST) - 7 * week for week in reversed(range(self.weeks))]

    def of(self, citizens: int) -> "Work":
        """The same for another number of citizens."""
        return Work(citizens, self.weeks, self.days, self.events * citizens // self.citizens)


def stream_codes() -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Codes of what happens day by day, and the share of the events each is."""
    concerns = concern_names(load_lexicon())
    shares = {
        **{f"visit:{kind}": share for kind, share in (("personal_care", 0.22), ("practical_help", 0.06))},
        **{f"visit:{kind}": share for kind, share in (("nursing", 0.06), ("night", 0.02), ("acute", 0.002))},
        "visit:planned": 0.36,
        "visit:declined": 0.005,
        "visit:no_response": 0.005,
        "visit:cancelled": 0.01,
        "note:SSH": 0.07,
        "note:SPL": 0.03,
        "event:fall": 0.002,
        "event:emergency_call": 0.003,
        **{code: 0.03 / len(MEASURED) for code, _, _ in MEASURED.values()},
        **{f"sign:{name}": 0.06 / len(concerns) for name in concerns},
        **{f"mention:{name}": 0.06 / len(concerns) for name in concerns},
    }
    share = np.array(list(shares.values()))
    return tuple(shares), share / share.sum()


def stream(work: Work, citizens: NDArray[np.int64], seed: int) -> pa.Table:
    """The events of what happens day by day of some citizens, in no order."""
    chance = np.random.default_rng(seed)
    codes, share = stream_codes()
    size = work.events * citizens.size // work.citizens
    occurred_at = midnight(_LAST) - (chance.random(size) * work.days * _DAY).astype(np.int64)
    lag = np.where(chance.random(size) < _LATE, 5 * _DAY, _DAY // 24) * chance.random(size)
    known_from = occurred_at + lag.astype(np.int64)
    corrected = chance.random(size) < _CORRECTED
    return _table(
        citizen=chance.choice(citizens, size),
        occurred_at=occurred_at,
        known_from=known_from,
        superseded_at=np.where(corrected, known_from + 3 * _DAY, np.iinfo(np.int64).max),
        code=chance.choice(len(codes), size, p=share),
        codes=codes,
        value=np.where(chance.random(size) < 0.7, chance.integers(1, 60, size), np.nan),
    )


def standing(work: Work, citizens: NDArray[np.int64], seed: int) -> pa.Table:
    """Birth, care, a few conditions and stays of each citizen."""
    chance = np.random.default_rng(seed)
    codes = ("citizen:birth", "citizen:care_start", "district:North", "condition:J1.2", "stay:start", "stay:end")
    age = np.array([30_000, 1_500, 1_500, 1_000, 400, 395])
    code = np.tile(np.arange(len(codes)), citizens.size)
    spread = chance.integers(0, 300, code.size)
    occurred_at = midnight(_LAST) - (age[code] + spread + work.days * (age[code] > 900)) * _DAY
    return _table(
        citizen=np.repeat(citizens, len(codes)),
        occurred_at=occurred_at,
        known_from=np.maximum(occurred_at, midnight(_LAST) - 2_500 * _DAY) + 1,
        superseded_at=np.full(code.size, np.iinfo(np.int64).max),
        code=code,
        codes=codes,
        value=np.ones(code.size),
    )


def _table(
    *, code: NDArray[np.int64], codes: tuple[str, ...], value: NDArray[np.float64], **columns: object
) -> pa.Table:
    arrays = {name: np.asarray(column) for name, column in columns.items()}
    order = np.lexsort((arrays["known_from"], arrays["occurred_at"], arrays["citizen"]))
    times = {name: timestamps(column[order]) for name, column in arrays.items() if name != "citizen"}
    return pa.table(
        {
            "citizen": pa.array(arrays["citizen"][order], pa.int32()),
            **times,
            "code": pa.DictionaryArray.from_arrays(code[order].astype(np.int32), pa.array(codes)),
            "value": pa.array(value[order], pa.float32(), from_pandas=True),
            "sequence": pa.array(order, pa.int64()),
        }
    ).cast(SCHEMA)


def write_snapshot(work: Work, folder: Path, buckets: int) -> Snapshot:
    """A snapshot of invented events, one bucket after another so that making it takes little memory."""
    change = SnapshotChange(folder, Manifest(buckets=buckets, invented=True))
    for bucket in range(buckets):
        citizens = np.arange(bucket, work.citizens, buckets)
        for partition, events in partitioned(standing(work, citizens, bucket), "standing", buckets).items():
            change.put(partition, events)
        for partition, events in partitioned(stream(work, citizens, 1_000 + bucket), "stream", buckets).items():
            change.put(partition, events)
    return change.commit()
