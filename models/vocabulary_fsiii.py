"""FSIII in transition: legacy keys, UUIDs and the simplified codes of one concept become one code.

The data is `vocabulary_fsiii.toml`, with its sources. The one code is the legacy key where a concept has one (`I7.2`).
A concept that came with the simplification never had one: it is named below the nearest concept above it that has
(`I3/Problemer_med_vaegt`), so that whoever looks at an area (`I3*`) sees old and new alike. A concept with no key above
it keeps its UUID. Codes that are in no table are not judged here (`models.vocabulary`).
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

PREFIX: Final = "fsiii:"
"""Put before a key in words: "Mobilitet" alone may be anybody's own code, and nothing is guessed."""

_LEGACY: Final = re.compile(r"[A-Z]{1,2}(\d{1,2}([.]\d{1,2}|[a-z])?)?")


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept of FSIII. `code` is the one it has here; `valid_from` the first day it could be used, where known."""

    code: str
    uuid: str
    key: str
    danish: str
    valid_from: date | None


@cache
def fsiii() -> Mapping[str, Concept]:
    """Every concept by each way of writing it: legacy key, UUID, `fsiii:` and any key, and the code it has here."""
    data = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    lines: Sequence[Sequence[str]] = data["concepts"]["lines"]
    parents = {name: parent for key, uuid, parent, _ in lines for name in (key, uuid)}
    found: dict[str, Concept] = {}
    for key, uuid, parent, danish in lines:
        above = _above(key or parent, parents)
        concept = Concept(_code(key, uuid, above), uuid, key, danish, _valid_from(key, above, data["period"]))
        found |= dict.fromkeys(_written(concept), concept)
    return MappingProxyType(found)


def concept_of(code: str) -> Concept | None:
    """The concept a code names, in whichever form; None when it names none.

    >>> concept_of("3dac3b51-364e-47c0-a043-15b6d7a6c405").code
    'I7.2'
    """
    known = fsiii()
    return known.get(code) or known.get(code.lower())


def in_force(code: str, day: date) -> bool:
    """Whether a code could be used on a day; of codes that are not FSIII's, and of those without a date, always."""
    concept = concept_of(code)
    return concept is None or concept.valid_from is None or concept.valid_from <= day


def _above(name: str, parents: Mapping[str, str]) -> tuple[str, ...]:
    """The concept and those it stands below, from itself to the root, as the table names them."""
    found: list[str] = []
    while name:
        found.append(name)
        name = parents[name]
    return tuple(found)


def _code(key: str, uuid: str, above: Sequence[str]) -> str:
    if _LEGACY.fullmatch(key):
        return key
    named = next((name for name in above if _LEGACY.fullmatch(name)), None)
    return f"{named}/{key}" if named and key else uuid


def _valid_from(key: str, above: Sequence[str], periods: Sequence[Mapping[str, Any]]) -> date | None:
    """The latest beginning among the periods a concept falls in."""
    in_words = bool(key) and not _LEGACY.fullmatch(key)
    begun = [
        period["valid_from"]
        for period in periods
        if period.get("within") in above or (in_words and period.get("keys") == "in_words")
    ]
    return max(begun, default=None)


def _written(concept: Concept) -> tuple[str, ...]:
    prefixed = (PREFIX + concept.uuid, *((PREFIX + concept.key,) if concept.key else ()))
    # A letter alone is a whole catalogue, and may be anybody's own code.
    return (concept.uuid, *((concept.code,) if len(concept.code) > 1 else ()), *prefixed)
