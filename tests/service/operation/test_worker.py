"""What is due is done once: by however many workers, after whatever interruption, whatever the clock does."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.errors import SystemWrong
from service.operation.jobs import JOBS, Job, Occasion
from service.operation.worker import Worker, last_due
from service.storage import runs
from service.storage.database import Database
from service.storage.runs import SILENCE, State
from tests.service.conftest import settings_of

MONDAY = datetime(2026, 11, 16, 3, 0, tzinfo=UTC)
"""Four in the morning in Denmark, in winter."""
WEEKLY = "0 4 * * mon"


@dataclass
class Hand:
    """A clock a test turns by hand."""

    now: datetime = MONDAY + timedelta(minutes=1)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Work:
    """A job that remembers for which due moments it was done, and may break off."""

    broken: BaseException | None = None
    done_for: list[datetime] = field(default_factory=list[datetime])

    def __call__(self, occasion: Occasion) -> str:
        if self.broken:
            raise self.broken
        self.done_for.append(occasion.due)
        return "one thing"

    def as_job(self, crontab: str = WEEKLY) -> Job:
        return Job("work", "to be seen", crontab, self)


def worker(database: Database, folder: Path, clock: Callable[[], datetime], name: str = "one") -> Worker:
    return Worker(settings_of(folder), database, clock, name)


@pytest.mark.parametrize(
    ("crontab", "now", "due"),
    [
        (WEEKLY, MONDAY, MONDAY),
        (WEEKLY, MONDAY - timedelta(seconds=1), MONDAY - timedelta(days=7)),
        (WEEKLY, MONDAY + timedelta(days=6), MONDAY),
        ("0 3 1 * *", MONDAY, datetime(2026, 11, 1, 2, 0, tzinfo=UTC)),
        # In summer the same hour of the clock on the wall is another in UTC.
        (WEEKLY, datetime(2026, 7, 6, 12, 0, tzinfo=UTC), datetime(2026, 7, 6, 2, 0, tzinfo=UTC)),
        # The hour that does not exist when the clock is put forward is done once all the same.
        ("30 2 * * *", datetime(2026, 3, 29, 12, 0, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("0 0 29 2 *", MONDAY, None),
    ],
)
def test_a_job_is_due_by_the_clock_on_the_wall(crontab: str, now: datetime, due: datetime | None) -> None:
    assert last_due(crontab, now) == due


def test_every_job_of_an_installation_has_been_due_before() -> None:
    assert all(last_due(job.crontab, MONDAY) for job in JOBS)
    assert len({job.name for job in JOBS}) == len(JOBS)


def test_what_is_due_is_done_once(database: Database, tmp_path: Path) -> None:
    work, clock = Work(), Hand()
    job = work.as_job()
    first = list(worker(database, tmp_path, clock).once(jobs=[job]))
    assert [(done.name, state, told) for done, state, told in first] == [("work", State.DONE, "one thing")]
    clock.now += timedelta(days=3)
    assert list(worker(database, tmp_path, clock, "two").once(jobs=[job])) == []
    assert work.done_for == [MONDAY]


def test_of_weeks_that_were_missed_the_last_is_made_up_for(database: Database, tmp_path: Path) -> None:
    work, clock = Work(), Hand()
    list(worker(database, tmp_path, clock).once(jobs=[work.as_job()]))
    clock.now += timedelta(days=16)
    list(worker(database, tmp_path, clock).once(jobs=[work.as_job()]))
    assert work.done_for == [MONDAY, MONDAY + timedelta(days=14)]


def test_two_workers_share_and_never_do_the_same(database: Database, tmp_path: Path) -> None:
    work, clock = Work(), Hand()
    jobs = [Job(f"work {number}", "", WEEKLY, work) for number in range(8)]
    start = threading.Barrier(4)

    def one(name: str) -> None:
        start.wait()
        list(worker(database, tmp_path, clock, name).once(jobs=jobs))

    threads = [threading.Thread(target=one, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert work.done_for == [MONDAY] * 8


def test_what_broke_off_is_told_and_tried_again_after_a_while(database: Database, tmp_path: Path) -> None:
    work, clock = Work(broken=SystemWrong("The disk is full.", "Make room.")), Hand()
    ((_, state, told),) = worker(database, tmp_path, clock).once(jobs=[work.as_job()])
    assert (state, told) == (State.FAILED, "The disk is full. Make room.")
    assert list(worker(database, tmp_path, clock).once(jobs=[work.as_job()])) == []
    work.broken = None
    clock.now += timedelta(minutes=5)
    ((_, state, _),) = worker(database, tmp_path, clock).once(jobs=[work.as_job()])
    assert state is State.DONE
    with database.read() as session:
        assert runs.latest(session)["work"].attempts == 2


def test_what_nobody_foresaw_is_told_without_its_words(database: Database, tmp_path: Path) -> None:
    work = Work(broken=ValueError("Fru Sentinel, 010203-4567"))
    ((_, state, told),) = worker(database, tmp_path, Hand()).once(jobs=[work.as_job()])
    assert (state, told) == (State.FAILED, "It broke off: ValueError.")


def test_the_work_of_a_killed_worker_is_taken_over_when_it_has_been_silent(database: Database, tmp_path: Path) -> None:
    work, clock = Work(), Hand()
    with database.write() as session:
        assert runs.claim(session, "work", MONDAY, "killed", clock())
    clock.now += SILENCE
    assert list(worker(database, tmp_path, clock).once(jobs=[work.as_job()])) == []
    clock.now += timedelta(seconds=1)
    assert len(list(worker(database, tmp_path, clock).once(jobs=[work.as_job()]))) == 1


def test_a_worker_that_still_says_it_is_at_it_keeps_its_work(database: Database) -> None:
    now = MONDAY
    with database.write() as session:
        assert runs.claim(session, "work", MONDAY, "slow", now)
        for _ in range(10):
            now += SILENCE
            runs.hear(session, "work", MONDAY, "slow", now)
            assert not runs.claim(session, "work", MONDAY, "other", now)


def test_who_lost_its_work_to_another_does_not_end_it(database: Database) -> None:
    later = MONDAY + 2 * SILENCE
    with database.write() as session:
        runs.claim(session, "work", MONDAY, "lost", MONDAY)
        assert runs.claim(session, "work", MONDAY, "taken over", later)
        runs.end(session, "work", MONDAY, "lost", later, State.DONE, "late")
        assert runs.latest(session)["work"].state is State.RUNNING


def test_a_clock_set_back_does_nothing_again(database: Database, tmp_path: Path) -> None:
    work, clock = Work(), Hand(MONDAY + timedelta(days=8))
    list(worker(database, tmp_path, clock).once(jobs=[work.as_job()]))
    clock.now -= timedelta(hours=30)
    list(worker(database, tmp_path, clock).once(jobs=[work.as_job()]))
    clock.now += timedelta(hours=30)
    list(worker(database, tmp_path, clock).once(jobs=[work.as_job()]))
    assert work.done_for == [MONDAY + timedelta(days=7), MONDAY]


def test_a_worker_told_to_stop_ends_between_two_jobs(database: Database, tmp_path: Path) -> None:
    stop = threading.Event()
    done: list[str] = []

    def stopping(_: Occasion) -> str:
        done.append("first")
        stop.set()
        return ""

    jobs = [Job("first", "", WEEKLY, stopping), Job("second", "", WEEKLY, Work())]
    ended = list(worker(database, tmp_path, Hand()).once(stop, jobs))
    assert [job.name for job, _, _ in ended] == done == ["first"]


def test_nothing_to_work_with_is_a_failure_in_words_for_each_job(database: Database, tmp_path: Path) -> None:
    told = {job.name: told for job, state, told in worker(database, tmp_path, Hand()).once() if state is State.FAILED}
    assert "No model was promoted yet" in told["list"]
    assert "snapshot" not in told


def test_runs_done_long_ago_are_forgotten_and_failed_ones_are_not(database: Database) -> None:
    with database.write() as session:
        for weeks, state in ((0, State.DONE), (1, State.FAILED), (4, State.DONE), (6, State.RUNNING)):
            due = MONDAY + timedelta(weeks=weeks)
            assert runs.claim(session, "list", due, "one", due)
            if state is not State.RUNNING:
                runs.end(session, "list", due, "one", due, state, "")
        kept = session.execute(runs.RUNS.select().order_by(runs.RUNS.c.due_at)).all()
    assert [row.state for row in kept] == [State.FAILED, State.DONE, State.RUNNING]
