"""What the entries of a mapping file may say: known tables, columns, codes and units, and days that fit together.

A code that is known here cannot be given another meaning, and a value is never converted by a factor nobody vouches
for. Faults are told, none is mended.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from models.vocabulary import canonical, conversion, is_known, vocabulary
from service.intake.mapping.form import ColumnEntry, Entry, MappingFile, UnitEntry, ValueEntry
from service.intake.mapping.nearest import codes_for, nearest
from service.intake.mapping.words import allowed
from service.intake.schema import TABLES, Column, TableRules

Said = tuple[tuple[str, ...], str]
"""The path of an entry, and what is wrong with it."""

_FREE: Final = ("district", "team", "heading", "unit")
"""Columns of texts that may be any."""
_NEVER: Final = ("name", "text", "value_text", "value", "low", "high")
"""Columns whose values are the citizen's own and are not codes."""


def faults_of(file: MappingFile) -> Iterator[Said]:
    """Everything wrong with a file."""
    for table, columns in file.columns.items():
        yield from _table(("columns", table), table) or _columns(table, columns)
    for table, columns in file.codes.items():
        yield from _table(("codes", table), table) or _codes(table, columns)
    for local, entries in file.units.items():
        path = ("units", local)
        yield from _spans(path, entries, by_code=True)
        for entry in entries:
            yield from ((path, what) for what in _unit_faults(entry))


def _table(path: tuple[str, ...], table: str) -> list[Said]:
    return [] if table in TABLES else [(path, f"is no table of a drop; there are {', '.join(TABLES)}")]


def _columns(table: str, columns: Mapping[str, Sequence[ColumnEntry]]) -> Iterator[Said]:
    rules = TABLES[table]
    meanings = [(local, entry) for local, entries in columns.items() for entry in entries]
    for local, entries in columns.items():
        path = ("columns", table, local)
        yield from _spans(path, entries)
        if local in rules.names:
            yield path, f"is a column of {table} itself and cannot be renamed"
        for entry in entries:
            if entry.to not in rules.names:
                yield path, f"{table} has no column {entry.to}; it has {', '.join(rules.names)}"
            elif not entry.span.is_always and entry.to in _undated(rules):
                yield path, f"{entry.to} is needed to know which day a row is of, and cannot hold for some days only"
    for (local, one), (other, another) in itertools.combinations(meanings, 2):
        if local != other and one.to == another.to and one.span.overlaps(another.span):
            yield ("columns", table, other), f"{local} is {one.to} already, on the same days"


def _undated(rules: TableRules) -> set[str]:
    return {rules.happened_at or "", rules.id_column, "citizen_id", "recorded_at", "valid_from"}


def _codes(table: str, columns: Mapping[str, Mapping[str, Sequence[ValueEntry]]]) -> Iterator[Said]:
    rules = TABLES[table]
    for name, said in columns.items():
        path = ("codes", table, name)
        if name not in rules.names:
            yield path, f"{table} has no column {name}; it has {', '.join(rules.names)}"
            continue
        column = rules.column(name)
        if column.kind in {"id", "citizen", "time"} or name in _NEVER:
            yield path, "holds no codes, and is not mapped"
            continue
        for local, entries in said.items():
            yield from _spans((*path, local), entries)
            yield from _known_already((*path, local), column, local, entries)
            for entry in entries:
                yield from (((*path, local), what) for what in _value_faults(table, column, entry))


def _known_already(path: tuple[str, ...], column: Column, local: str, entries: Sequence[ValueEntry]) -> Iterator[Said]:
    fixed = canonical(local) in vocabulary().names if column.name == "code" else local in allowed(column)
    if fixed and any(canonical(entry.to) != canonical(local) for entry in entries):
        yield path, "is known here and cannot be given another meaning"


def _value_faults(table: str, column: Column, entry: ValueEntry) -> Iterator[str]:
    if column.name == "code":
        yield from _code_faults(table, entry)
        return
    if entry.unit is not None:
        yield "only a code has a unit"
    if column.kind == "flag" and entry.to not in {"true", "false"}:
        yield f'{column.name} is "true" or "false"'
    elif column.kind == "number" and not _is_within(entry.to, column):
        yield f"{entry.to} is no number from {column.low:g} to {column.high:g}"
    elif column.kind == "text" and allowed(column) and entry.to not in allowed(column):
        yield f"{entry.to} is not one of {', '.join(sorted(allowed(column)))}"
    elif column.kind == "text" and not allowed(column) and column.name not in _FREE:
        yield "holds no codes, and is not mapped"


def _is_within(text: str, column: Column) -> bool:
    try:
        return (column.low or 0.0) <= float(text) <= (column.high if column.high is not None else float("inf"))
    except ValueError:
        return False


def _code_faults(table: str, entry: ValueEntry) -> Iterator[str]:
    if not is_known(entry.to):
        near = nearest(entry.to, codes_for(table))
        yield f"{entry.to} is no known code" + (f"; nearest: {', '.join(near)}" if near else "")
    elif entry.unit is not None and canonical(entry.to) not in vocabulary().measured:
        yield f"{entry.to} is no measured value and has no unit"
    elif entry.unit is not None and conversion(entry.unit, entry.to) is None:
        yield f"{entry.to} is not known in {entry.unit}; say it in {vocabulary().measured[canonical(entry.to)].unit}"


def _unit_faults(entry: UnitEntry) -> Iterator[str]:
    if entry.code is not None and canonical(entry.code) not in vocabulary().measured:
        yield f"{entry.code} is no measured value"
    elif entry.scale is not None:
        yield from _scale_faults(entry, entry.scale)
    elif entry.offset or entry.source:
        yield "an offset or a source belongs to a scale"
    elif entry.to not in _units():
        yield f"{entry.to} is no known unit; there are {', '.join(sorted(_units()))}"
    elif entry.code and conversion(entry.to, entry.code) is None:
        yield f"{entry.code} is not known in {entry.to}"


def _scale_faults(entry: UnitEntry, scale: float) -> Iterator[str]:
    known = vocabulary().measured.get(canonical(entry.code or ""))
    if known is None:
        yield "a scale is for one code: name it"
    elif entry.to != known.unit:
        yield f"{entry.code} is kept in {known.unit}: scale to that"
    if scale == 0.0:
        yield "a scale of 0 makes every value alike"
    if not entry.source:
        yield "a scale needs its source, in words"


def _units() -> frozenset[str]:
    converted = {unit for _, unit in vocabulary().conversions}
    return frozenset({known.unit for known in vocabulary().measured.values()} | converted)


def _spans(path: tuple[str, ...], entries: Sequence[Entry], *, by_code: bool = False) -> Iterator[Said]:
    for entry in entries:
        if entry.span.start >= entry.span.end:
            yield path, "ends before it begins: valid_to must be after valid_from"
    for one, other in itertools.combinations(entries, 2):
        same = not by_code or getattr(one, "code", None) == getattr(other, "code", None)
        if same and one.span.overlaps(other.span):
            yield path, "means two things on the same day: give the entries days that do not overlap"
            return
