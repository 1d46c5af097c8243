"""What notes were read to say, kept beside them so that each is read once; all readings are by one lexicon.

Readings are made in the order notes came, so the last one tells which notes are still to be read.
"""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import BigInteger, Column, ColumnElement, Integer, Table, Text, delete, func, select

from service.storage import bulk, counters
from service.storage.database import ReadSession, WriteSession
from service.storage.tables import FACTS, METADATA

READINGS: Final = Table(
    "readings",
    METADATA,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("citizen", Integer, nullable=False, index=True),  # by which erasing finds them
    Column("lexicon", Text, nullable=False),
    Column("words", Integer, nullable=False),
    Column("codes", Text, nullable=False),
    Column("places", Text, nullable=False),
)
"""One row for each version of a note that says something, by the version's sequence."""

_UNREAD: Final = pa.schema([("sequence", pa.int64()), ("citizen", pa.int32()), ("text", pa.string())])


def lexicon(session: ReadSession) -> str | None:
    """The hash of the lexicon the readings are by; none when there are none."""
    return session.execute(select(READINGS.c.lexicon).limit(1)).scalar()


def last(session: ReadSession) -> int:
    """The sequence of the last note that was read; 0 when none was."""
    return session.execute(select(func.max(READINGS.c.sequence))).scalar() or 0


def unread(session: ReadSession, after: int) -> int:
    """How many versions of notes with a text came after a sequence."""
    return session.execute(select(func.count()).where(*_has_text(after))).scalar_one()


def next_notes(session: ReadSession, after: int, most: int) -> pa.Table:
    """The first notes after a sequence, at most `most`, with `sequence`, `citizen` and `text`."""
    notes = FACTS["notes"]
    query = (
        select(*(notes.c[name] for name in _UNREAD.names))
        .where(*_has_text(after))
        .order_by(notes.c.sequence)
        .limit(most)
    )
    return pa.concat_tables([_UNREAD.empty_table(), *bulk.fetch(session, query, _UNREAD)])  # pyright: ignore[reportArgumentType]


def store(session: WriteSession, after: int, readings: pa.Table) -> None:
    """Keep readings (the columns of `READINGS`) of notes after a sequence; those of notes gone meanwhile are not kept.

    Nothing is kept when somebody else read on from there meanwhile: they kept the same.
    """
    counters.take(session, "sequence")  # nobody loads, erases or reads at the same time
    if last(session) != after:
        return
    first, final = readings["sequence"][0].as_py(), readings["sequence"][-1].as_py()
    notes = FACTS["notes"]
    there = select(notes.c.sequence).where(notes.c.sequence >= first, notes.c.sequence <= final)
    present = [row.sequence for row in session.execute(there)]
    bulk.insert(session, READINGS, readings.filter(pc.is_in(readings["sequence"], pa.array(present, pa.int64()))))


def forget_all(session: WriteSession) -> None:
    """Forget every reading: another lexicon reads other things."""
    session.execute(delete(READINGS))


def _has_text(after: int) -> tuple[ColumnElement[bool], ...]:
    notes = FACTS["notes"]
    return notes.c.sequence > after, notes.c.retracted == 0
