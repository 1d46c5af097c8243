"""What came in through the API: received into a folder, loaded by a thread beside the pages, messages many at a time.

The store remembers what waits, so a service that is stopped goes on where it was; loading twice changes nothing.
The files are personal data and are removed as soon as the load is over.
"""

import threading
from collections.abc import Sequence
from contextlib import ExitStack
from contextvars import copy_context
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from typing import Final

from models.errors import OmhuError
from service.clock import Clock
from service.intake import archive, left_behind
from service.intake.orders import Group, Loaded, Loader, Order
from service.logs import logger, places
from service.refusals import Busy
from service.storage import load_locks, loads, uploads
from service.storage.database import Database, StoreAway
from service.storage.times import stored
from service.storage.uploads import SentKey, Status, Upload

MOST_WAITING: Final = 500
"""Uploads that wait, are under way or are being received: half a minute of a busy hospital's messages."""
RETRY_SECONDS: Final = 5
_LOOK_SECONDS: Final = 30
"""How often it is looked for what nobody tells of: a store that is back, a process that died."""
_GATHER_SECONDS: Final = 0.5
"""How long it rests when nothing waits any more: messages that come meanwhile are loaded together."""
_GATHER_LONGER_SECONDS: Final = 2.0
"""How long after several were loaded together: more are on their way, and a load costs more than a message in it."""
_MOST_TOGETHER: Final = 200
_AGAIN_SECONDS: Final = 2
"""How soon it is looked again after something went wrong."""


