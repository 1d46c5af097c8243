"""Quotes: the sentences behind a reason, with the words that count marked.

A reason is told by signals; a note is quoted where it says what became an event of one of them, and nowhere else.
"""

from collections.abc import Iterator, Sequence

from models.events import matches
from models.features.spec import Signal
from models.notes.codes import event_codes
from models.notes.mention import Mention
from models.notes.reader import NoteReader
from service.lists import Quote
from service.storage.notes import Note
from service.storage.times import moment

MOST = 2


def quotes(notes: Sequence[Note], signals: Sequence[Signal], reader: NoteReader, most: int = MOST) -> tuple[Quote, ...]:
    """The newest sentences, at most `most`, that say one of the signals of the citizen now; `notes` newest first."""
    found: list[Quote] = []
    said: set[str] = set()
    for note in notes:
        for quote in _of_note(note, signals, reader):
            # What was copied from yesterday's note is said once, from where it stands last.
            if quote.text.casefold() not in said:
                said.add(quote.text.casefold())
                found.append(quote)
            if len(found) == most:
                return tuple(found)
    return tuple(found)


def _of_note(note: Note, signals: Sequence[Signal], reader: NoteReader) -> Iterator[Quote]:
    by_sentence: dict[tuple[int, int], list[Mention]] = {}
    for mention in reader.read(note.text):
        if _counts(mention, signals):
            by_sentence.setdefault((mention.sentence_start, mention.sentence_end), []).append(mention)
    for (start, end), mentions in by_sentence.items():
        yield Quote(
            text=note.text[start:end],
            marks=tuple(sorted({(mention.start - start, mention.end - start) for mention in mentions})),
            role=note.role,
            observed_at=moment(note.observed_at),
        )


def _counts(mention: Mention, signals: Sequence[Signal]) -> bool:
    """Whether the mention became an event of a signal: there, about the citizen, now, and nothing of the outcome."""
    return any(
        matches(code, signal.codes) and not (signal.found_only and value is not None and value <= 0)
        for code, value in event_codes([mention])
        for signal in signals
    )
