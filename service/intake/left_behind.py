"""What a process left that was killed while it received or loaded: uploads to take up again, files to remove."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from service.intake import archive
from service.storage import load_locks, loads, uploads
from service.storage.database import Database
from service.storage.running_loads import mark_interrupted
from service.storage.times import stored
from service.storage.uploads import Status

_DAY_SECONDS: Final = 86_400
_DONE: Final[Mapping[loads.Status, Status]] = {"loaded": "loaded", "partly": "partly", "refused": "refused"}


def take_up(database: Database, folder: Path, at: datetime) -> None:
    """Let every upload wait again whose load is under way in no process; `folder` holds one folder an upload."""
    mark_interrupted(database, stored(at))
    with database.read() as session:
        left = uploads.under_way(session)
    for number, load_id in left:
        if not load_locks.is_held(database, load_id) and _is_over(database, number, load_id, at):
            archive.discard(folder / number)


def _is_over(database: Database, number: str, load_id: int, at: datetime) -> bool:
    """Whether the upload is over, its load having ended or its sender having cancelled it; otherwise it waits again."""
    with database.write() as session:
        ended = loads.get(session, load_id)
        if ended.status in _DONE:  # it ended, and only this was not noted any more
            return uploads.finish_left(session, number, load_id, _DONE[ended.status], at, ended.report)
        return uploads.requeue_upload(session, number, load_id, at)


def sweep(database: Database, folder: Path, at: datetime) -> None:
    """Remove the files of loads that are over, and of what was being received, for nobody will send the rest of it
    here."""
    folders = list(folder.iterdir()) if folder.is_dir() else []
    with database.read() as session:
        known = uploads.unfinished(session)
        over = uploads.over(session, [one.name for one in folders])
    before = at.timestamp() - _DAY_SECONDS
    for one in folders:
        with suppress(FileNotFoundError):  # another process may sweep too
            if one.name in over or (one.name not in known and one.stat().st_mtime < before):
                archive.discard(one)
