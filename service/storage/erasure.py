"""Removing a citizen from every table that knows one, and as far as it goes from what the engine keeps of removed rows.

SQLite overwrites removed rows where they stood. PostgreSQL frees their space: the bytes stay in the table's files until
other rows take it, or until `VACUUM FULL` writes the tables anew, which locks them and is for a maintenance window. Its
write-ahead log and all backups end as the installation has set.
"""

from sqlalchemy import inspect, text

from service.storage import counters, loads
from service.storage.database import Database, WriteSession


def stop_writers(session: WriteSession) -> None:
    """Let no load write before this transaction ends."""
    counters.take(session, "sequence")


def remove(session: WriteSession, citizen: int, citizen_id: str) -> None:
    """Remove the citizen's facts, set-aside rows and identity, and the rows of any other table with their key.

    The store itself is asked which tables have a column `citizen`, so that none can be forgotten here. A table that
    must keep its rows (the look-up log) has no such column.
    """
    inspected = inspect(session)
    for name in inspected.get_table_names():
        if any(column["name"] == "citizen" for column in inspected.get_columns(name)):
            session.execute(text(f'DELETE FROM "{name}" WHERE citizen = :citizen'), {"citizen": citizen})  # noqa: S608
    loads.forget_citizen(session, citizen_id)


def clean(database: Database) -> None:
    """Have the engine let go of what the removed rows left behind: empty SQLite's log, free PostgreSQL's dead rows.

    Of an older state that somebody is still reading, either keeps what is read until a later time.
    """
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "sqlite":
            # Removed bytes were overwritten in place (secure_delete); the log still holds pages from before.
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        connection.exec_driver_sql("VACUUM")
