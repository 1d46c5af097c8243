"""The store, opened for a command that needs nothing else."""

from collections.abc import Generator
from contextlib import contextmanager

from service.settings import Settings
from service.storage.database import Database


@contextmanager
def opened_store(*, create: bool = False) -> Generator[Database]:
    """This installation's store; raises `SystemWrong` unless it is of this version. `create` sets a new one up."""
    with Database.open(Settings.read().state.database_url) as database:
        database.require_migrated(create=create)
        yield database
