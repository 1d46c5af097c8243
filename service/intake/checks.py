"""The rows of a batch judged by the rules of their table: good ones as canonical columns, bad ones with the reason.

The first rule a row breaks is its reason. A retraction need not be right in what it takes back: only its id, citizen
and time are judged. Whether a row is new is not asked here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.windows import instant
from service.intake.codes import checked_codes
from service.intake.cpr import with_birth
from service.intake.localising import localised
from service.intake.mapping.meanings import TableMapping
from service.intake.reading import RawBatch
from service.intake.schema import ENTERED_IN_ERROR, Column, TableRules
from service.intake.times import DAY
from service.intake.values import convert

Mask = NDArray[np.bool_]

_YEARS_AHEAD: Final = 10
"""How far ahead of the load a plan may reach. Beyond lie slips of the keyboard and stand-ins for "never"."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that rows break: in which column, why, and which rows, shape (n,)."""

    column: str
    reason: str
    rows: Mask


@dataclass(frozen=True, slots=True)
class Checked:
    """A batch after judgement. `good` holds the canonical columns of the rows taken, `retracted` (int8) and, where
    anything was changed, `sent`; `faults` the rest: place in the raw batch, column and reason."""

    good: pa.Table
    places: NDArray[np.int64]
    faults: tuple[tuple[int, str, str], ...]
    mapped: Mapping[str, Mask]
    """By column, in which of the rows taken a municipality's mapping changed the value, shape (n,)."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The times that can be true, as instants in microseconds UTC, both included."""

    born: int
    first: int
    last: int

    @classmethod
    def at(cls, received_at: int) -> "Bounds":
        """The bounds for a load received at an instant."""
        return cls(
            born=instant(datetime(1900, 1, 1)),
            first=instant(datetime(1990, 1, 1)),
            last=received_at + _YEARS_AHEAD * 366 * DAY,
        )

    def of(self, column: str) -> tuple[int, int]:
        """The bounds for a column: nobody's care began before the records did, births go further back."""
        return (self.born if column == "birth_date" else self.first), self.last


def check(
    file: str, table: TableRules, raw: RawBatch, received_at: int, mapping: TableMapping | None = None
) -> Checked:
    """Judge a batch. Raises `FileRefused` when a column's type cannot hold what it should."""
    bounds = Bounds.at(received_at)
    local = localised(file, table, raw.rows, mapping, received_at)
    columns: dict[str, pa.Array] = {}
    faults: list[Fault] = []
    for column in table.columns:
        columns[column.name], found = _column(file, column, local.rows, bounds)
        faults += found
    if table.name == "citizens":
        columns, unborn = with_birth(columns)
        faults.append(Fault("birth_date", "missing", unborn))
    retracted = _equal(columns["status"], ENTERED_IN_ERROR)
    if table.code:
        columns, found = checked_codes(table.name, columns, local, mapping)
        faults += [Fault(*fault) for fault in found]
    always = {table.id_column, "citizen_id", "recorded_at"}
    judged = [f if f.column in always else Fault(f.column, f.reason, f.rows & ~retracted) for f in faults]
    sent = local.sent.as_json()
    if sent is not None:
        columns["sent"] = sent
    return _parted(columns, judged, retracted, local.sent.changed)


def _parted(columns: dict[str, pa.Array], faults: list[Fault], retracted: Mask, changed: Mapping[str, Mask]) -> Checked:
    first = np.full(retracted.size, -1, dtype=np.int64)
    for number, fault in enumerate(faults):
        first[fault.rows & (first < 0)] = number
    good = first < 0
    table = pa.table({**columns, "retracted": pa.array(retracted.astype(np.int8))})
    return Checked(
        good=table if good.all() else table.filter(pa.array(good)),
        places=np.flatnonzero(good),
        faults=tuple(
            (int(place), faults[first[place]].column, faults[first[place]].reason) for place in np.flatnonzero(~good)
        ),
        mapped={column: rows[good] for column, rows in changed.items()},
    )


def _column(file: str, column: Column, rows: pa.RecordBatch, bounds: Bounds) -> tuple[pa.Array, list[Fault]]:
    if column.name not in rows.schema.names:
        return pa.nulls(rows.num_rows, _TYPES[column.kind]), []
    converted = convert(file, column, rows.column(column.name))
    values, faults = converted.values, [Fault(column.name, _unreadable(column), converted.wrong)]
    if column.required:
        faults.append(Fault(column.name, "missing", _missing(values) & ~converted.wrong))
    faults += _rules(column, values, bounds)
    return values, [fault for fault in faults if fault.rows.any()]


_TYPES: Final = {
    "id": pa.string(),
    "citizen": pa.string(),
    "text": pa.string(),
    "number": pa.float64(),
    "time": pa.int64(),
    "flag": pa.int8(),
}


def _unreadable(column: Column) -> str:
    return {"number": "not_a_number", "time": "not_a_time", "flag": "not_true_or_false"}.get(column.kind, "not_a_text")


def _rules(column: Column, values: pa.Array, bounds: Bounds) -> Iterator[Fault]:
    if column.kind == "time":
        first, last = bounds.of(column.name)
        yield Fault(column.name, "time_out_of_range", _outside(values, first, last))
    elif column.kind == "number":
        yield Fault(column.name, "not_finite", _true(pc.invert(pc.is_finite(values))))
        yield from _number_rules(column, values)
    elif column.kind != "flag":
        yield Fault(column.name, "too_long", _true(pc.greater(pc.utf8_length(values), column.limit)))
        # No store can hold a zero byte in a text, and no person can have typed one.
        yield Fault(column.name, "zero_byte", _true(pc.match_substring(values, "\0")))
        if column.choices:
            allowed = pa.array(sorted(column.choices | {ENTERED_IN_ERROR}))
            yield Fault(column.name, "not_one_of", _true(pc.invert(pc.is_in(values, allowed))) & _valid(values))


def _number_rules(column: Column, values: pa.Array) -> Iterator[Fault]:
    if column.low is not None and column.high is not None:
        yield Fault(column.name, "out_of_range", _outside(values, column.low, column.high))


def _outside(values: pa.Array, low: float, high: float) -> Mask:
    return _true(pc.or_(pc.less(values, low), pc.greater(values, high)))


def _equal(values: pa.Array, text: str) -> Mask:
    return _true(pc.equal(values, text))


def _valid(values: pa.Array) -> Mask:
    return values.is_valid().to_numpy(zero_copy_only=False)


def _missing(values: pa.Array) -> Mask:
    return ~_valid(values)


def _true(mask: pa.Array) -> Mask:
    return pc.fill_null(mask, fill_value=False).to_numpy(zero_copy_only=False)
