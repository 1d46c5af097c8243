"""A tiny invented municipality taken all the way by the real parts: written, loaded, brought into a snapshot, learnt.

Made once for all test processes of a run, because it takes a quarter of a minute; tests work on copies.
"""

import shutil
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property, partial
from pathlib import Path

import pytest

from models.home import Home
from models.scoring import bundle, champion
from models.scoring.calibration import Platt
from models.scoring.champion import Champion, registry_stamp
from models.snapshot import Snapshot
from service.intake.loading import load_path
from service.registry import LoadedModel, load_champion
from service.snapshots import bring_up_to_date
from service.storage import identities
from service.storage import lists as stored_lists
from service.storage.capacities import set_capacity
from service.storage.database import Database
from service.weekly.lists import Entry, ListHead
from service.weekly.making import find_or_make
from tests.made_once import made_once
from tests.postgres import Cluster
from tests.service.invented_lists import switch_on
from training import settings as training_settings
from training.fitting.calibrate import platt
from training.fitting.fit import Recipe, fit
from training.matrix import data
from training.release import bundling
from training.synthetic.town import LAST_MONDAY, danish_town
from training.synthetic.write import synthesise

FIRST, SECOND = date(2025, 6, 23), LAST_MONDAY
NOW = datetime(2025, 7, 1, 5, 30, tzinfo=UTC)
RECEIVED = int(NOW.timestamp() * 1_000_000)
CAPACITIES = {"Nord": 4, "Syd": 0}
"""Set before any list is made; the other districts have the default."""
VERSION = "7"


@dataclass(frozen=True)
class TinyTown:
    """Where it lies: `folder` is a home with store, snapshot and champion, and holds `town/drop` too."""

    folder: Path

    @property
    def home(self) -> Home:
        """The home, with its SQLite store."""
        return Home.of({"OMHU_HOME": str(self.folder)})

    @property
    def drop(self) -> Path:
        """What was loaded."""
        return self.folder / "town" / "drop"

    @cached_property
    def snapshot(self) -> Snapshot:
        """The snapshot."""
        return Snapshot.open(self.home.snapshot)

    @cached_property
    def model(self) -> LoadedModel:
        """The champion."""
        return load_champion(self.home)

    def copied(self, folder: Path) -> "TinyTown":
        """The same in another folder, to be changed."""
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("town", "ready", "*.lock"))
        install(Home.of({"OMHU_HOME": str(folder)}), self.folder / "bundle")
        return TinyTown(folder)


@dataclass(frozen=True)
class TwoLists:
    """The lists of two weeks in one store, as they were made and as they are read back."""

    database: Database
    first: ListHead
    second: ListHead

    def entries(self, head: ListHead) -> tuple[Entry, ...]:
        """Everyone on a list, by rank."""
        with self.database.read() as session:
            return stored_lists.every_entry(session, head.number)

    def ids(self, entries: Iterable[Entry]) -> dict[int, str]:
        """The citizens' ids in the drop, by key."""
        with self.database.read() as session:
            return identities.citizen_ids(session, [entry.citizen for entry in entries])


def quiet(_: str) -> None:
    """Progress nobody looks at."""


@pytest.fixture(scope="session")
def tiny_town(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> TinyTown:
    """The town; not to be changed."""
    return TinyTown(made_once(tmp_path_factory, "tiny_town", partial(_make, migrated_file)))


@pytest.fixture(scope="session")
def loaded_cluster(migrated_cluster: Cluster, tiny_town: TinyTown) -> Cluster:
    """The session's PostgreSQL with a template `tiny_town` into which the drop was loaded."""
    with Database.open(migrated_cluster.create("tiny_town", template="migrated")) as database:
        _load(database, tiny_town.drop)
    return migrated_cluster


@pytest.fixture(scope="session", params=("sqlite", "postgresql"))
def two_lists(request: pytest.FixtureRequest, tiny_town: TinyTown, tmp_path_factory: pytest.TempPathFactory):
    """The lists of two weeks; made once on each engine."""
    if request.param == "sqlite":
        copy = shutil.copy(tiny_town.folder / "omhu.db", tmp_path_factory.mktemp("lists") / "omhu.db")
        yield from _two_lists(f"sqlite:///{copy}", tiny_town)
    else:
        cluster: Cluster = request.getfixturevalue("loaded_cluster")
        yield from _two_lists(cluster.create("two_lists", template="tiny_town"), tiny_town)


def _two_lists(url: str, town: TinyTown) -> Generator[TwoLists]:
    with Database.open(url) as database:
        made = [find_or_make(database, town.snapshot, town.model, day, NOW, quiet) for day in (FIRST, SECOND)]
        assert [one.is_new for one in made] == [True, True]
        yield TwoLists(database, made[0].head, made[1].head)


def _make(migrated_file: Path, folder: Path) -> None:
    synthesise(danish_town(citizens=160, weeks=26, seed=5), folder / "town")
    home = TinyTown(folder).home
    shutil.copy(migrated_file, folder / "omhu.db")
    with Database.open(home.database_url) as database:
        _load(database, TinyTown(folder).drop)
        snapshot = bring_up_to_date(database, home.snapshot)
    learn(snapshot, folder / "bundle")
    install(home, folder / "bundle")


def _load(database: Database, drop: Path) -> None:
    load_path(database, drop, "history", RECEIVED)
    with database.write() as session:
        for district, capacity in CAPACITIES.items():
            set_capacity(session, district, capacity)
    switch_on(database)


def learn(snapshot: Snapshot, folder: Path) -> None:
    """A small model of every week whose outcome is told, fitted and written by the training's own parts."""
    settings = training_settings.read()
    few = {"bags": 2, "rows_in_leaf": 20}
    settings = settings.model_copy(update={"trees": settings.trees.model_copy(update=few)})
    covered = data.span(snapshot, None)
    rows = data.rows(snapshot, covered, settings.data, lambda _: None)
    bags = fit(rows, Recipe(30, 300.0, 0.5), settings, lambda: None)
    raw = bags.model(rows.names, 0.5, Platt(1.0, 0.0)).log_odds(rows.values)
    model = bags.model(rows.names, 0.5, platt(raw, rows.outcome))
    manifest = bundling.manifest(snapshot, rows, model, settings, covered.known_before)
    bundle.write(folder, manifest, model, bundling.reference_rows(rows, settings.seed), "# A tiny model\n")


def install(home: Home, folder: Path, version: str = VERSION) -> None:
    """Make the bundle in a folder champion of a home, with a registry that has nothing newer to say."""
    (home.folder / "mlflow.db").touch()
    home.bundles.mkdir(exist_ok=True)
    stamp = registry_stamp(home.tracking_uri)
    named = Champion(version=version, run_id="tiny", tracking_uri=home.tracking_uri, registry_stamp=stamp)
    champion.install(home.bundles, named, folder)
