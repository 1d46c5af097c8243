"""Quotes: the sentences behind a reason, with the words that count marked.

A reason is told by signals; those that are concepts of the lexicon can be quoted from the notes that mention them.
"""

from collections.abc import Collection, Iterator, Sequence

from models.notes.mention import Mention, Polarity, Subject, Time
from models.notes.reader import NoteReader
from service.lists import Quote
from service.storage.notes import Note
from service.storage.times import moment

MOST = 2


def quotes(notes: Sequence[Note], concepts: Collection[str], reader: NoteReader, most: int = MOST) -> tuple[Quote, ...]:
    """The newest sentences, at most `most`, that say one of the concepts of the citizen now; `notes` newest first."""
    found: list[Quote] = []
    said: set[str] = set()
    for note in notes:
        for quote in _of_note(note, concepts, reader):
            # What was copied from yesterday's note is said once, from where it stands last.
            if quote.text.casefold() not in said:
                said.add(quote.text.casefold())
                found.append(quote)
            if len(found) == most:
                return tuple(found)
    return tuple(found)


def _of_note(note: Note, concepts: Collection[str], reader: NoteReader) -> Iterator[Quote]:
    by_sentence: dict[tuple[int, int], list[Mention]] = {}
    for mention in reader.read(note.text):
        if mention.concept in concepts and _counts(mention):
            by_sentence.setdefault((mention.sentence_start, mention.sentence_end), []).append(mention)
    for (start, end), mentions in by_sentence.items():
        yield Quote(
            text=note.text[start:end],
            marks=tuple((mention.start - start, mention.end - start) for mention in mentions),
            role=note.role,
            observed_at=moment(note.observed_at),
        )


def _counts(mention: Mention) -> bool:
    """The same mentions that became events: found, about the citizen, and now."""
    return mention.polarity is Polarity.PRESENT and mention.subject is Subject.CITIZEN and mention.time is Time.CURRENT
