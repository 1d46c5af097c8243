"""Which person a citizen's key stands for now: `merges` for one key, without what the snapshot's tables need."""

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, Table, Text, select

from service.storage.database import ReadSession
from service.storage.tables import METADATA

CITIZEN_MERGES: Final = Table(
    "citizen_merges",
    METADATA,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("citizen", Integer, nullable=False),
    Column("into_citizen", Integer),  # empty: from here on by itself again
    Column("reason", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
)


def person_of(session: ReadSession, citizen: int) -> int:
    """The person's key: the key itself, or what it was merged into, and so on."""
    into: int | None = citizen
    while into is not None:
        citizen = into
        last = select(CITIZEN_MERGES.c.into_citizen).where(CITIZEN_MERGES.c.citizen == citizen)
        into = session.scalar(last.order_by(CITIZEN_MERGES.c.sequence.desc()).limit(1))
    return citizen
