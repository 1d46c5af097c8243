"""On which line of a TOML file each key stands: the parser of the standard library does not say.

Only lines that begin a table or a key are looked at. What stands within a value of several lines may be taken for a
key; it is then one nobody asks for.
"""

import tomllib
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final, cast

Path = tuple[str, ...]

_TRIED: Final = 8
"""Signs in a line that are tried as the end of its key: one may stand within quotes."""


def key_lines(text: str) -> Mapping[Path, int]:
    """The line, from 1, of each table and key, by its whole path."""
    found: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("["):
            table = _first_path(stripped.lstrip("["), "]") or table
            found.setdefault(table, number)
        elif key := _first_path(stripped, "="):
            found.setdefault((*table, *key), number)
    return found


def line_of(lines: Mapping[Path, int], path: Path) -> int | None:
    """The line of a path, or of the nearest that holds it; None when there is none."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path)


def _first_path(line: str, end: str) -> Path:
    """The path before the first such sign that ends one; none when the line begins with none."""
    tried = (_path(line[:at]) for at in islice(_places(line, end), _TRIED))
    return next((path for path in tried if path), ())


def _places(line: str, sign: str) -> Iterator[int]:
    at = line.find(sign)
    while at >= 0:
        yield at
        at = line.find(sign, at + 1)


def _path(written: str) -> Path:
    """The parts of a dotted key, as TOML reads it; none when it is no key."""
    try:
        inner: object = tomllib.loads(f"{written} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    parts: list[str] = []
    while isinstance(inner, dict) and inner:
        name, inner = next(iter(cast("dict[str, object]", inner).items()))
        parts.append(name)
    return tuple(parts)
