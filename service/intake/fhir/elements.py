"""Looking into a resource: its elements by path, whether a sender wrote one or a list, JSON or XML.

Nothing is raised for what is not there or is of another kind: it is missing. Numbers are kept as they were written,
so that no digit and no zero is lost, and told from texts, so that nobody's id is ever taken from a number.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

Element = Mapping[str, Any]
"""An object of FHIR: a resource, or a part of one."""


class Number(str):
    """A number as it stands in the file."""

    __slots__ = ()


_FLAGS: Final = {"true": True, "false": False}


def values(of: object, *path: str) -> Iterator[object]:
    """Everything at a path, lists opened on the way."""
    if isinstance(of, list):
        for one in cast("list[object]", of):
            yield from values(one, *path)
    elif not path:
        if of is not None:
            yield of
    elif isinstance(of, dict):
        yield from values(cast("dict[str, object]", of).get(path[0]), *path[1:])


def elements(of: object, *path: str) -> Iterator[Element]:
    """The objects at a path."""
    return (cast("Element", value) for value in values(of, *path) if isinstance(value, dict))


def element(of: object, *path: str) -> Element:
    """The first object at a path, an empty one when there is none."""
    return next(elements(of, *path), {})


def texts(of: object, *path: str) -> Iterator[str]:
    """The texts at a path without blanks around them, empty ones left out."""
    found = (value.strip() for value in values(of, *path) if isinstance(value, str) and not isinstance(value, Number))
    return (value for value in found if value)


def text(of: object, *path: str) -> str | None:
    """The first text at a path."""
    return next(texts(of, *path), None)


def number(of: object, *path: str) -> str | None:
    """The first number at a path, as it was written; XML writes numbers as texts."""
    return next((str(value).strip() for value in values(of, *path) if isinstance(value, str) and value.strip()), None)


def flag(of: object, *path: str) -> bool | None:
    """The first `true` or `false` at a path."""
    found = next(values(of, *path), None)
    return found if isinstance(found, bool) else _FLAGS.get(found) if isinstance(found, str) else None


def codes(concept: object, *path: str) -> tuple[tuple[str, str], ...]:
    """The codings of a concept (or a bare coding) as pairs of system and code, the system empty where none is said."""
    found: list[tuple[str, str]] = []
    for one in elements(concept, *path):
        for coding in (one, *elements(one, "coding")):
            code = text(coding, "code")
            if code:
                found.append((text(coding, "system") or "", code))
    return tuple(found)


def extension(of: object, ending: str) -> Element:
    """The first extension whose address ends so, in any case of letters; an empty one when there is none."""
    wanted = ending.lower()
    for one in elements(of, "extension"):
        if (text(one, "url") or "").lower().endswith(wanted):
            return one
    return {}
