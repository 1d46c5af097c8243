"""The codes Omhu knows: what they are called, what their values may be, and which other codes and units mean the same.

The data is `vocabulary.toml`. A code that is not here is no error anywhere: it is kept, counted and reported. Reading
Danish text is not done here (`models.notes`), nor is any code given a meaning for the risk (`models.features`).
"""

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

from models.errors import DataWrong
from models.vocabulary_fsiii import concept_of

_FAMILIES: Final = (
    re.compile(r"questionnaire:[^/\s]+/\S+"),  # an instrument and its item; the provider's own ones too
    re.compile(r"sensor:[a-z0-9_]+"),
    re.compile(r"[A-Z]{1,2}\d{1,2}([.]\d{1,2})?"),  # an FSIII legacy key: I7.2, J1, RH1.3
    re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),  # an FSIII concept by UUID
    re.compile(r"diag:D?[A-Z]\d{2}[0-9A-Z.]{0,5}"),  # ICD-10, with the D that SKS puts before it or without
)
_OWN: Final = ("sign", "event", "triage")


@dataclass(frozen=True, slots=True)
class Measured:
    """A value that is measured: `low` and `high` are the least and the greatest that can be true, in `unit` (UCUM)."""

    code: str
    danish: str
    english: str
    unit: str
    low: float
    high: float
    same_as: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conversion:
    """From a unit to a code's own: `value * scale + offset`."""

    scale: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All that `vocabulary.toml` says. `names` has the Danish and the English name of every single code."""

    measured: Mapping[str, Measured]
    same: Mapping[str, str]
    names: Mapping[str, tuple[str, str]]
    kinds: frozenset[str]
    roles: frozenset[str]
    units: Mapping[str, str]
    conversions: Mapping[tuple[str, str], Conversion]
    dense: tuple[str, ...]
    """Patterns (as in `models.events.matches`) of codes that are sent all day long, see `models.thinning`."""


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary, read once."""
    data = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    measured = {entry["code"]: _measured(entry) for entry in data["measured"]}
    named = {f"{family}:{key}": (da, en) for family in _OWN for key, (da, en) in data[family].items()}
    return Vocabulary(
        measured=MappingProxyType(measured),
        same=MappingProxyType({other: known.code for known in measured.values() for other in known.same_as}),
        names=MappingProxyType(named | {code: (m.danish, m.english) for code, m in measured.items()}),
        kinds=frozenset(data["visit"]),
        roles=frozenset(data["role"]),
        units=MappingProxyType({other: unit for unit, others in data["units"].items() for other in (unit, *others)}),
        conversions=MappingProxyType(_conversions(data["conversion"], measured)),
        dense=tuple(data["dense"]),
    )


def canonical(code: str) -> str:
    """The code that means the same among those known; a code nobody knows is returned as it is.

    >>> canonical("8310-5"), canonical("loinc:8310-5"), canonical("local-17")
    ('NPU08676', 'NPU08676', 'local-17')

    FSIII's keys, UUIDs and simplified codes become one: `models.vocabulary_fsiii`.
    """
    bare = code.removeprefix("loinc:").removeprefix("snomed:").removeprefix("npu:")
    same = vocabulary().same.get(bare, bare)
    if same in vocabulary().measured:
        return same
    concept = concept_of(code)
    return concept.code if concept else code


def is_known(code: str) -> bool:
    """Whether a code, or one that means the same, is in the vocabulary or of a family that is open by design."""
    named = canonical(code) in vocabulary().names or concept_of(code) is not None
    return named or any(family.fullmatch(code) for family in _FAMILIES)


def name(code: str, language: Literal["da", "en"] = "da") -> str:
    """What a code is called; a code without a name of its own is its own name."""
    names = vocabulary().names.get(canonical(code))
    if names:
        return names[language == "en"]
    concept = concept_of(code)
    return concept.danish if concept else code  # KL names its concepts in Danish only


def conversion(unit: str | None, code: str) -> Conversion | None:
    """How values of a code in a unit become values in the code's own unit; None when that unit is not known for it.

    Without a unit, and for codes that are not measured values, a value is taken as it stands.
    """
    known = vocabulary().measured.get(canonical(code))
    if known is None or unit is None:
        return Conversion()
    ucum = vocabulary().units.get(unit.strip(), unit.strip())
    return Conversion() if ucum == known.unit else vocabulary().conversions.get((known.code, ucum))


def convert(value: float, unit: str | None, code: str) -> float:
    """A value in the code's own unit. Raises `DataWrong` on an unknown unit or a value that cannot be true."""
    found = conversion(unit, code)
    if found is None:
        raise DataWrong(f"{canonical(code)} is not measured in {unit}.", "Send it in UCUM, or map the unit.")
    converted = value * found.scale + found.offset
    low, high = plausible(code)
    if not (math.isfinite(converted) and low <= converted <= high):
        raise DataWrong(f"A value of {canonical(code)} is outside {low:g} to {high:g}.")
    return converted


def plausible(code: str) -> tuple[float, float]:
    """The least and greatest value that can be true of a code, both included; without bound when nothing is known."""
    known = vocabulary().measured.get(canonical(code))
    return (known.low, known.high) if known else (-math.inf, math.inf)


def _measured(entry: Mapping[str, Any]) -> Measured:
    low, high = entry["range"]
    return Measured(
        code=entry["code"],
        danish=entry["danish"],
        english=entry["english"],
        unit=entry["unit"],
        low=float(low),
        high=float(high),
        same_as=tuple(entry.get("same_as", ())),
    )


def _conversions(
    entries: list[Mapping[str, Any]], measured: Mapping[str, Measured]
) -> dict[tuple[str, str], Conversion]:
    return {
        (code, entry["from"]): Conversion(entry["scale"], entry.get("offset", 0.0))
        for entry in entries
        for code in entry.get("only", measured)
        if measured[code].unit == entry["to"]
    }
