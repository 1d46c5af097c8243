"""Waiting for what the service does by itself."""

import time

from service.storage import uploads
from service.storage.database import Database

_LONGEST_SECONDS = 600


def drained(database: Database) -> float:
    """Wait until nothing waits to be loaded; gives the seconds. Raises `AssertionError` when it never ends."""
    begun = time.perf_counter()
    while (past := time.perf_counter() - begun) < _LONGEST_SECONDS:
        with database.read() as session:
            if not uploads.count_unfinished(session):
                return past
        time.sleep(0.1)
    raise AssertionError("what was sent in is still not loaded")
