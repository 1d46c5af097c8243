"""`kill -9` and a store that goes away, in small; `make stress` does the same fifty times and for minutes.

Nothing that was acknowledged is lost, nothing is doubled, and what is refused is refused in words.
"""

import threading
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from service.clock import utc_now
from service.operation.worker import Worker
from service.storage import runs
from service.storage.database import Database
from service.storage.runs import State
from tests.postgres import DurableServer, durable_server
from tests.service.conftest import settings_of
from tests.service.tiny_town import SECOND, TinyTown
from tests.stress import kills, store_away, town
from tests.stress.site import Site, running
from tests.stress.town import Place


@pytest.fixture(scope="module")
def server() -> Generator[DurableServer]:
    """A PostgreSQL that keeps what it said it kept."""
    with durable_server() as started:
        yield started


@pytest.fixture(scope="module")
def site(server: DurableServer, tmp_path_factory: pytest.TempPathFactory) -> Generator[Site]:
    """A service on it."""
    folder = tmp_path_factory.mktemp("killed")
    (folder / "home").mkdir()
    with running(town.small(folder / "home", server.cluster.create("omhu")), folder) as started:
        yield started


def test_a_store_stopped_and_started_under_traffic_is_told_in_words_and_loses_nothing(
    site: Site, server: DurableServer
) -> None:
    seen = store_away.stopped_and_started(site, server, times=1, away_seconds=1.0)
    assert seen.account.reviews
    assert seen.account.loads


def test_a_worker_waits_for_a_store_that_is_away(server: DurableServer, tmp_path: Path) -> None:
    # A kill of the process is left to `make stress`: it would have to import for seconds first.
    place = town.small(tmp_path, server.cluster.create("worker"))
    stop, settings = threading.Event(), settings_of(tmp_path, place.database_url)
    with Database.open(place.database_url) as database:
        worker = Worker.of(settings, database, utc_now)
        working = threading.Thread(target=worker.work, args=(stop, 0.05))
        server.stop_at_once()
        working.start()
        time.sleep(0.3)
        assert working.is_alive()
        server.start()
        assert any(_has_run(database) or time.sleep(0.05) for _ in range(400))
        stop.set()
        working.join()


def _has_run(database: Database) -> bool:
    with database.read() as session:
        return any(run.state is State.DONE for run in runs.latest(session).values())


def test_a_service_killed_under_traffic_loses_and_doubles_nothing(site: Site) -> None:
    known = len(site.tally.loads)
    assert kills.service_killed(site, moments=2, seed=20261122, told=print).loads > known


def test_a_list_whose_making_was_killed_is_made_as_if_nothing_had_happened(tiny_town: TinyTown, tmp_path: Path) -> None:
    def fresh(name: str) -> Place:
        town = tiny_town.copied(tmp_path / name)
        return Place(town.folder, town.home.database_url, ("Nord",))

    making = ("list", "--as-of", str(SECOND), "--format", "csv")
    assert kills.list_making_killed(fresh, making, SECOND, tmp_path, moments=1, seed=3) == 1
