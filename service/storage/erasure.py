"""Removing a citizen from every table that knows one, and from what the engine keeps of removed rows."""

from sqlalchemy import delete

from service.storage import counters, facts, identities, loads
from service.storage.database import Database, WriteSession
from service.storage.tables import FACTS, IDENTITIES, METADATA, SET_ASIDE


def stop_writers(session: WriteSession) -> None:
    """Let no load write before this transaction ends."""
    counters.take(session, "sequence")


def remove(session: WriteSession, citizen: int, citizen_id: str) -> None:
    """Remove the citizen's facts, set-aside rows and identity, and the rows of any other table with their key.

    A table that must keep its rows (the look-up log) has no column `citizen` of its own.
    """
    facts.remove_citizen(session, citizen)
    for table in METADATA.sorted_tables[::-1]:
        if "citizen" in table.c and table.name not in FACTS and table is not IDENTITIES:
            session.execute(delete(table).where(table.c.citizen == citizen))
    loads.forget_citizen(session, citizen_id)
    identities.remove(session, citizen)


def clean(database: Database) -> None:
    """Have the engine overwrite what the removed rows left behind: SQLite's log of changes, PostgreSQL's dead rows."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "sqlite":
            # Removed bytes were overwritten in place (secure_delete); the log still holds pages from before.
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        for name in (*FACTS, IDENTITIES.name, SET_ASIDE.name):
            connection.exec_driver_sql(f"VACUUM {name}")
