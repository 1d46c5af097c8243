"""Erasing a citizen (GDPR art. 17): from the store and from the snapshot, so that no trace is left in either.

Models already made are not touched: they hold no rows of anyone. Which legal duties speak against erasing is for the
municipality to judge before.
"""

from pathlib import Path

from service.snapshots import without_citizen
from service.storage import erasure, identities
from service.storage.database import Database


def erase(database: Database, snapshot: Path, citizen_id: str) -> None:
    """Remove every trace of a citizen, named by the drop's own id. Raises `NotFound` when nobody has it.

    The snapshot goes first and the store last: cut off in between, the citizen can still be found, and erasing again
    finishes it.
    """
    with database.write() as session:
        citizen = identities.key_of(session, citizen_id)
        erasure.stop_writers(session)
        without_citizen(snapshot, citizen)
        erasure.remove(session, citizen, citizen_id)
    erasure.clean(database)
