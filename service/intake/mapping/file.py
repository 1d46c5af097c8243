"""A municipality's mapping file (TOML): read, judged entry by entry, and made ready for loads.

Every fault is told, with its line; a file with one is not used at all. What the entries may name is judged by
`service.intake.mapping.rules`. The form is described in `docs/mapping.md`.
"""

import hashlib
import itertools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from pydantic import ValidationError

from models.errors import DataWrong, NotFound
from models.vocabulary import Conversion, canonical
from service.intake.mapping.form import MappingFile, UnitEntry
from service.intake.mapping.lines import key_lines, line_of
from service.intake.mapping.meanings import UNMAPPED, ColumnMeaning, LocalMapping, Meaning, UnitMeaning
from service.intake.mapping.rules import faults_of

MOST_BYTES: Final = 8 << 20
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the file: where it stands, on which line when that is known, and what."""

    where: str
    what: str
    line: int | None = None

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        return f"{place}{self.where}: {self.what}" if self.where else f"{place}{self.what}"


@dataclass(frozen=True, slots=True)
class ReadMapping:
    """A file that was read: what it says, None when it cannot be used, and every fault found."""

    mapping: LocalMapping | None
    faults: tuple[Fault, ...]


def use_mapping(path: Path) -> LocalMapping:
    """The mapping in a file. Raises `NotFound` when it is not there, `DataWrong` with the faults when it has any."""
    found = read_mapping(path)
    if found.mapping is None:
        told = "; ".join(str(fault) for fault in found.faults[:_SHOWN])
        more = f" and {len(found.faults) - _SHOWN} more" if len(found.faults) > _SHOWN else ""
        raise DataWrong(
            f"{path.name} cannot be used: {told}{more}.",
            f"Mend it; `omhu mapping check {path.name}` names every fault.",
        )
    return found.mapping


def mapping_in_use(path: Path) -> LocalMapping:
    """The mapping every load is made with: that in the file, or none when there is no such file. Raises `DataWrong`."""
    return use_mapping(path) if path.exists() else UNMAPPED


def read_mapping(path: Path) -> ReadMapping:
    """Read and judge a file. Raises `NotFound` when it is not there."""
    try:
        content = path.read_bytes() if path.stat().st_size <= MOST_BYTES else b"\xff"
        text = content.decode("utf-8-sig")
    except OSError:
        raise NotFound(f"There is no mapping file at {path.name}.", "Name the file.") from None
    except UnicodeDecodeError:
        return ReadMapping(None, (Fault("", "is no text in UTF-8 of at most 8 MB"),))
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return ReadMapping(None, (_not_toml(str(error)),))
    lines = key_lines(text)
    file, faults = _formed(data, lines)
    faults += [Fault(_dotted(path), what, line_of(lines, path)) for path, what in faults_of(file)]
    if faults:
        return ReadMapping(None, tuple(sorted(faults, key=lambda fault: fault.line or 0)))
    return ReadMapping(_compiled(file, path.name, hashlib.sha256(content).hexdigest()), ())


def _formed(data: dict[str, Any], lines: Mapping[tuple[str, ...], int]) -> tuple[MappingFile, list[Fault]]:
    """The file without what has not the form it needs, which is told: the rest is judged all the same."""
    try:
        return MappingFile.model_validate(data), []
    except ValidationError as error:
        errors = [cast("Mapping[str, Any]", one) for one in error.errors()]
    for one in errors:
        _take_out(data, _keys(one["loc"]))
    return MappingFile.model_validate(data), [_fault(one, lines) for one in errors]


def _keys(place: Sequence[object]) -> tuple[str, ...]:
    """The keys of the file that lead to a fault; where one of several entries is wrong, all of them are left out."""
    keys = itertools.takewhile(lambda part: isinstance(part, str), place)
    return tuple(str(key) for key in keys if key != "[key]")


def _take_out(data: dict[str, Any], path: Sequence[str]) -> None:
    inner: object = data
    for part in path[:-1]:
        inner = cast("dict[str, object]", inner).get(part) if isinstance(inner, dict) else None
    if isinstance(inner, dict):
        cast("dict[str, object]", inner).pop(path[-1], None)


def _not_toml(words: str) -> Fault:
    at = re.search(r"\(at line (\d+), column \d+\)", words)
    return Fault("", f"is no TOML: {words.partition(' (at')[0]}", int(at[1]) if at else None)


def _fault(error: Mapping[str, Any], lines: Mapping[tuple[str, ...], int]) -> Fault:
    path = tuple(str(part) for part in error["loc"] if isinstance(part, str) and part != "[key]")
    return Fault(_dotted(path), _words(error), line_of(lines, path))


def _words(error: Mapping[str, Any]) -> str:
    kind = str(error["type"])
    told = {
        "extra_forbidden": "is nothing a mapping file knows",
        "missing": "is missing",
        "string_type": "must be a text",
        "date_type": "must be a date, written without quotes: 2025-01-31",
        "float_type": "must be a number",
        "list_type": "must be a text, or a table with `to`",
        "dict_type": "must be a table",
    }
    return told.get(kind, str(error["msg"]))


def _dotted(path: Sequence[str]) -> str:
    return ".".join(part if re.fullmatch(r"[\w-]+", part) else f'"{part}"' for part in path)


def _compiled(file: MappingFile, name: str, digest: str) -> LocalMapping:
    return LocalMapping(
        name=name,
        digest=digest[:12],
        values={
            (table, column): {
                local.strip(): tuple(Meaning(one.to, one.unit, one.span) for one in entries)
                for local, entries in said.items()
            }
            for table, columns in file.codes.items()
            for column, said in columns.items()
        },
        units={local.strip(): tuple(_unit(one) for one in entries) for local, entries in file.units.items()},
        columns={
            table: tuple(ColumnMeaning(local, one.to, one.span) for local, entries in said.items() for one in entries)
            for table, said in file.columns.items()
        },
    )


def _unit(entry: UnitEntry) -> UnitMeaning:
    own = None if entry.scale is None else Conversion(entry.scale, entry.offset)
    return UnitMeaning(entry.to, canonical(entry.code) if entry.code else None, own, entry.span)
