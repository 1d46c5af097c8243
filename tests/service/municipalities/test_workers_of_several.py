"""A worker for each municipality: one whose store is away stops no other, and is tried again."""

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog

from service.clock import utc_now
from service.logs import set_up
from service.municipalities.apart import every
from service.municipalities.environments import Municipality
from service.operation.jobs import JOBS
from service.operation.worker import last_due
from service.operation.workers import Workers, for_each, stop_when_ended
from service.storage import runs
from service.storage.database import Database
from service.storage.runs import State
from tests.service.municipalities.towns import NAMES, surroundings

LEFT = "webhooks"
"""The job that is left to be done: there are none to tell, so it is done at once."""


@pytest.fixture
def around(tmp_path: Path) -> dict[str, str]:
    """Surroundings for processes; only the first municipality has a store."""
    told = surroundings(tmp_path)
    set_up_store(every(told)[0])
    return os.environ | told


def set_up_store(one: Municipality) -> None:
    """A store in which everything is done but one job."""
    with Database.open(one.settings.state.database_url) as database:
        database.require_migrated(create=True)
        for job in JOBS:
            due = last_due(job.crontab, utc_now())
            if job.name != LEFT and due is not None:
                with database.write() as session:
                    runs.claim(session, job.name, due, "test", utc_now())
                    runs.end(session, job.name, due, "test", utc_now(), State.DONE, "")


def is_done(one: Municipality) -> bool:
    """Whether the worker of a municipality did what was left."""
    state = one.settings.state
    if not (state.folder / "omhu.db").exists():
        return False
    with Database.open(state.database_url) as database, database.read() as session:
        run = runs.latest(session).get(LEFT)
    return run is not None and run.state is State.DONE


def wait_until(found: Callable[[], bool]) -> bool:
    """Whether it came true within half a minute."""
    for _ in range(600):
        if found():
            return True
        time.sleep(0.05)
    return False


def test_one_whose_store_is_away_stops_no_other_and_is_tried_again(
    around: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    aarhus, odense = every(around)
    stop, workers = threading.Event(), Workers(NAMES, around, retry_seconds=0.3)
    set_up()
    working = threading.Thread(target=workers.work, args=(stop, 0.1))
    try:
        working.start()
        assert wait_until(lambda: is_done(aarhus))
        (odense.settings.state.folder / "omhu.db").unlink(missing_ok=True)
        set_up_store(odense)
        assert wait_until(lambda: is_done(odense))
    finally:
        stop.set()
        working.join()
        structlog.reset_defaults()
    written = capfd.readouterr().err
    assert "odense: The store has not been set up" in written
    assert "aarhus: " not in written
    logged = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    assert {(line["event"], line["municipality"]) for line in logged} == {
        ("job", "aarhus"),
        ("job", "odense"),
        ("worker ended", "odense"),
    }


def test_all_are_told_of_one_after_the_other(around: dict[str, str], capfd: pytest.CaptureFixture[str]) -> None:
    said: list[str] = []
    assert not for_each(("odense", "aarhus"), around, "--status", said.append)
    assert said == ["odense:", "aarhus:"]
    told = capfd.readouterr()
    assert told.out.count("snapshot") == 1
    assert told.err.startswith("odense: The store has not been set up")


def test_a_worker_ends_when_the_one_that_leads_it_is_gone() -> None:
    led, leading = os.pipe()
    stop = threading.Event()
    stop_when_ended(led, stop)
    os.write(leading, b"words nobody has use for")
    assert not stop.wait(0.05)
    os.close(leading)  # as the system does, however a process ended
    assert stop.wait(10)
    os.close(led)
