"""Ids that are one person's: merged and un-merged, appended to and never changed, with nothing moved between them.

Every fact keeps the key of the id it came under. That several keys are one person is told when facts are read for the
snapshot, so that un-merging restores exactly what was. Each row carries the number of the change of the store it was,
which is how a snapshot knows what has been merged since it was made.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select

from models.events import instants, timestamps
from models.windows import NEVER
from service.storage import counters
from service.storage.database import ReadSession, WriteSession
from service.storage.persons import CITIZEN_MERGES
from service.storage.tables import FACTS


@dataclass(frozen=True, slots=True)
class Persons:
    """Which keys stand for whom: `person` has the person's key for every key that was merged into another.

    `replaced` has, for such a key, the instant (microseconds UTC) from which its rows of `citizens` no longer hold
    since the person's own row is known; `NEVER` where there is none.
    """

    person: Mapping[int, int] = field(default_factory=dict[int, int])
    replaced: Mapping[int, int] = field(default_factory=dict[int, int])

    def of(self, citizen: int) -> int:
        """The person's key."""
        return self.person.get(citizen, citizen)

    def keys(self, persons: Iterable[int]) -> tuple[int, ...]:
        """All keys under which facts of these persons stand, the persons' own among them."""
        wanted = set(persons)
        return tuple(sorted(wanted | {key for key, person in self.person.items() if person in wanted}))

    def in_bucket(self, column: ColumnElement[int], number: int, of: int) -> ColumnElement[bool]:
        """The condition that a row's person lies in one bucket of so many."""
        by_itself = column % of == number
        if not self.person:
            return by_itself
        gone = [key for key, person in self.person.items() if key % of != person % of]
        come = [key for key, person in self.person.items() if person % of == number]
        return or_(and_(by_itself, column.not_in(gone)), column.in_(come))

    def told(self, table: str, rows: pa.Table) -> pa.Table:
        """Rows of a table of facts (with `citizen`, `known_from`, `superseded_at`) with the persons' keys.

        A person has one row of `citizens` at a time: what it says of a merged id holds until the person's own is known.
        """
        if not self.person:
            return rows
        keys = rows["citizen"].to_numpy()
        if table == "citizens":
            until = _looked_up(self.replaced, keys, np.full(keys.size, NEVER, dtype=np.int64))
            rows = _held_until(rows, until)
            keys = rows["citizen"].to_numpy()
        at = rows.column_names.index("citizen")
        person = _looked_up(self.person, keys, keys.astype(np.int64))
        return rows.set_column(at, "citizen", pa.array(person, rows["citizen"].type))


@dataclass(frozen=True, slots=True)
class Moved:
    """What has been merged or un-merged since some change: the persons it is about, then or now, and all their keys."""

    persons: tuple[int, ...]
    keys: tuple[int, ...]


def append(session: WriteSession, citizen: int, into: int | None, *, reason: str, by: str, at: int) -> None:
    """Note that a key is a person's (`into`), or by itself again (None); `at` in microseconds UTC."""
    sequence = counters.take(session, "sequence") + 1
    row = {"citizen": citizen, "into_citizen": into, "reason": reason, "made_by": by, "made_at": at}
    session.execute(insert(CITIZEN_MERGES), row | {"sequence": sequence})
    counters.give(session, "sequence", sequence)


def forget(session: WriteSession, citizen: int) -> None:
    """Remove what was ever merged into the key of a citizen who is erased; a reason may tell of the citizen."""
    session.execute(delete(CITIZEN_MERGES).where(CITIZEN_MERGES.c.into_citizen == citizen))


def persons(session: ReadSession) -> Persons:
    """Which keys stand for whom, as it is now."""
    direct = _direct(session)
    if not direct:
        return Persons()
    person = {key: _root(direct, key) for key in direct}
    known = _first_known(session, set(direct.values()))
    replaced = {key: min((known.get(one, NEVER) for one in _ancestors(direct, key)), default=NEVER) for key in direct}
    return Persons(person, replaced)


def moved(session: ReadSession, since: int) -> Moved:
    """What has been merged or un-merged after a change of the store."""
    table = CITIZEN_MERGES
    touched = set(session.execute(select(table.c.citizen).where(table.c.sequence > since)).scalars())
    if not touched:
        return Moved((), ())
    then, now = _direct(session, until=since), _direct(session)
    changed = {key for key in {*then, *now, *touched} if key in touched or _root(then, key) != _root(now, key)}
    persons = {_root(when, key) for when in (then, now) for key in changed}
    keys = {key for key in {*then, *now} if {_root(then, key), _root(now, key)} & persons}
    return Moved(tuple(sorted(persons)), tuple(sorted(persons | keys | changed)))


def _direct(session: ReadSession, until: int | None = None) -> dict[int, int]:
    """What each merged key was merged into, as it stood after a change of the store; now when none is named."""
    table = CITIZEN_MERGES
    query = select(table.c.citizen, table.c.into_citizen).order_by(table.c.sequence)
    rows = session.execute(query if until is None else query.where(table.c.sequence <= until))
    last = {row.citizen: row.into_citizen for row in rows}
    return {citizen: into for citizen, into in last.items() if into is not None}


def _ancestors(direct: Mapping[int, int], citizen: int) -> Sequence[int]:
    found: list[int] = []
    while citizen in direct:
        citizen = direct[citizen]
        found.append(citizen)
    return found


def _root(direct: Mapping[int, int], citizen: int) -> int:
    return [citizen, *_ancestors(direct, citizen)][-1]


def _first_known(session: ReadSession, citizens: set[int]) -> Mapping[int, int]:
    table = FACTS["citizens"]
    query = (
        select(table.c.citizen, func.min(table.c.known_from).label("first"))
        .where(table.c.citizen.in_(sorted(citizens)), table.c.retracted == 0)
        .group_by(table.c.citizen)
    )
    return {row.citizen: row.first for row in session.execute(query)}


def _looked_up(table: Mapping[int, int], keys: NDArray[np.int32], default: NDArray[np.int64]) -> NDArray[np.int64]:
    """What the table has for each key, shape (n,), and the default where it has nothing."""
    known = np.array(sorted(table), dtype=np.int64)
    values = np.array([table[key] for key in known.tolist()], dtype=np.int64)
    place = np.minimum(np.searchsorted(known, keys), known.size - 1)
    return np.where(known[place] == keys, values[place], default)


def _held_until(rows: pa.Table, until: NDArray[np.int64]) -> pa.Table:
    """The rows that held at all before `until`, shape (n,), superseded by then at the latest."""
    superseded = np.minimum(instants(rows["superseded_at"]), until)
    at = rows.column_names.index("superseded_at")
    ended = rows.set_column(at, "superseded_at", timestamps(superseded))
    return ended.filter(pa.array(instants(rows["known_from"]) < until))
