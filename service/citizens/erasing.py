"""Erasing a citizen (GDPR art. 17): every row of the store and every event of the snapshot.

What of the bytes is overwritten, and what the disk still holds for a while, is `service.storage.erasure`'s to say.
Models already made are not touched: they hold no rows of anyone. Which legal duties speak against erasing is for the
municipality to judge before.
"""

from pathlib import Path

from models.folder_lock import held
from service.snapshots import without_citizen
from service.storage import erasure, identities, merges
from service.storage.database import Database


def erase(database: Database, snapshot: Path, citizen_id: str) -> None:
    """Remove all that is told of a citizen, named by the drop's own id, and of every id merged with it.

    Raises `NotFound` when nobody has it. Waits while another changes the snapshot. The snapshot goes first and the
    store last: cut off in between, the citizen can still be found, and erasing again finishes it.
    """
    erase_without_cleaning(database, snapshot, citizen_id)
    erasure.clean(database)


def erase_without_cleaning(database: Database, snapshot: Path, citizen_id: str) -> None:
    """As `erase`, for one of many: whoever calls has the engine clean up (`erasure.clean`) when the last is gone."""
    with held(snapshot), database.write() as session:
        asked = identities.key_of(session, citizen_id)
        erasure.stop_writers(session)
        persons = merges.persons(session)
        person = persons.of(asked)
        ids = identities.citizen_ids(session, persons.keys([person]))
        for citizen in sorted(ids):
            without_citizen(snapshot, citizen)
        for citizen, own_id in ids.items():
            erasure.remove(session, citizen, own_id)
            merges.forget(session, citizen)
