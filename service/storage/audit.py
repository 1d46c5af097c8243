"""The look-up log in the store: appended to one at a time, so that each record can carry the hash of the one before."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from sqlalchemy import RowMapping, delete, func, insert, literal, select

from service.audit import GENESIS, PRUNE, Look, Record, anchored
from service.storage.access_tables import LOOK_UPS
from service.storage.database import ReadSession, WriteSession, is_sqlite
from service.storage.times import moment, stored

_LOCK: Final = 0x6F6D68756C6F6F6B
"""The number of the lock that who writes to the log holds: "omhulook" in ASCII."""
_END: Final = select(LOOK_UPS.c.number, LOOK_UPS.c.hash).order_by(LOOK_UPS.c.number.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class Search:
    """What of the log is asked for; what is not named is any. `before` is the number from which on back to look."""

    actor: str = ""
    action: str = ""
    refused: bool = False
    citizen: int | None = None
    before: int | None = None

    def told(self) -> str:
        """The search as the log keeps it, the citizen apart."""
        named = (("actor", self.actor), ("action", self.action), ("refused", "yes" if self.refused else ""))
        return " ".join(f"{name}={value}" for name, value in named if value)


def search(session: ReadSession, asked: Search, most: int) -> tuple[Record, ...]:
    """The newest records that are asked for, newest first."""
    query = select(LOOK_UPS).order_by(LOOK_UPS.c.number.desc()).limit(most)
    if asked.actor:
        query = query.where(LOOK_UPS.c.actor == asked.actor)
    if asked.action:
        query = query.where(LOOK_UPS.c.action.startswith(asked.action, autoescape=True))
    if asked.refused:
        query = query.where(LOOK_UPS.c.result == "refused")
    if asked.before is not None:
        query = query.where(LOOK_UPS.c.number < asked.before)
    if asked.citizen is not None:
        # The list is JSON of whole numbers, written with ", " between them.
        listed = literal(", ").concat(func.trim(LOOK_UPS.c.citizens, "[]")).concat(", ")
        query = query.where(listed.contains(f", {asked.citizen}, "))
    return tuple(_record(row) for row in session.execute(query).mappings())


def append(session: WriteSession, look: Look) -> Record:
    """Add a look to the end of the chain. Must be the first thing its session does; see `_alone`."""
    _alone(session)
    newest = session.execute(_END).first()
    number, before = (newest.number + 1, newest.hash) if newest else (1, GENESIS)
    record = Record(number=number, look=look, before=before, hash=look.digest(before))
    session.execute(insert(LOOK_UPS), _row(record))
    return record


def records(session: ReadSession, after: int = 0) -> Iterator[Record]:
    """The log in order, from the record after the given number on, without holding it all in memory."""
    asked = select(LOOK_UPS).where(LOOK_UPS.c.number > after).order_by(LOOK_UPS.c.number)
    with closing(session.execute(asked, execution_options={"yield_per": 1000})) as found:
        yield from map(_record, found.mappings())


def start(session: ReadSession) -> str:
    """The hash that the first record must follow: `GENESIS`, or what the record of pruning told of what went before.

    Empty, which no record follows, when the beginning is gone and no record of the log says why.
    """
    first = session.scalar(select(func.min(LOOK_UPS.c.number)))
    if first is None or first == 1:
        return GENESIS
    asked = select(LOOK_UPS).where(LOOK_UPS.c.action == PRUNE).order_by(LOOK_UPS.c.number.desc())
    told = (anchored(_record(row).look) for row in session.execute(asked).mappings())
    return next((one[1] for one in told if one and one[0] == first - 1), "")


def last_before(session: ReadSession, moment_us: int) -> Record | None:
    """The last record such that it and all before it were written before an instant (microseconds UTC); or None."""
    young = session.scalar(select(func.min(LOOK_UPS.c.number)).where(LOOK_UPS.c.at >= moment_us))
    asked = select(LOOK_UPS).order_by(LOOK_UPS.c.number.desc()).limit(1)
    row = session.execute(asked if young is None else asked.where(LOOK_UPS.c.number < young)).mappings().first()
    return None if row is None else _record(row)


def remove_through(session: WriteSession, number: int) -> None:
    """Remove the records up to this one. The store refuses those younger than six months."""
    session.execute(delete(LOOK_UPS).where(LOOK_UPS.c.number <= number))


def last(session: ReadSession) -> Record | None:
    """The newest record, or None."""
    row = session.execute(select(LOOK_UPS).order_by(LOOK_UPS.c.number.desc()).limit(1)).mappings().first()
    return None if row is None else _record(row)


def _alone(session: WriteSession) -> None:
    """Keep every other writer of the log waiting until this transaction ends: two would follow the same record.

    SQLite's writers are alone already. In PostgreSQL the lock comes before anything is read, or the end of the chain
    would be seen as it was before the wait. It is not one of the table: that would wait for autovacuum, which gives
    way after a second, and every page with it.
    """
    if not is_sqlite(session):
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def _row(record: Record) -> dict[str, object]:
    look = record.look
    return {
        "number": record.number,
        "at": stored(look.at),
        "actor": look.actor,
        "role": look.role,
        "action": look.action,
        "purpose": look.purpose,
        "search": look.search,
        "citizens": json.dumps(look.citizens),
        "address": look.address,
        "result": look.result,
        "before": record.before,
        "hash": record.hash,
    }


def _record(row: RowMapping) -> Record:
    look = Look(
        at=moment(row["at"]),
        actor=row["actor"],
        role=row["role"],
        action=row["action"],
        purpose=row["purpose"],
        search=row["search"],
        citizens=tuple(json.loads(row["citizens"])),
        address=row["address"],
        result=row["result"],
    )
    return Record(number=row["number"], look=look, before=row["before"], hash=row["hash"])
