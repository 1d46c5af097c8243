"""Where a store is, so that two addresses of the same one are told to be: before connecting, and by asking it."""

import os
from pathlib import Path
from typing import Final

from sqlalchemy import make_url, text
from sqlalchemy.exc import ArgumentError

from models.errors import SystemWrong
from service.storage.database import ReadSession, is_sqlite

_HERE: Final = frozenset({"", "localhost", "127.0.0.1", "::1", "[::1]"})
_WHO_AM_I: Final = (
    "SELECT system_identifier::text || '/' || (SELECT oid FROM pg_database WHERE datname = current_database())::text "
    "FROM pg_control_system()"
)


def place_of(url: str) -> tuple[str, ...]:
    """What two addresses of one store have in common, whoever logs in there. Raises `SystemWrong` for no address.

    Names of one machine are not looked up; `identity` finds what this cannot.
    """
    try:
        address = make_url(url)
    except ArgumentError:
        raise SystemWrong("The database address cannot be read.", "Set OMHU_DATABASE_URL.") from None
    if address.get_backend_name() == "sqlite":
        return "sqlite", os.path.realpath(address.database or "")
    # What stands behind the question mark wins: so does the driver.
    told = {"host": address.host, "port": address.port, "dbname": address.database, "user": address.username}
    told |= dict(address.query)
    host = _joined(told.get("hostaddr") or told["host"]).lower()
    name = _joined(told["dbname"] or told["user"])
    return "postgresql", "localhost" if host in _HERE else host, _joined(told["port"] or 5432), name


def identity(session: ReadSession) -> str:
    """What only this store answers, by whichever name it was reached."""
    if not is_sqlite(session):
        return str(session.execute(text(_WHO_AM_I)).scalar_one())
    file = session.exec_driver_sql("PRAGMA database_list").one()[2]
    seen = Path(file).stat()
    return f"{seen.st_dev}/{seen.st_ino}"


def _joined(value: object) -> str:
    """A part of an address, of which there may be several."""
    parts = value if isinstance(value, tuple) else (value,)
    return ",".join("" if part is None else str(part) for part in parts)
