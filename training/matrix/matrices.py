"""The training matrix as a file: rows of features with their outcomes, and beside it a manifest that says of what.

For whoever wants to look at the rows or fit something else on them. Training itself does not read the file: it makes
its rows from the snapshot, with the same function.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from models.cohort import DECIDING, Status, in_care
from models.engines import Engine
from models.engines.choice import matrix_by
from models.engines.local import Matrix, labels
from models.errors import DataWrong, RequestWrong
from models.features.catalogue import CATALOGUE
from models.snapshot import Snapshot
from models.truth.label import POLICIES, UNTOLD
from models.windows import day_number, day_of
from training.matrix import data
from training.settings import DataSettings

FORMAT = 1
_ROWS_AT_ONCE = 320_000
"""Rows held in memory at a time, roughly: of more, some dates are computed at a time, each time from the events."""
_ROWS_A_GROUP = 32_768
"""Rows turned from rows into columns in one go: more do not fit the processor's own memory."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which dates: exactly `as_of`, or the Mondays training would use, from `first` on and known before `until`."""

    as_of: tuple[date, ...] = ()
    first: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if self.as_of and (self.first or self.until):
            raise RequestWrong("--as-of names the dates; --from and --until span them.", "Give one or the other.")


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, and where its manifest lies."""

    file: Path
    manifest: Path
    rows: int
    columns: int
    dates: int


def write(
    snapshot: Snapshot,
    wanted: Wanted,
    settings: DataSettings,
    engine: Engine,
    out: Path,
    share: Callable[[float], None],
) -> Written:
    """Write the matrix to a Parquet file, and its manifest beside it as `<name>.json`.

    Columns: `citizen` (pseudonymous key), `as_of`, `district`, `status`, `outcome` (0, 1, empty where it cannot be told
    yet), then every feature under its name, float32, missing as NaN. Rows are in order of date and citizen. Raises
    `RequestWrong` and `DataWrong` where there are no dates to be had.
    """
    covered = data.span(snapshot, wanted.until)
    days = _days(wanted, covered, settings)
    draft = out.with_name(out.name + ".draft")
    rows = _write_rows(snapshot, days, covered, settings, engine, draft, share)
    described = _manifest(snapshot, days, covered, settings, engine, rows, draft)
    draft.replace(out)
    manifest = out.with_suffix(".json")
    manifest.write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
    return Written(out, manifest, rows, len(CATALOGUE.names), len(days))


def _days(wanted: Wanted, covered: data.Span, settings: DataSettings) -> list[int]:
    if wanted.as_of:
        return sorted({day_number(day) for day in wanted.as_of})
    first = day_number(wanted.first) if wanted.first else covered.first_day
    days = [day for day in data.labelled_weeks(covered, settings) if day >= first]
    if not days:
        raise DataWrong(
            f"From {day_of(first)} to {day_of(covered.known_before)} no week's outcome is known.",
            "Give other dates, or load more history.",
        )
    return days


def _write_rows(
    snapshot: Snapshot,
    days: Sequence[int],
    covered: data.Span,
    settings: DataSettings,
    engine: Engine,
    draft: Path,
    share: Callable[[float], None],
) -> int:
    make, rows = matrix_by(engine), 0
    step = max(1, _ROWS_AT_ONCE // max(1, _in_care(snapshot, days[-1])))
    with pq.ParquetWriter(
        draft, _schema(), compression="snappy", use_dictionary=_WORDS, write_statistics=False
    ) as sink:
        for at in range(0, len(days), step):
            made = make(snapshot, days[at : at + step])
            outcome = labels(snapshot, made.citizen, made.as_of, POLICIES[settings.label_policy], covered.known_before)
            for first in range(0, len(made), _ROWS_A_GROUP):
                chosen = np.arange(first, min(first + _ROWS_A_GROUP, len(made)))
                sink.write_table(_table(made.rows(chosen), outcome[chosen]))
            rows += len(made)
            share(min(at + step, len(days)) / len(days))
    return rows


def _in_care(snapshot: Snapshot, day: int) -> int:
    """How many rows a date has, about."""
    buckets = range(snapshot.manifest.buckets)
    return sum(in_care(snapshot.standing(bucket, DECIDING), [day])[0].size for bucket in buckets)


_WORDS = ["district", "status"]


def _schema() -> pa.Schema:
    words = pa.dictionary(pa.int32(), pa.string())
    return pa.schema(
        [
            pa.field("citizen", pa.int32(), nullable=False),
            pa.field("as_of", pa.date32(), nullable=False),
            pa.field("district", words),
            pa.field("status", words, nullable=False),
            pa.field("outcome", pa.int8()),
            *(pa.field(name, pa.float32(), nullable=False) for name in CATALOGUE.names),
        ]
    )


def _table(rows: Matrix, outcome: np.ndarray) -> pa.Table:
    columns = np.ascontiguousarray(rows.values.T)
    districts = pa.array([*rows.districts, None], pa.string())
    arrays = [
        pa.array(rows.citizen),
        pa.array(rows.as_of).cast(pa.date32()),
        districts.take(pa.array(np.where(rows.district < 0, len(rows.districts), rows.district))).dictionary_encode(),
        pa.array([Status(each).name.lower() for each in rows.status], pa.string()).dictionary_encode(),
        pa.array(outcome, mask=outcome == UNTOLD),
        *(pa.array(column) for column in columns),
    ]
    return pa.Table.from_arrays(arrays, schema=_schema())


def _manifest(
    snapshot: Snapshot,
    days: Sequence[int],
    covered: data.Span,
    settings: DataSettings,
    engine: Engine,
    rows: int,
    file: Path,
) -> dict[str, object]:
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return {
        "format": FORMAT,
        "rows": rows,
        "columns": list(CATALOGUE.names),
        "column_count": len(CATALOGUE.names),
        "dates": [day_of(day).isoformat() for day in days],
        "snapshot": snapshot.hash,
        "catalogue": CATALOGUE.fingerprint,
        "label_policy": settings.label_policy,
        "known_before": day_of(covered.known_before).isoformat(),
        "invented": snapshot.manifest.invented,
        "engine": engine.value,
        "sha256": digest,
    }
