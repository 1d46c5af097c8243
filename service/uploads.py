"""Uploaded drops: received into a folder, loaded one after another by a thread beside the pages.

The store remembers what waits, so a service that is stopped goes on where it was; loading twice changes nothing.
The files are personal data and are removed as soon as the load is over.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from models.errors import OmhuError, RequestWrong
from service import archive
from service.clock import Clock
from service.logs import logger, places
from service.storage import uploads
from service.storage.database import Database
from service.storage.times import stored

ARCHIVE: Final = "drop.zip"
UNPACKED: Final = "unpacked"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load came to: `status` loaded, partly or refused; `report` its JSON."""

    status: str
    report: str


Loader = Callable[[Database, Path, datetime], Loaded]


class UploadWorker:
    """The thread that loads what was received. Use as a context manager.

    `folder` holds one folder an upload, named by its number: either the tables of a drop, or them in one zip.
    """

    def __init__(self, database: Database, folder: Path, clock: Clock, load: Loader) -> None:
        self.folder = folder
        self._database, self._clock, self._load = database, clock, load
        self._wake, self._stopped = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="uploads", daemon=True)

    def __enter__(self) -> "UploadWorker":
        self._wake.set()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._wake.set()
        self._thread.join()  # one transaction a file: waiting is short, and killing leaves nothing half done either

    def receive(self, number: str, sender: str) -> None:
        """Take over an upload whose files lie in its folder: store that it waits, and start on it."""
        with self._database.write() as session:
            uploads.add_upload(session, number, sender, self._clock())
        self._wake.set()

    def work_off(self) -> None:
        """Load all that waits, and come back when nothing does."""
        while not self._stopped.is_set():
            with self._database.write() as session:
                number = uploads.claim_upload(session)
            if number is None:
                return
            self._finish(number)

    def _run(self) -> None:
        resumed = False
        while not self._stopped.is_set():
            self._wake.wait()
            self._wake.clear()
            try:
                resumed = resumed or self._resume()
                self.work_off()
            except Exception as error:  # noqa: BLE001 - the store is away: the thread must outlive that, and tries again
                logger().error("uploads stopped", error=type(error).__name__, places=places(error.__traceback__))

    def _resume(self) -> bool:
        with self._database.write() as session:
            uploads.requeue_uploads(session)
        return True

    def _finish(self, number: str) -> None:
        folder = self.folder / number
        loaded, problem = self._outcome(number, folder)
        archive.discard(folder)
        with self._database.write() as session:
            status, report = (loaded.status, loaded.report) if loaded else ("refused", None)
            uploads.finish_upload(session, number, status, self._clock(), report=report, problem=problem)

    def _outcome(self, number: str, folder: Path) -> tuple[Loaded | None, str | None]:
        """What the load came to, or why it came to nothing; in words that hold nothing of the data."""
        try:
            return self._load(self._database, _drop_of(folder), self._clock()), None
        except OmhuError as error:
            return None, str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the sender is told and the next upload gets its turn
            kind = type(error).__name__
            logger().error("load failed", upload=number, error=kind, places=places(error.__traceback__))
            return None, "The load failed for a reason of ours; nothing of the file at hand was kept."


def _drop_of(folder: Path) -> Path:
    """The folder with the tables, unpacked first where they came as a zip."""
    if not folder.is_dir():
        raise RequestWrong("The received files are gone.", "Send the drop again.")
    packed = folder / ARCHIVE
    if not packed.exists():
        return folder
    unpacked = folder / UNPACKED
    archive.discard(unpacked)
    unpacked.mkdir()
    archive.unpack(packed, unpacked)
    return unpacked


def load_received(database: Database, path: Path, received_at: datetime) -> Loaded:
    """Load a received drop as live data, known from `received_at`, when loading begins: no list could use it before."""
    # Only here: Arrow and its friends take a second to import, which no page needs.
    from service.intake.loading import load_path  # noqa: PLC0415

    report = load_path(database, path, "live", stored(received_at))
    status = "loaded" if not report.refused else "partly" if report.tables else "refused"
    return Loaded(status, report.model_dump_json())
