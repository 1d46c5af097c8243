"""What is older than it is kept, asked of the tables, and removed from them."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import and_, delete, func, inspect, or_, select, text

from service.storage import merges
from service.storage.access_tables import LOOK_UPS
from service.storage.database import ReadSession, WriteSession
from service.storage.list_tables import LISTS
from service.storage.tables import FACTS, IDENTITIES

_DAY_US: Final = 86_400_000_000


def looks_through(session: ReadSession, number: int) -> int:
    """How many records of the look-up log there are up to this one."""
    return session.scalar(select(func.count()).where(LOOK_UPS.c.number <= number)) or 0


def lists_before(session: ReadSession, day: date) -> tuple[int, ...]:
    """The numbers of the lists dated before a day, silent ones too."""
    return tuple(session.scalars(select(LISTS.c.list_id).where(LISTS.c.as_of < day.isoformat())))


def out_of_care_before(session: ReadSession, day: date) -> tuple[str, ...]:
    """The persons whose care ended, or who died, before a day, each by the own id that is now theirs.

    A person of several ids is out of care when the standing row of every one of them says so: a replaced number is
    closed while care goes on under the new one.
    """
    limit, facts = (day - date(1970, 1, 1)).days * _DAY_US, FACTS["citizens"]
    asked = (
        select(IDENTITIES.c.citizen, IDENTITIES.c.citizen_id)
        .join(facts, facts.c.citizen == IDENTITIES.c.citizen)
        .where(
            and_(facts.c.superseded_at.is_(None), facts.c.retracted == 0),
            or_(facts.c.care_end < limit, facts.c.death_date < limit),
        )
        .order_by(IDENTITIES.c.citizen)
    )
    out = {row.citizen: row.citizen_id for row in session.execute(asked)}
    person = merges.persons(session).person
    kept = {into for key, into in person.items() if not {key, into} <= out.keys()}
    return tuple(own_id for citizen, own_id in out.items() if citizen not in kept and citizen not in person)


def remove_lists(session: WriteSession, numbers: Sequence[int]) -> None:
    """Remove lists with all that hangs on them: the store itself is asked which tables name a list."""
    inspected = inspect(session)
    hanging = [
        name
        for name in inspected.get_table_names()
        if name != LISTS.name and any(column["name"] == "list_id" for column in inspected.get_columns(name))
    ]
    for number in numbers:
        for name in hanging:
            session.execute(text(f'DELETE FROM "{name}" WHERE list_id = :number'), {"number": number})  # noqa: S608
        session.execute(delete(LISTS).where(LISTS.c.list_id == number))
