"""Codes and units of a batch brought to the vocabulary's: each pair of code and unit is looked up once, not each row.

A code nobody knows stays as it is, with its unit and value; it is counted in the report. A known code in a unit not
known for it, or with a value that cannot be true, is a fault.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.vocabulary import Conversion, canonical, conversion, is_known, plausible, vocabulary

Found = tuple[str, str, NDArray[np.bool_]]

_VALUE_COLUMNS: Final = {"observations": ("value",), "monitoring_plans": ("low", "high")}
"""Columns whose numbers are in the unit of the row's code."""


def checked_codes(table: str, columns: dict[str, pa.Array]) -> tuple[dict[str, pa.Array], list[Found]]:
    """The columns with canonical codes, values and units, and the faults met: column, reason, rows."""
    rows = len(columns["code"])
    units = columns.get("unit", pa.nulls(rows, pa.string()))
    pairs, place = _pairs(columns["code"], units)
    changed = dict(columns)
    changed["code"] = _taken([None if code is None else canonical(code) for code, _ in pairs], place)
    found: list[Found] = []
    for column in _VALUE_COLUMNS.get(table, ()):
        changed[column], faults = _converted(column, columns[column], pairs, place)
        found += faults
    if table == "observations":
        changed["unit"] = _taken([_unit(code, unit) for code, unit in pairs], place)
    return changed, found


def unknown_codes(table: str, rows: pa.Table) -> Counter[str]:
    """How often each code nobody knows stands in the rows; kinds and roles as `kind:` and `role:` and their text."""
    counted: Counter[str] = Counter()
    for column, prefix, known in (
        ("code", "", is_known),
        ("kind", "kind:", vocabulary().kinds.__contains__),
        ("role", "role:", vocabulary().roles.__contains__),
    ):
        # A sender's retraction says nothing about its codes.
        if column in rows.column_names and table != "citizens":
            for entry in pc.value_counts(rows[column].drop_null()).to_pylist():
                if not known(entry["values"]):
                    counted[prefix + entry["values"]] += entry["counts"]
    return counted


def _pairs(codes: pa.Array, units: pa.Array) -> tuple[list[tuple[str | None, str | None]], NDArray[np.int64]]:
    """The distinct pairs of code and unit, and for each row, shape (n,), which one is its own."""
    code, unit = codes.dictionary_encode(), units.dictionary_encode()
    width = len(unit.dictionary) + 1
    at_code = pc.fill_null(code.indices, len(code.dictionary)).to_numpy().astype(np.int64)
    at_unit = pc.fill_null(unit.indices, width - 1).to_numpy().astype(np.int64)
    distinct, place = np.unique(at_code * width + at_unit, return_inverse=True)
    known_codes = [*code.dictionary.to_pylist(), None]
    known_units = [*unit.dictionary.to_pylist(), None]
    return [(known_codes[pair // width], known_units[pair % width]) for pair in distinct.tolist()], place


def _converted(
    column: str, values: pa.Array, pairs: Sequence[tuple[str | None, str | None]], place: NDArray[np.int64]
) -> tuple[pa.Array, list[Found]]:
    ways = [Conversion() if code is None else conversion(unit, code) for code, unit in pairs]
    bounds = np.array([plausible(code or "") for code, _ in pairs], dtype=np.float64).reshape(-1, 2)[place]
    scale = np.array([way.scale if way else np.nan for way in ways])[place]
    offset = np.array([way.offset if way else 0.0 for way in ways])[place]
    valid = values.is_valid().to_numpy(zero_copy_only=False)
    numbers = pc.fill_null(values, 0.0).to_numpy()
    with np.errstate(invalid="ignore", over="ignore"):
        whole = np.where((scale == 1.0) & (offset == 0.0), numbers, numbers * scale + offset)
    unknown = np.array([way is None for way in ways], dtype=np.bool_)[place]
    outside = valid & ~unknown & ~((bounds[:, 0] <= whole) & (whole <= bounds[:, 1]))
    faults: list[Found] = [("unit", "unknown_unit", unknown), (column, "implausible", outside)]
    return pa.array(whole, mask=~valid), [fault for fault in faults if fault[2].any()]


def _unit(code: str | None, unit: str | None) -> str | None:
    known = None if code is None else vocabulary().measured.get(canonical(code))
    return known.unit if known else unit


def _taken(values: Sequence[str | None], place: NDArray[np.int64]) -> pa.Array:
    return pa.array(values, pa.string()).take(pa.array(place))
