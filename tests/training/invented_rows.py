"""Rows and snapshots made in a second: a town so simple that its right answers are known.

A citizen's risk is one number; signs are written in proportion to it, admissions happen by it. `signal=False` cuts
the tie.
"""

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.events import SCHEMA, timestamps
from models.snapshot import BUCKETS, Manifest, Snapshot
from models.snapshot_change import SnapshotChange, partitioned
from models.windows import NEVER, day_number, day_of, midnight
from training.matrix.rows import Rows
from training.settings import Settings, read

FIRST = day_number(date(2024, 1, 1))
_HOUR = 3_600_000_000


def quick_settings() -> Settings:
    """The default settings made small enough for a test."""
    usual = read()
    return usual.model_copy(
        update={
            "trees": usual.trees.model_copy(
                update={"bags": 2, "most_rounds": 12, "patience": 4, "rows_in_leaf": 20, "feature_share": 0.05}
            ),
            "additive": usual.additive.model_copy(update={"penalties": (300.0,)}),
            "evaluation": usual.evaluation.model_copy(update={"resamples": 20}),
        }
    )


def rows(people: int = 300, weeks: int = 20, seed: int = 1, signal: float = 1.5, base: float = -2.5) -> Rows:
    """Weekly rows of three features, of which only the first says anything; a tenth of the second is missing."""
    generator = np.random.default_rng(seed)
    citizen = np.tile(np.arange(people, dtype=np.int32), weeks)
    as_of = np.repeat(FIRST + 7 * np.arange(weeks, dtype=np.int32), people)
    lasting = generator.normal(size=people)[citizen]
    values = np.column_stack(
        [lasting + 0.3 * generator.normal(size=citizen.size), generator.normal(size=(citizen.size, 2))]
    )
    values[generator.random(citizen.size) < 0.1, 1] = np.nan
    chance = 1.0 / (1.0 + np.exp(-(base + signal * lasting)))
    outcome = (generator.random(citizen.size) < chance).astype(np.int8)
    district = (citizen % 2).astype(np.int32)
    names = ("strong", "weak", "noise")
    return Rows(citizen, as_of, district, ("Nord", "Syd"), outcome, outcome, values.astype(np.float32), names)


def snapshot(
    folder: Path, people: int = 160, weeks: int = 44, seed: int = 3, signal: bool = True, first_key: int = 0
) -> Snapshot:
    """A snapshot of visits, signs and stays, written into the folder; citizens are keys from `first_key` on."""
    generator = np.random.default_rng(seed)
    days = 7 * weeks
    risk = np.exp(generator.normal(0.0, 1.0, people))
    # Earlier admissions are a sign too: without signal everybody's risk is the same.
    shown, risk = (risk, risk) if signal else (risk, np.full(people, float(risk.mean())))
    standing = _standing(people, generator)
    standing += _stays(risk, days, generator)
    stream = _daily(np.full(people, 0.5), days, "visit:personal_care", 20.0, generator)
    stream += _daily(0.03 * shown, days, "sign:dyspnoea", 1.0, generator)
    change = SnapshotChange(folder, Manifest(buckets=BUCKETS, invented=True))
    for partition, part in partitioned(_table(standing, first_key), "standing", BUCKETS).items():
        change.put(partition, part)
    for partition, part in partitioned(_table(stream, first_key), "stream", BUCKETS).items():
        change.put(partition, part)
    return change.commit(invented=True)


Event = tuple[int, int, str, float]
"""Citizen, instant in microseconds, code, value."""


def _standing(people: int, generator: np.random.Generator) -> list[Event]:
    found: list[Event] = []
    for citizen in range(people):
        born = midnight(date(int(generator.integers(1930, 1950)), 3, 1))
        found += [
            (citizen, born, "citizen:birth", np.nan),
            (citizen, born, "sex:female" if citizen % 3 else "sex:male", np.nan),
            (citizen, midnight(date(2023, 1, 1)), "citizen:care_start", np.nan),
            (citizen, midnight(date(2023, 1, 1)), f"district:{'Nord' if citizen % 2 else 'Syd'}", np.nan),
        ]
    return found


def _stays(risk: NDArray[np.float64], days: int, generator: np.random.Generator) -> list[Event]:
    found: list[Event] = []
    for citizen, day in _happenings(0.0015 * risk, days, generator):
        start = midnight(day_of(FIRST + day)) + 9 * _HOUR
        end = start + 48 * _HOUR
        found += [(citizen, start, "stay:start", np.nan), (citizen, start, "stay:acute", np.nan)]
        found += [(citizen, end, "stay:end", 2.0)]
    return found


def _daily(
    rate: NDArray[np.float64], days: int, code: str, value: float, generator: np.random.Generator
) -> list[Event]:
    return [
        (citizen, midnight(day_of(FIRST + day)) + 10 * _HOUR, code, value)
        for citizen, day in _happenings(rate, days, generator)
    ]


def _happenings(rate: NDArray[np.float64], days: int, generator: np.random.Generator) -> list[tuple[int, int]]:
    citizen, day = np.nonzero(generator.random((rate.size, days)) < rate[:, np.newaxis])
    return list(zip(citizen.tolist(), day.tolist(), strict=True))


def _table(found: list[Event], first_key: int) -> pa.Table:
    citizen, at, code, value = zip(*found, strict=True)
    instant = timestamps(np.array(at, dtype=np.int64))
    return pa.table(
        {
            "citizen": pa.array([first_key + each for each in citizen], pa.int32()),
            "occurred_at": instant,
            "known_from": instant,
            "superseded_at": timestamps(np.full(len(found), NEVER, dtype=np.int64)),
            "code": pa.array(code).dictionary_encode(),
            "value": pa.array(np.array(value, dtype=np.float32), from_pandas=True),
            "sequence": pa.array(np.arange(len(found))),
        }
    ).cast(SCHEMA)
