"""The store, opened for a command that needs nothing else."""

from collections.abc import Generator
from contextlib import contextmanager

from service.settings import Settings
from service.storage.database import Database


@contextmanager
def opened_store() -> Generator[Database]:
    """This installation's store; raises `SystemWrong` unless it is of this version."""
    with Database.open(Settings.read().state.database_url) as database:
        database.require_migrated()
        yield database
