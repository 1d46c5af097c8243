"""Whether a pooled connection to PostgreSQL still lives, mostly without asking the server.

A server that ends a connection says so on it, so an idle one with nothing to read lives as far as anybody can know; to
ask it each time costs a page several journeys. One that has rested long is asked, for a firewall forgets in silence.
"""

import select
from time import monotonic
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

_RESTED: Final = "omhu_rested_since"
LONGEST_REST_SECONDS: Final = 30.0


def watch(engine: Engine) -> None:
    """Let every connection of the engine's pool be looked at before it is used again; a dead one is replaced."""
    event.listen(engine, "checkin", _rests)
    event.listen(engine, "checkout", _wakes)


def _rests(_: Any, entry: ConnectionPoolEntry) -> None:
    entry.info[_RESTED] = monotonic()


def _wakes(connection: Any, entry: ConnectionPoolEntry, _: Any) -> None:
    since = entry.info.pop(_RESTED, None)
    if since is None:  # just opened
        return
    if monotonic() - since < LONGEST_REST_SECONDS and not _has_something_to_say(connection):
        return
    if not _answers(connection):
        raise DisconnectionError


def _has_something_to_say(connection: Any) -> bool:
    """Whether the server wrote to a connection nobody asked anything of: that it ends, or a notice."""
    if connection.closed:
        return True
    poll = select.poll()  # not select.select, which knows only the first 1024 files
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _answers(connection: Any) -> bool:
    import psycopg  # noqa: PLC0415 - only where PostgreSQL is

    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.Error:
        return False
    return True
