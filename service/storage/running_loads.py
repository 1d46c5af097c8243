"""Loads under way, and those of which nobody noted any more that they ended: their process was killed."""

from service.storage import load_locks, loads
from service.storage.database import Database


def mark_interrupted(database: Database, at: int) -> tuple[int, ...]:
    """Note of every load whose process is gone that it was interrupted, found at an instant; returns their numbers."""
    with database.read() as session:
        running = loads.running(session)
    dead = tuple(load_id for load_id in running if not load_locks.is_held(database, load_id))
    if dead:
        with database.write() as session:
            loads.interrupt(session, dead, at)
    return dead
