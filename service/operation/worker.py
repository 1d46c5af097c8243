"""The worker: does what is due, once, however many workers there are and whatever became of the last one.

The clock ticks; at each tick every job's last due moment is looked up, and claimed in the store before it is done. So a
moment that was missed is made up for at the next start (the last one only: a list of a week that has passed helps
nobody), two workers never do the same, and a worker that was killed is replaced by the next tick of another.
"""

import os
import socket
import threading
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from apscheduler.triggers.cron import CronTrigger

from models.errors import OmhuError
from service.clock import DENMARK, Clock
from service.logs import logger, places
from service.operation.jobs import JOBS, Job, Occasion
from service.settings import Settings
from service.storage import runs
from service.storage.database import Database, StoreAway
from service.storage.runs import SILENCE, State

TICK: Final = 30.0
"""Seconds between two looks at what is due."""
_LOOKED_BACK: Final = (timedelta(hours=1), timedelta(days=1), timedelta(days=8), timedelta(days=63))


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker of an installation, by a name no other has."""

    settings: Settings
    database: Database
    clock: Clock
    name: str

    @classmethod
    def of(cls, settings: Settings, database: Database, clock: Clock) -> "Worker":
        """A worker named for its machine and process."""
        return cls(settings, database, clock, f"{socket.gethostname()}:{os.getpid()}:{os.urandom(4).hex()}")

    def work(self, stop: threading.Event, tick: float = TICK) -> None:
        """Do what is due until told to stop, which is heeded between two jobs; a store that is away is waited for."""
        while not stop.is_set():
            try:
                for _ in self.once(stop):
                    pass
            except StoreAway:
                logger().warning("worker", error=StoreAway.__name__)
            stop.wait(tick)

    def once(self, stop: threading.Event | None = None, jobs: Iterable[Job] = JOBS) -> Iterator[tuple[Job, State, str]]:
        """Do what is due now, one job after the other; yields each with how it ended, and what it told."""
        for job in jobs:
            if stop and stop.is_set():
                return
            due = last_due(job.crontab, self.clock())
            if due is not None and self._claims(job, due):
                yield (job, *self._do(job, due))

    def _claims(self, job: Job, due: datetime) -> bool:
        with self.database.write() as session:
            return runs.claim(session, job.name, due, self.name, self.clock())

    def _do(self, job: Job, due: datetime) -> tuple[State, str]:
        log = logger()
        try:
            with self._heard(job, due):
                state, told = State.DONE, job.do(Occasion(self.settings, self.database, due, self.clock()))
        except OmhuError as error:
            state, told = State.FAILED, f"{error.message} {error.remedy}".strip()
            log.warning("job", job=job.name, state=state.value, error=type(error).__name__)
        except Exception as error:  # whatever it was: told without its message, which may quote data, and tried again
            state, told = State.FAILED, f"It broke off: {type(error).__name__}."
            log.exception("job", job=job.name, state=state.value, places=places(error.__traceback__))
        else:
            log.info("job", job=job.name, state=state.value)
        with self.database.write() as session:
            runs.end(session, job.name, due, self.name, self.clock(), state, told)
        return state, told

    @contextmanager
    def _heard(self, job: Job, due: datetime) -> Generator[None]:
        """Say again and again that this worker is at it, for as long as it is."""
        ended = threading.Event()

        def say() -> None:
            while not ended.wait(SILENCE.total_seconds() / 6):
                # A store that is away is asked again; what is not heard for long enough, another worker takes over.
                with suppress(StoreAway), self.database.write() as session:
                    runs.hear(session, job.name, due, self.name, self.clock())

        saying = threading.Thread(target=say, name=f"heard-{job.name}", daemon=True)
        saying.start()
        try:
            yield
        finally:
            ended.set()
            saying.join()


def last_due(crontab: str, now: datetime) -> datetime | None:
    """The last moment a job was due, at or before now, by a crontab in Danish time; none within two months."""
    trigger = CronTrigger.from_crontab(crontab, timezone=DENMARK)
    for span in _LOOKED_BACK:
        moments = list(_moments(trigger, now - span, now))
        if moments:
            return moments[-1].astimezone(now.tzinfo)
    return None


def _moments(trigger: CronTrigger, since: datetime, until: datetime) -> Iterator[datetime]:
    moment = trigger.get_next_fire_time(None, since)
    while moment and moment <= until:
        yield moment
        moment = trigger.get_next_fire_time(moment, moment)
