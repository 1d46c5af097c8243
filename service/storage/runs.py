"""Runs of jobs: which job was done for which due time, by whom, and what came of it.

A run is claimed before it begins, under a lock, so that two workers never do the same; a claim whose worker has not
been heard of for a while is free again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import BigInteger, Column, Integer, RowMapping, Table, Text, Update, delete, select, update

from service.storage import counters
from service.storage.database import ReadSession, WriteSession
from service.storage.tables import METADATA
from service.storage.times import moment, stored

RUNS: Final = Table(
    "runs",
    METADATA,
    Column("job", Text, primary_key=True),
    Column("due_at", BigInteger, primary_key=True),
    Column("state", Text, nullable=False),
    Column("worker", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("heard_at", BigInteger, nullable=False),  # when its worker last said it was at it, or ended it
    Column("told", Text, nullable=False),
)

SILENCE: Final = timedelta(minutes=2)
"""A worker not heard of for so long is taken for dead."""
_LONGEST_WAIT: Final = timedelta(hours=1)
_KEPT: Final = timedelta(days=35)
"""How long a run that was done stays on record: longer than from one month to the next."""


class State(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Run:
    """One run; times in UTC. `told` says what was done, or what was in the way."""

    job: str
    due_at: datetime
    state: State
    worker: str
    attempts: int
    heard_at: datetime
    told: str

    def is_free(self, now: datetime) -> bool:
        """Whether it may be claimed: never when done, after a growing wait when it failed, and when its worker died.

        A time ahead of now means that the clock was set back; it says nothing about the worker, so it frees nothing
        for as long as a live worker needs to be heard again.
        """
        if self.state is State.DONE:
            return False
        waited = abs(now - self.heard_at)
        if self.state is State.RUNNING:
            return waited > SILENCE
        return waited > min(SILENCE * 2**self.attempts, _LONGEST_WAIT)


def claim(session: WriteSession, job: str, due: datetime, worker: str, now: datetime) -> bool:
    """Claim a run for a worker; False when somebody has done it, is at it, or it is too early to try again."""
    counters.take(session, "run")  # one claim at a time
    _forget_old(session, job, due)
    before = _find(session, job, due)
    if before is None:
        row = {"job": job, "due_at": stored(due), "state": State.RUNNING, "worker": worker, "attempts": 1}
        session.execute(RUNS.insert().values(**row, heard_at=stored(now), told=""))
        return True
    if not before.is_free(now):
        return False
    session.execute(
        _of(job, due).values(
            state=State.RUNNING, worker=worker, attempts=before.attempts + 1, heard_at=stored(now), told=""
        )
    )
    return True


def hear(session: WriteSession, job: str, due: datetime, worker: str, now: datetime) -> None:
    """Note that the worker is still at it."""
    session.execute(_of(job, due).where(RUNS.c.worker == worker).values(heard_at=stored(now)))


def end(session: WriteSession, job: str, due: datetime, worker: str, now: datetime, state: State, told: str) -> None:
    """Note how a run ended; one that was taken over meanwhile is the other worker's to end."""
    session.execute(_of(job, due).where(RUNS.c.worker == worker).values(state=state, heard_at=stored(now), told=told))


def latest(session: ReadSession) -> Mapping[str, Run]:
    """The run of each job that was due last."""
    rows = session.execute(select(RUNS).order_by(RUNS.c.due_at)).mappings()
    return {row["job"]: _run(row) for row in rows}


def _forget_old(session: WriteSession, job: str, due: datetime) -> None:
    """Let go of runs that were done long before this one: a job due every five minutes has 100,000 a year."""
    old = RUNS.c.due_at < stored(due - _KEPT), RUNS.c.state == State.DONE
    session.execute(delete(RUNS).where(RUNS.c.job == job, *old))


def _find(session: ReadSession, job: str, due: datetime) -> Run | None:
    found = session.execute(select(RUNS).where(RUNS.c.job == job, RUNS.c.due_at == stored(due))).mappings().first()
    return _run(found) if found else None


def _of(job: str, due: datetime) -> Update:
    return update(RUNS).where(RUNS.c.job == job, RUNS.c.due_at == stored(due))


def _run(row: RowMapping) -> Run:
    return Run(
        job=row["job"],
        due_at=moment(row["due_at"]),
        state=State(row["state"]),
        worker=row["worker"],
        attempts=row["attempts"],
        heard_at=moment(row["heard_at"]),
        told=row["told"],
    )
