"""Where a stranger can write something: the parameters of addresses, and the fields of every form."""

import re
from collections.abc import Iterator
from typing import Final

_OF_PAGES: Final = ("dato", "distrikt", "team", "vis", "kode", "state", "code", "sprog")
_OF_API: Final = (("limit", "offset", "whole"), ("as_of", "known_at", "district"))
_OF_FHIR: Final = ("patient", "patient:identifier", "date", "_id", "_count", "_page", "_since", "_lastUpdated", "_sort")
_FIELDS: Final = {
    "/log": ("bruger", "borger", "handling", "foer"),
    "/login": ("navn", "adgangskode", "kode", "halv", "faktor"),
    "/borger": ("handling", "begrundelse", "bemaerkning", "pause", "kollega", "til_og_med", "til", "sidste"),
    "/administration": (
        "navn", "rolle", "distrikter", "teams", "session", "distrikt", "antal", "formaal", "grundlag", "dokument",
        "fra", "til",
    ),
}  # fmt: skip
RIGHT: Final = {
    "/borger/{reference}/gennemgang": {"handling": "phoned", "sidste": "0", "pause": ""},
    "/administration/brugere": {"rolle": "nurse"},
    "/administration/hjemmel": {"formaal": "train", "fra": "2026-01-01", "til": ""},
    "/administration/kapacitet": {"antal": "5"},
}
"""What else a form must hold for the words in its other fields to be stored."""


def hostile_addresses(pattern: str, word: str) -> Iterator[str]:
    """The pattern with the word in each of its places, one at a time; a pattern without any gives nothing."""
    for place in re.findall(r"\{[^}]+\}", pattern):
        yield re.sub(r"\{[^}]+\}", "1", pattern.replace(place, word))


def hostile_questions(pattern: str, word: str) -> Iterator[dict[str, str]]:
    """The word in every parameter: of a page in all at once, of an API in one after the other."""
    if pattern.startswith("/fhir/RiskAssessment"):
        yield from ({name: word} for name in _OF_FHIR)
    elif pattern.startswith("/api"):
        yield from (dict.fromkeys(names, word) for names in _OF_API)
    else:
        yield dict.fromkeys(_OF_PAGES, word)


def page_of(pattern: str) -> str:
    """A page that holds a form, for the proof that one sent to this address needs."""
    if pattern.startswith(("/login", "/sprog")):
        return "/login"
    return "/log" if pattern.startswith("/log") else "/administration" if pattern.startswith("/administration") else "/"


def fields(pattern: str) -> tuple[str, ...]:
    """The fields that forms sent to the pattern have; a form may not have many more than these."""
    found = [names for begins, names in _FIELDS.items() if pattern.startswith(begins)]
    return found[-1] if found else ("sprog", "faktor", "kode")
