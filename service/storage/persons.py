"""Which person a citizen's key stands for now: `merges` in the store's own words, without what a snapshot needs."""

from typing import Any, Final

from sqlalchemy import BigInteger, Column, Integer, Select, Table, Text, func, literal, select, union_all

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


_LAST: Final = select(func.max(CITIZEN_MERGES.c.sequence)).group_by(CITIZEN_MERGES.c.citizen)
_MERGED: Final = (
    select(CITIZEN_MERGES.c.citizen, CITIZEN_MERGES.c.into_citizen)
    .where(CITIZEN_MERGES.c.sequence.in_(_LAST), CITIZEN_MERGES.c.into_citizen.is_not(None))
    .cte("merged")
)
_SAME: Final = union_all(
    select(_MERGED.c.citizen, _MERGED.c.into_citizen.label("other")),
    select(_MERGED.c.into_citizen, _MERGED.c.citizen),
).cte("same")
"""Two keys of one person, one merged into the other; both ways round."""


def every_key(of: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Every key of the persons some keys (`citizen`) stand for, each with what else is told of the key it came from.

    A subquery: what is stored under a key keeps it, and the person may have another since.
    """
    keys = of.cte("keys", recursive=True)
    told = [column for column in keys.c if column.name != "citizen"]
    keys = keys.union(select(_SAME.c.other, *told).join_from(keys, _SAME, _SAME.c.citizen == keys.c.citizen))
    return select(*keys.c)


def keys_of(session: ReadSession, citizen: int) -> tuple[int, ...]:
    """Every key of the person a key stands for, smallest first."""
    return tuple(sorted(session.scalars(every_key(select(literal(citizen).label("citizen"))))))


def person_of(session: ReadSession, citizen: int) -> int:
    """The person's key: the key itself, or what it was merged into, and so on."""
    into: int | None = citizen
    while into is not None:
        citizen = into
        last = select(CITIZEN_MERGES.c.into_citizen).where(CITIZEN_MERGES.c.citizen == citizen)
        into = session.scalar(last.order_by(CITIZEN_MERGES.c.sequence.desc()).limit(1))
    return citizen
