"""What a drop says in words of its own: codes nobody knows, units, columns, values of closed lists, each counted.

Nothing is stored and nothing is judged; no row and no citizen is kept, only the distinct words of columns of codes.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from models.errors import FileRefused
from models.vocabulary import Conversion, canonical, conversion, is_known, vocabulary
from service.intake.drop import Drop, TableFile
from service.intake.fhir.discovery import FhirFile
from service.intake.fhir.files import ReadFiles, meet_citizens, read
from service.intake.localising import localised, own_names
from service.intake.mapping.meanings import UNMAPPED, LocalMapping, TableMapping
from service.intake.mapping.words import allowed
from service.intake.reading import RawBatch, open_file
from service.intake.schema import TABLES, Column, TableRules
from service.intake.values import plain

CODED: Final[Mapping[str, tuple[str, ...]]] = {
    name: tuple(
        column.name
        for column in table.columns
        if column.name in {"code", "kind", "role"} or (column.choices and column.name != "citizen_id")
    )
    for name, table in TABLES.items()
}
"""By table, the columns whose words are from a list."""
_MOST_WORDS: Final = 500
"""Distinct words of one column that are looked at: a column with more holds no codes."""


@dataclass(slots=True)
class Survey:
    """What was found. By table: `named` the drop's columns that are there, `columns` those that are not the drop's,
    `missing` those that must be there; `words` counts by table and column what nobody knows;
    `units` counts known codes in units that are not known for them, `converted` those in units that are."""

    named: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    missing: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    words: dict[tuple[str, str], Counter[str]] = field(default_factory=dict[tuple[str, str], Counter[str]])
    units: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    converted: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    unreadable: list[str] = field(default_factory=list[str])


def survey(drop: Drop, mapping: LocalMapping = UNMAPPED, received_at: int = 0) -> Survey:
    """Look through a drop as it would be loaded with a mapping; a file that cannot be read is named, no more."""
    found = Survey()
    for file in drop.files:
        try:
            _look_at(file, mapping.of_table(file.table), received_at, found)
        except FileRefused as error:
            found.unreadable.append(error.message)
    for table, raw in _fhir(drop.fhir, found):
        _count(table, raw.rows, mapping.of_table(table), received_at, found)
    return found


def _look_at(file: TableFile, mapping: TableMapping, received_at: int, found: Survey) -> None:
    rules = TABLES[file.table]
    raw = open_file(file, _any_columns(rules), mapping)
    named = own_names(raw.found, mapping)
    found.named[file.table] = tuple(name for name in named if name in rules.names)
    found.columns[file.table] = tuple(name for name in named if name not in rules.names)
    found.missing[file.table] = tuple(name for name in rules.required if name not in named)
    for batch in raw.batches:
        _count(file.table, batch.rows, mapping, received_at, found)


def _fhir(files: tuple[FhirFile, ...], found: Survey) -> Iterator[tuple[str, RawBatch]]:
    citizens = meet_citizens(files)
    for file in files:
        told = ReadFiles()
        try:
            read(file, citizens, told)
            yield from ((table, raw) for table in told.rows.tables for raw in told.rows.batches(table))
        except FileRefused as error:
            found.unreadable.append(error.message)
        finally:
            told.rows.close()


def _any_columns(rules: TableRules) -> TableRules:
    """The table as if no column had to be there: what is lacking is told, and the rest looked at."""
    return replace(rules, columns=tuple(replace(column, required=False) for column in rules.columns))


def _count(table: str, raw: pa.RecordBatch, mapping: TableMapping, received_at: int, found: Survey) -> None:
    rules = TABLES[table]
    local = localised(table, rules, raw, mapping, received_at)
    epochs = np.zeros(raw.num_rows, dtype=np.int64) if local.epochs is None else local.epochs
    for epoch in np.unique(epochs).tolist():
        rows = local.rows.filter(pa.array(epochs == epoch))
        for name in (name for name in CODED[table] if name in rows.schema.names):
            counted = found.words.setdefault((table, name), Counter())
            for word, times in _values(rows, name):
                meaning = mapping.value(name, word, epoch) if name == "code" else None
                if not _is_known(rules.column(name), meaning.to if meaning else word):
                    counted[word] += times if word in counted or len(counted) < _MOST_WORDS else 0
        if {"code", "unit"} <= set(rows.schema.names):
            _count_units(rows, mapping, epoch, found)


def _count_units(rows: pa.RecordBatch, mapping: TableMapping, epoch: int, found: Survey) -> None:
    pairs = pa.table({name: plain(rows[name]).cast(pa.string()) for name in ("code", "unit")}).drop_null()
    for entry in pairs.group_by(["code", "unit"]).aggregate([([], "count_all")]).to_pylist():
        said = mapping.value("code", entry["code"], epoch)
        code = canonical(said.to if said else entry["code"])
        other = mapping.unit(code, entry["unit"], epoch)
        if code not in vocabulary().measured or (other and other.conversion):
            continue
        way = conversion(other.to if other else entry["unit"], code)
        if way is None:
            found.units[code, entry["unit"]] += entry["count_all"]
        elif way != Conversion():
            found.converted[code, entry["unit"]] += entry["count_all"]


def _values(rows: pa.RecordBatch, name: str) -> Iterator[tuple[str, int]]:
    column = plain(rows.column(rows.schema.names.index(name))).cast(pa.string())
    for entry in pc.value_counts(column.drop_null()).to_pylist():
        yield entry["values"], entry["counts"]


def _is_known(column: Column, word: str) -> bool:
    if column.name == "code":
        return is_known(word)
    return word in allowed(column) or word == "entered-in-error"
