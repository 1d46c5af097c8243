"""Numbers handed out in order, each once."""

from typing import Literal

from sqlalchemy import select, update

from service.storage.database import ReadSession, WriteSession
from service.storage.tables import COUNTERS

Counter = Literal["citizen", "load", "sequence", "run"]
"""`run` hands out nothing: taking it lets one worker at a time claim a run."""


def take(session: WriteSession, counter: Counter) -> int:
    """The last number handed out; nobody else gets one before this transaction ends: numbers come in commit order."""
    query = update(COUNTERS).where(COUNTERS.c.name == counter).values(value=COUNTERS.c.value)
    return session.execute(query.returning(COUNTERS.c.value)).scalar_one()


def give(session: WriteSession, counter: Counter, last: int) -> None:
    """Hand out the numbers up to `last`; the counter was taken before in this transaction."""
    session.execute(update(COUNTERS).where(COUNTERS.c.name == counter).values(value=last))


def current(session: ReadSession, counter: Counter) -> int:
    """The last number handed out, without taking the counter."""
    return session.execute(select(COUNTERS.c.value).where(COUNTERS.c.name == counter)).scalar_one()
