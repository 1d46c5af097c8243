"""Rows sent to PostgreSQL while the next are made ready: one batch at a time, in order, within the same transaction.

A connection can do one thing at a time, so whatever else is asked of it waits until the batch is in: `watch` sees to
that for everything said through SQLAlchemy, commit and rollback too, and `service.storage.bulk` for the rest. An error
of the batch is raised there, at the latest when the transaction is committed; nothing is ever sent after a rollback.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

from sqlalchemy import Connection, Engine, event

_PENDING: Final = "omhu_pending"
_WORKER: Final = "omhu_worker"


def send(connection: Connection, work: Callable[[], None]) -> None:
    """Do the work, which uses this connection and nothing else does, in a thread; first wait for the one before."""
    settle(connection)
    worker = connection.info.get(_WORKER)
    if worker is None:
        worker = connection.info[_WORKER] = ThreadPoolExecutor(1, thread_name_prefix="rows")
    connection.info[_PENDING] = worker.submit(work)


def settle(connection: Connection) -> None:
    """Wait for what is under way, and raise its error if it had one."""
    pending: Future[None] | None = connection.info.pop(_PENDING, None)
    if pending is not None:
        pending.result()


def watch(engine: Engine) -> None:
    """Let everything that is said to a connection of this engine wait for what is under way."""
    event.listen(engine, "before_cursor_execute", _before)
    event.listen(engine, "commit", settle)
    event.listen(engine, "rollback", _give_up)


def _before(connection: Connection, *_: Any) -> None:
    settle(connection)


def _give_up(connection: Connection) -> None:
    """What is rolled back need not have succeeded; but it must have ended, which on a dead connection it has."""
    if connection.invalidated:
        return
    pending: Future[None] | None = connection.info.pop(_PENDING, None)
    if pending is not None:
        pending.exception()
