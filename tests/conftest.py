"""Fixtures shared by every test. What is needed on one side only belongs in that side's own conftest."""

import gc
import shutil
import warnings
from collections.abc import Generator
from itertools import count
from pathlib import Path

import pytest
from coverage import Coverage

from service.storage.database import Database
from tests.made_once import made_once
from tests.postgres import Cluster, running_cluster

ENGINES = ("sqlite", "postgresql")

MODELS = Path(__file__).with_name("models")
_COVERAGE = pytest.StashKey[Coverage | None]()
_WATCHING = pytest.StashKey[bool]()

_numbers = count()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    """Count as covered only what the tests of `models/` themselves run, and watch no other: that costs half again.

    Changed only where one kind of test follows the other: threads that outlive a test notice each change, and two that
    notice at once are refused by the interpreter.
    """
    stash, wanted = item.config.stash, MODELS in item.path.parents
    coverage = stash.setdefault(_COVERAGE, Coverage.current())
    if coverage and wanted != stash.get(_WATCHING, True):
        (coverage.start if wanted else coverage.stop)()
        stash[_WATCHING] = wanted


def pytest_collection_finish() -> None:
    """Leave what was imported out of every later search for garbage: a million objects that stay until the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def cluster() -> Generator[Cluster]:
    """A PostgreSQL of the session's own."""
    with running_cluster() as running:
        yield running


@pytest.fixture(scope="session")
def migrated_cluster(cluster: Cluster) -> Cluster:
    """The session's PostgreSQL with a template to which every migration has been applied."""
    with Database.open(cluster.create("migrated")) as database:
        database.migrate()
    return cluster


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file to which every migration has been applied."""
    file = tmp_path_factory.mktemp("migrated") / "omhu.db"
    with Database.open(f"sqlite:///{file}") as database:
        database.migrate()
    return file


@pytest.fixture(scope="session")
def empty_registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file in which MLflow has made its tables, which takes it two seconds; to be copied."""
    return made_once(tmp_path_factory, "registry", _make_registry) / "mlflow.db"


def _make_registry(folder: Path) -> None:
    from mlflow.store.db import utils

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what MLflow asks of SQLAlchemy is not ours
        engine = utils.create_sqlalchemy_engine(f"sqlite:///{folder / 'mlflow.db'}")
        utils._initialize_tables(engine)
    engine.dispose()


@pytest.fixture
def postgresql_url(migrated_cluster: Cluster) -> Generator[str]:
    """The address of an empty store in PostgreSQL."""
    name = f"test_{next(_numbers)}"
    yield migrated_cluster.create(name, template="migrated")
    migrated_cluster.drop(name)


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of an empty store in SQLite."""
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path_factory.mktemp('store') / 'omhu.db')}"


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty store; the test runs once for each engine."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def database(database_url: str) -> Generator[Database]:
    """An empty store; the test runs once for each engine."""
    with Database.open(database_url) as opened:
        yield opened
