"""Whether the process that runs a load is still there, told by the operating system and not by a clock.

Who runs a load holds a lock of its number: in PostgreSQL an advisory lock of a session of its own, for SQLite a lock on
a file beside the store. Either is let go the moment the process ends, however it ends. Nothing here knows what a load
is. Sessions handed on by a pooler between transactions (pgbouncer's transaction mode) cannot hold such a lock.
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from service.storage.database import Database

_CLASS: Final = 0x6F6D6875
"""The first half of our advisory locks' numbers: "omhu" in ASCII."""


@contextmanager
def held(database: Database, load_id: int) -> Generator[None]:
    """Hold the lock of a load. To be entered before the transaction that tells others of the load is committed."""
    if database.engine.dialect.name == "postgresql":
        with database.alone() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:class, :load)"), {"class": _CLASS, "load": load_id})
            try:
                yield
            finally:
                with suppress(DBAPIError):  # with a session that was cut the lock has gone
                    unlock = text("SELECT pg_advisory_unlock(:class, :load)")
                    connection.execute(unlock, {"class": _CLASS, "load": load_id})
        return
    file = _file(database, load_id)
    if file is None:  # a store in memory: nobody else can see the load
        yield
        return
    handle = os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        file.unlink(missing_ok=True)
        os.close(handle)


def is_held(database: Database, load_id: int) -> bool:
    """Whether some process holds the lock of a load; a file that a killed one left behind is removed."""
    if database.engine.dialect.name == "postgresql":
        with database.alone() as connection:
            return _is_held_in_postgresql(connection, load_id)
    file = _file(database, load_id)
    if file is None:
        return True
    try:
        handle = os.open(file, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        file.unlink(missing_ok=True)  # numbers of loads are never used again, so nobody can want this one now
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _is_held_in_postgresql(connection: Connection, load_id: int) -> bool:
    numbers = {"class": _CLASS, "load": load_id}
    free = connection.execute(text("SELECT pg_try_advisory_lock(:class, :load)"), numbers).scalar_one()
    if free:
        connection.execute(text("SELECT pg_advisory_unlock(:class, :load)"), numbers)
    return not free


def _file(database: Database, load_id: int) -> Path | None:
    name = database.engine.url.database
    return Path(f"{name}-load-{load_id}") if name and name != ":memory:" else None
