"""Codes and units of a batch brought to the vocabulary's: each pair of code and unit is looked up once, not each row.

A municipality's mapping is asked before the vocabulary. What was sent is kept where it is not what is stored.

A code nobody knows stays as it is, with its unit and value; it is counted in the report. A known code in a unit not
known for it, or with a value that cannot be true, is a fault.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.vocabulary import Conversion, canonical, conversion, is_known, plausible, vocabulary
from models.vocabulary_fsiii import concept_of
from models.windows import midnight
from service.intake.localising import Localised, Sent
from service.intake.mapping.meanings import TableMapping
from service.intake.schema import TableRules

Found = tuple[str, str, NDArray[np.bool_]]
Longs = NDArray[np.int64]

_VALUE_COLUMNS: Final = {"observations": ("value",), "monitoring_plans": ("low", "high")}
"""Columns whose numbers are in the unit of the row's code."""


@dataclass(frozen=True, slots=True)
class _Meant:
    """What a code and a unit as they were sent come to. `way` is None when the unit is not known for the code."""

    code: str | None
    unit: str | None
    way: Conversion | None
    sent: str | None
    """What was sent and is not the same any more, as a piece of JSON."""
    code_mapped: bool
    unit_mapped: bool


def checked_codes(
    table: str, columns: dict[str, pa.Array], local: Localised, mapping: TableMapping | None
) -> tuple[dict[str, pa.Array], list[Found]]:
    """The columns with canonical codes, values and units, and the faults met: column, reason, rows.

    What was changed is noted in `local.sent`.
    """
    rows = len(columns["code"])
    units = columns.get("unit", pa.nulls(rows, pa.string()))
    epochs = local.epochs if mapping is not None and mapping.maps_codes else None
    sent, place = _distinct(columns["code"], units, epochs)
    meant = [_meant(code, unit, epoch, mapping if epochs is not None else None) for code, unit, epoch in sent]
    changed = dict(columns)
    changed["code"] = _taken([one.code for one in meant], place)
    found: list[Found] = []
    for column in _VALUE_COLUMNS.get(table, ()):
        changed[column], faults = _converted(column, columns[column], meant, place)
        found += faults
    if table == "observations":
        changed["unit"] = _taken([one.unit for one in meant], place)
    _note_sent(local.sent, columns, _VALUE_COLUMNS.get(table, ()), meant, place)
    return changed, found


def _meant(code: str | None, unit: str | None, epoch: int, mapping: TableMapping | None) -> _Meant:
    said = mapping.value("code", code, epoch) if mapping else None
    own = canonical(said.to) if said else None if code is None else canonical(code)
    given = unit or (said.unit if said else None)
    other = mapping.unit(own, given, epoch) if mapping and own and given else None
    in_unit = other.to if other else given
    if own is None:
        way: Conversion | None = Conversion()
    else:
        way = (other.conversion if other else None) or conversion(in_unit, own)
    known = vocabulary().measured.get(own or "")
    return _Meant(
        code=own,
        unit=known.unit if known else in_unit,
        way=way,
        sent=_as_sent(code, own, unit, in_unit, way),
        code_mapped=said is not None,
        unit_mapped=other is not None,
    )


def _as_sent(
    code: str | None, own: str | None, unit: str | None, given: str | None, way: Conversion | None
) -> str | None:
    """The code and unit as they were sent, where the row that is kept would not tell them."""
    told = {"code": code} if code != own else {}
    # Another way of writing the same unit is no loss; one that was converted or mapped is.
    if unit is not None and (unit != given or way not in {None, Conversion()}):
        told["unit"] = unit
    return json.dumps(told, ensure_ascii=False)[1:-1] if told else None


def _note_sent(
    sent: Sent, columns: Mapping[str, pa.Array], valued: Sequence[str], meant: Sequence[_Meant], place: Longs
) -> None:
    if any(one.sent for one in meant):
        sent.pieces.append(_taken([one.sent for one in meant], place))
    converted = np.array([one.way not in {None, Conversion()} for one in meant], dtype=np.bool_)
    if converted.any():
        kept = pa.array(converted[place])
        for column in valued:
            value = pc.if_else(kept, columns[column], pa.scalar(None, pa.float64())).cast(pa.string())
            sent.pieces.append(pc.binary_join_element_wise(f'"{column}":', value, ""))
    for column, by_mapping in (("code", [m.code_mapped for m in meant]), ("unit", [m.unit_mapped for m in meant])):
        if any(by_mapping):
            sent.changed[column] = np.array(by_mapping, dtype=np.bool_)[place]


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


def codes_before_their_time(table: TableRules, rows: pa.Table) -> Counter[str]:
    """How often each code stands in a row of a day before it could be used (FSIII's simplified and new codes)."""
    counted: Counter[str] = Counter()
    name = table.happened_at or ("valid_from" if "valid_from" in table.names else "recorded_at")
    for code in pc.unique(rows["code"]).drop_null().to_pylist() if table.code else ():
        concept = concept_of(code)
        if concept is not None and concept.valid_from is not None:
            early = pc.less(rows[name], midnight(concept.valid_from))
            counted[code] = pc.sum(pc.and_(early, pc.equal(rows["code"], code))).as_py() or 0
    return +counted


def _distinct(
    codes: pa.Array, units: pa.Array, epochs: Longs | None
) -> tuple[list[tuple[str | None, str | None, int]], Longs]:
    """The distinct codes with unit and epoch, and for each row, shape (n,), which one is its own."""
    code, unit = codes.dictionary_encode(), units.dictionary_encode()
    width = len(unit.dictionary) + 1
    at_code = pc.fill_null(code.indices, len(code.dictionary)).to_numpy().astype(np.int64)
    at_unit = pc.fill_null(unit.indices, width - 1).to_numpy().astype(np.int64)
    deep = 1 if epochs is None else int(epochs.max(initial=0)) + 1
    each = (at_code * width + at_unit) * deep + (0 if epochs is None else epochs)
    distinct, place = np.unique(each, return_inverse=True)
    known_codes = [*code.dictionary.to_pylist(), None]
    known_units = [*unit.dictionary.to_pylist(), None]
    return [
        (known_codes[one // deep // width], known_units[one // deep % width], one % deep) for one in distinct.tolist()
    ], place


def _converted(column: str, values: pa.Array, meant: Sequence[_Meant], place: Longs) -> tuple[pa.Array, list[Found]]:
    ways = [one.way for one in meant]
    bounds = np.array([plausible(one.code or "") for one in meant], dtype=np.float64).reshape(-1, 2)[place]
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


def _taken(values: Sequence[str | None], place: Longs) -> pa.Array:
    return pa.array(values, pa.string()).take(pa.array(place))