class UploadWorker:
    """The thread that loads what was received. Use as a context manager.

    `folder` holds one folder an upload, named by its number: its files, or them in one zip.
    """

    def __init__(self, database: Database, folder: Path, clock: Clock, load: Loader) -> None:
        self.folder = folder
        self._database, self._clock, self._load = database, clock, load
        self._wake, self._stopped = threading.Event(), threading.Event()
        # In the context of whoever makes it, so that its lines in the log are of the same municipality.
        run = copy_context().run
        self._thread = threading.Thread(target=run, args=(self._run,), name="uploads", daemon=True)
        self._receiving, self._places = 0, threading.Lock()
        self._progress: dict[str, str] = {}
        self._alone: set[str] = set()

    def __enter__(self) -> "UploadWorker":
        self._wake.set()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._wake.set()
        self._thread.join()  # ends between two files; killing it would leave nothing half done either

    def take_place(self) -> None:
        """Take a place for one more upload, to be held while it is received. Raises `Busy` when there is none."""
        with self._database.read() as session:
            waiting = uploads.count_unfinished(session)
        with self._places:
            if waiting + self._receiving >= MOST_WAITING:
                raise Busy("As much waits to be loaded as may wait.", "Send it again later.", retry_after=RETRY_SECONDS)
            self._receiving += 1

    def give_place(self) -> None:
        """Give the place back, the upload being stored as waiting or gone."""
        with self._places:
            self._receiving -= 1

    def receive(self, number: str, sender: str, sent: SentKey | None = None) -> Upload | None:
        """Take over an upload whose files lie in its folder: store that it waits, and start on it.

        None, and nothing is taken over, when the sender's key stands already.
        """
        upload = Upload(number, sender, self._clock(), "received")
        with self._database.write() as session:
            is_new = uploads.add_upload(session, upload, sent)
        self._wake.set()
        return upload if is_new else None

    def cancel(self, number: str) -> None:
        """Cancel an upload: at once when it waits, before its next file when it is under way."""
        with self._database.write() as session:
            waited = uploads.cancel_upload(session, number, self._clock())
        if waited:
            archive.discard(self.folder / number)

    def progress(self, number: str) -> str:
        """How far an upload under way is, in ASCII and without a sender's words."""
        return self._progress.get(number, "being loaded")

    def work_off(self) -> int:
        """Load all that waits, and come back when nothing does; how many were loaded together, at most."""
        left_behind.take_up(self._database, self.folder, self._clock())
        most = 0
        while not self._stopped.is_set() and (loaded := self._work_next()):
            most = max(most, loaded)
        return most

    def _run(self) -> None:
        swept, patience = False, _LOOK_SECONDS
        while not self._stopped.is_set():
            self._wake.wait(patience)
            self._wake.clear()
            try:
                if not swept:
                    left_behind.sweep(self._database, self.folder, self._clock())
                    swept = True
                together = self.work_off()
                patience = _LOOK_SECONDS
                self._stopped.wait(_GATHER_LONGER_SECONDS if together > 1 else _GATHER_SECONDS)
            except Exception as error:  # noqa: BLE001 - the store is away: the thread must outlive that, and tries again
                logger().error("uploads stopped", error=type(error).__name__, places=places(error.__traceback__))
                swept, patience = False, _AGAIN_SECONDS

    def _work_next(self) -> int:
        """Load what has waited longest, with others where they can be together; how many, 0 when nothing waits."""
        with self._database.read() as session:
            numbers = uploads.waiting(session, _MOST_TOGETHER)
        if not numbers:
            self._alone.clear()
            return 0
        shared = tuple(takewhile(lambda number: number not in self._alone, numbers))
        loaded = self._together(shared) if shared else None
        # That all were taken by another process meanwhile is no reason to stop: more may have come.
        return int(self._work_one()) if loaded is None else max(1, loaded)

    def _together(self, numbers: Sequence[str]) -> int | None:
        """Load the first of these as one; how many, None when they cannot be.

        Whatever is wrong with one of them, all are loaded alone.
        """
        group = Group(numbers, self.folder, self._clock, self._stopped.is_set)
        try:
            return self._load.together(self._database, group)
        except StoreAway:
            raise
        except Exception as error:  # noqa: BLE001 - as when one is loaded, which tells its sender what is wrong
            kind = type(error).__name__
            logger().error("loads failed", uploads=len(numbers), error=kind, places=places(error.__traceback__))
            self._alone.update(numbers)
            return None

    def _work_one(self) -> bool:
        """Load the oldest that waits; False when none does."""
        at = self._clock()
        with ExitStack() as held:
            with self._database.write() as session:
                number = uploads.oldest_waiting(session)
                if number is None:
                    return False
                load_id = loads.begin(session, number, "live", stored(at))
                held.enter_context(load_locks.held(self._database, load_id))
                uploads.start_upload(session, number, load_id)
            self._finish(number, load_id, *self._outcome(number, load_id, at))
        return True

    def _finish(self, number: str, load_id: int, loaded: Loaded | None, problem: str | None) -> None:
        self._progress.pop(number, None)
        if loaded and loaded.stopped and not self._is_cancelling(number):
            with self._database.write() as session:  # the service is stopping, and will go on with it
                uploads.requeue_upload(session, number, load_id, self._clock())
            return
        status: Status = "refused" if loaded is None else "cancelled" if loaded.stopped else loaded.status
        with self._database.write() as session:
            if loaded is None:
                loads.refuse(session, load_id, stored(self._clock()))
            report = loaded.report if loaded else None
            uploads.finish_upload(session, number, status, self._clock(), report=report, problem=problem)
        # Not before: a store that goes away just then has it loaded again, and needs the files for that.
        archive.discard(self.folder / number)

    def _outcome(self, number: str, load_id: int, at: datetime) -> tuple[Loaded | None, str | None]:
        """What the load came to, or why it came to nothing; in words that hold nothing of the data.

        Raises `StoreAway`: that says nothing of what was sent, which is loaded when the store is back.
        """
        order = Order(
            load_id=load_id,
            name=number,
            path=self.folder / number,
            received_at=at,
            told=lambda file, done, of: self._tell(number, file, done, of),
            stopped=lambda: self._stopped.is_set() or self._is_cancelling(number),
        )
        try:
            return self._load.alone(self._database, order), None
        except StoreAway:
            raise
        except OmhuError as error:
            return None, str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the sender is told and the next upload gets its turn
            kind = type(error).__name__
            logger().error("load failed", upload=number, error=kind, places=places(error.__traceback__))
            return None, "The load failed for a reason of ours; nothing of the file at hand was kept."

    def _is_cancelling(self, number: str) -> bool:
        with self._database.read() as session:
            return uploads.is_cancelling(session, number)

    def _tell(self, number: str, file: str, done: int, of: int | None) -> None:
        what = "files" if file == "FHIR" else "rows"
        self._progress[number] = f"{file}: {done} of {of} {what}" if of else f"{file}: {done} {what}"
