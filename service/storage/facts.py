"""The versions of facts: finding those there are, adding new ones, reading them for the snapshot.

A table's rows are added and superseded, never changed otherwise, and removed only when a citizen is erased.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Column, Double, Index, Integer, SmallInteger, Text, or_, select, text
from sqlalchemy.schema import CreateIndex, DropIndex

from service.storage import bulk, merges
from service.storage.database import ReadSession, WriteSession, is_sqlite
from service.storage.readings import READINGS
from service.storage.tables import FACT_COLUMNS, FACTS, LOADS

VERSIONS: Final = pa.schema(
    [
        ("source_id", pa.string()),
        ("sequence", pa.int64()),
        ("recorded_at", pa.int64()),
        ("known_from", pa.int64()),
        ("superseded_at", pa.int64()),
        ("content", pa.int64()),
        ("retracted", pa.int8()),
    ]
)
"""What is asked of the versions there are, to tell what a row that comes is to them."""

_TIMES: Final = ("recorded_at", "known_from", "superseded_at", "received_at")
_INSTANT: Final = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True)
class Since:
    """Which versions to read: those that came or changed after a sequence."""

    sequence: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """Which versions to read: those of the citizens of one bucket of so many."""

    number: int
    of: int


@dataclass(frozen=True, slots=True)
class Of:
    """Which versions to read: those of one person, by the person's key."""

    person: int


def is_empty(session: ReadSession, name: str) -> bool:
    """Whether the table has no version at all."""
    return session.execute(select(FACTS[name].c.sequence).limit(1)).first() is None


def versions_of(session: ReadSession, name: str, keys: NDArray[np.int64]) -> pa.Table:
    """The versions whose id has one of these 64-bit keys, shape (n,), as a table of `VERSIONS`."""
    return bulk.fetch_keyed(session, FACTS[name], keys, VERSIONS)


def add(session: WriteSession, name: str, rows: pa.Table) -> None:
    """Add versions, complete but for `changed`."""
    bulk.insert(session, FACTS[name], rows)


def supersede(
    session: WriteSession,
    name: str,
    sequences: NDArray[np.int64],
    superseded_at: NDArray[np.int64],
    changed: int,
) -> None:
    """Note on versions, by sequence, when they were superseded; `changed` is the sequence of this change."""
    bulk.set_superseded(session, FACTS[name], sequences, superseded_at, changed)


def drop_source_index(session: WriteSession, name: str) -> None:
    """Take the index of ids away while a whole history is written into an empty table: twice as fast."""
    session.execute(DropIndex(_source_index(name)))


def create_source_index(session: WriteSession, name: str) -> None:
    """Put the index of ids back."""
    if not is_sqlite(session):
        # What PostgreSQL sorts in by default is filled by a million ids; the setting ends with the transaction.
        session.execute(text("SET LOCAL maintenance_work_mem = '256MB'"))
    session.execute(CreateIndex(_source_index(name)))


def _source_index(name: str) -> Index:
    return next(index for index in FACTS[name].indexes if index.name == f"{name}_source")


def rows_for_projection(
    session: ReadSession, name: str, which: Since | Bucket | Of | None = None, *, leave_out: Sequence[str] = ()
) -> Iterator[pa.Table]:
    """Versions as `models.projection` takes them, some ten thousand at a time: all, or those `which` names.

    Retracted versions are left out. Times are timestamps in UTC, numbers float64, flags bool. Notes come with what
    they were read to say, `words` and `codes`; one that was not read yet does not come. `citizen` is the person's key,
    whichever id the row came under; the buckets are those of the persons.
    """
    table = FACTS[name]
    own = [table.c[column] for column in FACT_COLUMNS[name] if column not in leave_out]
    times = [column for column in _TIMES if column not in leave_out]
    read = [READINGS.c.words, READINGS.c.codes] if name == "notes" else []
    query = (
        select(
            *(table.c[column] for column in ("sequence", "citizen")),
            *(LOADS.c.received_at if column == "received_at" else table.c[column] for column in times),
            *own,
            *read,
        )
        .select_from(table)
        .where(table.c.retracted == 0)
    )
    if read:
        query = query.join(READINGS, READINGS.c.sequence == table.c.sequence)
    if "received_at" in times:
        query = query.join(LOADS, LOADS.c.load_id == table.c.load_id)
    persons = merges.persons(session)
    if isinstance(which, Since):
        again = merges.moved(session, which.sequence).keys
        came = or_(table.c.sequence > which.sequence, table.c.changed > which.sequence)
        query = query.where(or_(came, table.c.citizen.in_(again)) if again else came)
    if isinstance(which, Bucket):
        query = query.where(persons.in_bucket(table.c.citizen, which.number, which.of))
    if isinstance(which, Of):
        query = query.where(table.c.citizen.in_(persons.keys([which.person])))
    stored = pa.schema(
        [("sequence", pa.int64()), ("citizen", pa.int32())]
        + [(column, pa.int64()) for column in times]
        + [(column.name, _stored_type(column)) for column in (*own, *read)]
    )
    shown = pa.schema([(field.name, _shown_type(field)) for field in stored])
    for rows in bulk.fetch(session, query, stored):
        yield persons.told(name, rows.cast(shown))


def _stored_type(column: Column[Any]) -> pa.DataType:
    kinds: dict[type[object], pa.DataType] = {
        Integer: pa.int32(),
        BigInteger: pa.int64(),
        Double: pa.float64(),
        Text: pa.string(),
        SmallInteger: pa.int8(),
    }
    return kinds[type(column.type)]


def _shown_type(field: pa.Field) -> pa.DataType:
    if field.name in {"sequence", "citizen"}:
        return field.type
    if field.type == pa.int64():
        return _INSTANT
    return pa.bool_() if field.type == pa.int8() else field.type


def changed_citizens(session: ReadSession, name: str, since: int) -> NDArray[np.int64]:
    """The persons of whom a version came or changed after a sequence, retractions and merges included; sorted."""
    table = FACTS[name]
    query = select(table.c.citizen).where(or_(table.c.sequence > since, table.c.changed > since)).distinct()
    persons = merges.persons(session)
    came = {persons.of(citizen) for citizen in session.execute(query).scalars()}
    return np.array(sorted(came | set(merges.moved(session, since).persons)), dtype=np.int64)
