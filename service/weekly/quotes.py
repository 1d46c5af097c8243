"""Quotes: the sentences behind a reason, with the words that count marked.

A reason is told by signals; a note is quoted where it says what became an event of one of them, and nowhere else.
"""

from collections.abc import Iterator, Sequence

from models.events import matches
from models.features.spec import Signal
from models.notes.reading import Place
from service.storage.notes import Note
from service.storage.times import moment
from service.weekly.lists import Quote

MOST = 2


def quotes(notes: Sequence[Note], signals: Sequence[Signal], most: int = MOST) -> tuple[Quote, ...]:
    """The newest sentences, at most `most`, that say one of the signals of the citizen now; `notes` newest first."""
    found: list[Quote] = []
    said: set[str] = set()
    for note in notes:
        for quote in _of_note(note, signals):
            # What was copied from yesterday's note is said once, from where it stands last.
            if quote.text.casefold() not in said:
                said.add(quote.text.casefold())
                found.append(quote)
            if len(found) == most:
                return tuple(found)
    return tuple(found)


def _of_note(note: Note, signals: Sequence[Signal]) -> Iterator[Quote]:
    by_sentence: dict[tuple[int, int], list[Place]] = {}
    for place in note.places:
        if _counts(place, signals):
            by_sentence.setdefault((place.sentence_start, place.sentence_end), []).append(place)
    for (start, end), places in by_sentence.items():
        yield Quote(
            text=note.text[start:end],
            marks=tuple(sorted({(place.start - start, place.end - start) for place in places})),
            role=note.role,
            observed_at=moment(note.observed_at),
        )


def _counts(place: Place, signals: Sequence[Signal]) -> bool:
    """Whether what is said there is an event of a signal: there, about the citizen, now, and nothing of the outcome."""
    return any(
        matches(code, signal.codes) and not (signal.found_only and value is not None and value <= 0)
        for code, value in place.codes
        for signal in signals
    )
