"""Local values and columns of a batch as the drop's own, by a municipality's mapping; what was sent is kept beside.

Codes and units are not changed here but looked up together (`service.intake.codes`), since a unit may mean one thing
for one code only. A batch of a table the mapping says nothing of is handed on as it is.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from service.intake.mapping.meanings import ColumnMeaning, TableMapping
from service.intake.schema import TableRules
from service.intake.values import convert, plain

Mask = NDArray[np.bool_]

_BY_CODE = ("code", "unit")


@dataclass(slots=True)
class Sent:
    """What rows said before it was changed: pieces of JSON, null where nothing was, and by the mapping how often.

    `changed` marks, by column, the rows whose value the mapping itself changed, shape (n,).
    """

    pieces: list[pa.Array] = field(default_factory=list[pa.Array])
    changed: dict[str, Mask] = field(default_factory=dict[str, Mask])

    def as_json(self) -> pa.Array | None:
        """One object a row, null where nothing was changed; None when nothing was in any."""
        if not self.pieces:
            return None
        # The empty piece before the others is needed: a row in which all are null would be dropped, not empty.
        joined = pc.binary_join_element_wise(pa.scalar(""), *self.pieces, ",", null_handling="skip")
        objects = pc.binary_join_element_wise("{", pc.utf8_slice_codeunits(joined, 1), "}", "")
        return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), objects)


@dataclass(frozen=True, slots=True)
class Localised:
    """A batch in the drop's own words. `epochs`, shape (n,), is None when the mapping says nothing of the table."""

    rows: pa.RecordBatch
    sent: Sent
    epochs: NDArray[np.int64] | None = None


def localised(
    file: str, table: TableRules, rows: pa.RecordBatch, mapping: TableMapping | None, received_at: int
) -> Localised:
    """Bring a batch's columns and values to the drop's. Raises `FileRefused` when a time is of a wrong type."""
    sent = Sent()
    if mapping is None or not (mapping.values or mapping.units or mapping.columns):
        return Localised(rows, sent)
    rows = _renamed(rows, mapping.columns)
    epochs = mapping.epochs(_moments(file, table, rows, received_at))
    rows = _chosen(rows, mapping, epochs)
    for name in rows.schema.names:
        if name in mapping.values and name not in _BY_CODE:
            rows = _changed(rows, name, mapping, epochs, sent)
    return Localised(rows, sent, epochs)


def own_name(found: str, columns: Sequence[ColumnMeaning]) -> str:
    """The drop's name of a column that is always the same one; any other keeps its own."""
    return next((one.to for one in columns if one.local == found and one.span.is_always), found)


def _renamed(rows: pa.RecordBatch, columns: Sequence[ColumnMeaning]) -> pa.RecordBatch:
    return rows.rename_columns([own_name(name, columns) for name in rows.schema.names])


def _moments(file: str, table: TableRules, rows: pa.RecordBatch, received_at: int) -> NDArray[np.int64]:
    """When each row is of: what it tells of, else from when it holds, else when it was written, else now."""
    name = table.happened_at or ("valid_from" if "valid_from" in table.names else "recorded_at")
    if name not in rows.schema.names:
        return np.full(rows.num_rows, received_at, dtype=np.int64)
    return pc.fill_null(convert(file, table.column(name), rows.column(name)).values, received_at).to_numpy()


def _chosen(rows: pa.RecordBatch, mapping: TableMapping, epochs: NDArray[np.int64]) -> pa.RecordBatch:
    """Columns that are another one for some days: each row takes its value from the one of its day."""
    for one in mapping.columns:
        if one.span.is_always or one.local not in rows.schema.names:
            continue
        during = np.array([one.span.holds(mapping.moment_of(epoch)) for epoch in range(mapping.cuts.size + 1)])
        local = plain(rows.column(one.local)).cast(pa.string())
        if one.to in rows.schema.names:
            at = rows.schema.names.index(one.to)
            otherwise = plain(rows.column(at)).cast(pa.string())
            rows = rows.set_column(at, one.to, pc.if_else(pa.array(during[epochs]), local, otherwise))
        else:
            empty = pa.scalar(None, pa.string())
            rows = rows.append_column(one.to, pc.if_else(pa.array(during[epochs]), local, empty))
    return rows


def _changed(
    rows: pa.RecordBatch, name: str, mapping: TableMapping, epochs: NDArray[np.int64], sent: Sent
) -> pa.RecordBatch:
    """The batch with one column's local values changed; each pair of value and epoch is looked up once."""
    at = rows.schema.names.index(name)
    coded = plain(rows.column(at)).cast(pa.string()).dictionary_encode()
    words = [*coded.dictionary.to_pylist(), None]
    width = mapping.cuts.size + 1
    place = pc.fill_null(coded.indices, len(words) - 1).to_numpy().astype(np.int64) * width + epochs
    pairs, place = np.unique(place, return_inverse=True)
    said = [(words[pair // width], mapping.value(name, words[pair // width], pair % width)) for pair in pairs.tolist()]
    values = [meaning.to if meaning else word for word, meaning in said]
    pieces = [f"{json.dumps(name)}:{json.dumps(word, ensure_ascii=False)}" if mean else None for word, mean in said]
    where = pa.array(place)
    sent.pieces.append(pa.array(pieces, pa.string()).take(where))
    sent.changed[name] = np.array([meaning is not None for _, meaning in said], dtype=np.bool_)[place]
    return rows.set_column(at, name, pa.array(values, pa.string()).take(where))


def kept_columns(found: Sequence[str], table: TableRules, mapping: TableMapping | None) -> tuple[str, ...]:
    """Which of a file's columns are read: the table's, and those the mapping says are one of the table's."""
    local = {one.local for one in mapping.columns} if mapping else set[str]()
    return tuple(name for name in found if name in table.names or name in local)


def own_names(found: Sequence[str], mapping: TableMapping | None) -> tuple[str, ...]:
    """The columns of a file by the drop's names, those that are one for some days only counted as that one too."""
    if mapping is None:
        return tuple(found)
    names = [own_name(name, mapping.columns) for name in found]
    dated = {one.to for one in mapping.columns if not one.span.is_always and one.local in found}
    return (*names, *sorted(dated - set(names)))


def mapped_columns(found: Sequence[str], mapping: TableMapping | None) -> dict[str, str]:
    """The local columns of a file, and which of the table's each is."""
    return {one.local: one.to for one in mapping.columns if one.local in found} if mapping else {}
