"""Rows set aside: what could not be taken, kept as it was delivered with the column and the reason, for mending."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pyarrow as pa

from service.intake.reading import RawBatch
from service.storage.loads import SetAside
from service.storage.tables import FACT_COLUMNS

_SHOWN: Final = 20_000


def faulty(file: str, raw: RawBatch, faults: Sequence[tuple[int, str, str]]) -> Iterator[SetAside]:
    """Rows of a batch with a fault (place in the batch, column, reason), and records that are no row at all."""
    rows = raw.rows.take(pa.array([place for place, _, _ in faults], pa.int64())).to_pylist()
    for (place, column, reason), row in zip(faults, rows, strict=True):
        yield SetAside(raw.files[place] if raw.files else file, int(raw.lines[place]), column, reason, _as_json(row))
    for line, text in raw.broken:
        yield SetAside(file, line, "", "wrong_number_of_values", text)


def contradicted(file: str, table: str, rows: pa.Table, citizens: Mapping[str, int]) -> Iterator[SetAside]:
    """Versions that another of the same file contradicts; `citizens` gives the own id's key."""
    own = {citizen: citizen_id for citizen_id, citizen in citizens.items()} if rows.num_rows else {}
    told = ("name", *FACT_COLUMNS[table])
    for row in rows.to_pylist():
        delivered = {"citizen_id": own[row["citizen"]], **{name: row[name] for name in told}}
        yield SetAside(
            row.get("file", file), row["line"], "recorded_at", "contradicted_further_on", _as_json(delivered)
        )


def _as_json(row: Mapping[str, object]) -> str:
    return json.dumps({name: _shown(value) for name, value in row.items()}, ensure_ascii=False, default=str)


def _shown(value: object) -> object:
    """A value as it is kept for mending: JSON has no infinity, and nobody mends a text longer than a note may be."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value[:_SHOWN] if isinstance(value, str | bytes) else value
