"""Fixtures of the service's tests: a store with an invented town, and the application that serves it."""

import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from models.home import Home
from service.app import create_app
from service.security.rights import Role
from service.settings import Settings
from service.storage import users
from service.storage.database import Database
from tests.service.invented_lists import NOW, Town, fill, switch_on
from tests.service.running import Clock, Running, serving
from tests.service.terminal import omhu, omhu_at, on_empty_store
from tests.service.tiny_town import loaded_cluster, tiny_town, two_lists

__all__ = ["loaded_cluster", "omhu", "omhu_at", "on_empty_store", "tiny_town", "two_lists"]

USERS = {
    "nord": (Role.NURSE, ("Nord",)),
    "syd": (Role.NURSE, ("Syd",)),
    "hold": (Role.NURSE, ("Nord",), ("Team 1",)),
    "leder": (Role.LEADER, ("Nord", "Syd")),
    "forsker": (Role.DATA_SCIENTIST, ("Nord",)),
    "administrator": (Role.ADMINISTRATOR, ()),
    "revisor": (Role.AUDITOR, ()),
}


def add_users(database: Database) -> None:
    """A user of each role, without passwords: tests log in by one-time codes."""
    with database.write() as session:
        for name, (role, districts, *teams) in USERS.items():
            users.add_user(session, name, role, districts, None, NOW, teams=teams[0] if teams else ())


def settings_of(folder: Path, database_url: str = "") -> Settings:
    """Settings of an installation below a folder, whatever the surroundings say."""
    return Settings(state=Home.of({"OMHU_HOME": str(folder), "OMHU_DATABASE_URL": database_url}))


@pytest.fixture(scope="session")
def town_file(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite store with two districts, eight weekly lists and the users; to be copied, not changed."""
    file = tmp_path_factory.mktemp("town") / "omhu.db"
    shutil.copy(migrated_file, file)
    with Database.open(f"sqlite:///{file}") as database:
        fill(database, Town())
        add_users(database)
    return file


@pytest.fixture
def running(town_file: Path, tmp_path: Path) -> Generator[Running]:
    """The application on a copy of the town."""
    shutil.copy(town_file, tmp_path / "omhu.db")
    yield from run(tmp_path)


@pytest.fixture
def running_empty(migrated_file: Path, tmp_path: Path) -> Generator[Running]:
    """The application on a store with the users and no list."""
    shutil.copy(migrated_file, tmp_path / "omhu.db")
    with Database.open(f"sqlite:///{tmp_path / 'omhu.db'}") as database:
        add_users(database)
    yield from run(tmp_path)


@pytest.fixture
def running_on_postgresql(postgresql_url: str, tmp_path: Path) -> Generator[Running]:
    """The application on the same town in PostgreSQL."""
    with Database.open(postgresql_url) as database:
        fill(database, Town())
        add_users(database)
    yield from run(tmp_path, postgresql_url)


@pytest.fixture
def running_operated(running_empty: Running) -> Running:
    """The application on a store with the users, no list, and a legal basis to operate."""
    switch_on(running_empty.database)
    return running_empty


def run(folder: Path, database_url: str = "") -> Generator[Running]:
    """The application of an installation below a folder, with its clock at the time of the newest list."""
    settings, clock = settings_of(folder, database_url), Clock()
    app = create_app(settings, clock=clock)
    with serving(app) as address, Database.open(settings.state.database_url) as database:
        yield Running(address, app, database, clock, folder)
