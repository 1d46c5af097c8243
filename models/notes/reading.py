"""What one note was read to say, as it is kept: the codes that count, and where in the text they stand.

A note is read once, when it comes, and again only when the lexicon changes. Places are offsets, so a reading can be
kept and handed on without a word of the text.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from models.notes.codes import event_codes

if TYPE_CHECKING:
    from models.notes.reader import NoteReader  # whoever only asks what was read needs no reader

Coded = Sequence[tuple[str, float | None]]
"""Event codes with their values (`models.notes.codes`)."""


class Place(NamedTuple):
    """Where something that counts is said: the words, the sentence around them (offsets), and their codes."""

    start: int
    end: int
    sentence_start: int
    sentence_end: int
    codes: Coded


@dataclass(frozen=True, slots=True)
class Reading:
    """One note as read: its number of words, the codes of the whole, as JSON, and the places, as JSON."""

    words: int
    codes: str
    places: str


def read(text: str, reader: "NoteReader") -> Reading:
    """Read one note, for keeping."""
    mentions = reader.read(text)
    places = [
        Place(mention.start, mention.end, mention.sentence_start, mention.sentence_end, codes)
        for mention in mentions
        if (codes := event_codes([mention]))
    ]
    return Reading(len(text.split()), _as_json(event_codes(mentions)), _as_json(places))


def codes_of(reading: str) -> list[tuple[str, float | None]]:
    """The codes of a reading, from their JSON."""
    return [(code, value) for code, value in json.loads(reading)]


def places_of(reading: str) -> tuple[Place, ...]:
    """The places of a reading, from their JSON."""
    return tuple(
        Place(start, end, sentence_start, sentence_end, [(code, value) for code, value in codes])
        for start, end, sentence_start, sentence_end, codes in json.loads(reading)
    )


_as_json = json.JSONEncoder(separators=(",", ":")).encode
