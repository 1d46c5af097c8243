"""A copy of an installation, put back, is the same installation, in whichever engine."""

import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import MetaData, insert, select

from models.errors import FileRefused, RequestWrong, SystemWrong
from models.home import Home
from service.operation.backup import back_up, restore, verify
from service.security.rights import Role
from service.snapshots import bring_up_to_date
from service.storage import users
from service.storage.database import Database
from tests.conftest import ENGINES
from tests.drops import SAMPLE_CSV, load
from tests.postgres import Cluster
from tests.service.invented_lists import NOW, Town, fill

Bare = Callable[[], str]

_numbers = count()


@pytest.fixture
def bare(request: pytest.FixtureRequest, cluster: Cluster, tmp_path: Path) -> Generator[Bare]:
    """Addresses of stores without any table, of the engine the test asks for."""
    made: list[str] = []

    def one() -> str:
        made.append(f"bare_{next(_numbers)}")
        return cluster.create(made[-1]) if request.param == "postgresql" else f"sqlite:///{tmp_path / made[-1]}.db"

    yield one
    if request.param == "postgresql":
        for name in made:
            cluster.drop(name)


@contextmanager
def fresh(url: str) -> Generator[Database]:
    with Database.open(url) as opened:
        yield opened


def unheard(_: str) -> None:
    """Progress nobody watches."""


def home(folder: Path) -> Home:
    return Home.of({"OMHU_HOME": str(folder)})


def contents(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, sorted."""
    with database.read() as session:
        metadata = MetaData()
        metadata.reflect(session)
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(*table.c))), key=repr)
            for table in metadata.sorted_tables
        }


def copied(database: Database, folder: Path) -> Path:
    back_up(database, home(folder / "home"), folder / "copy", NOW, unheard)
    return folder / "copy"


@pytest.mark.parametrize("bare", ENGINES, indirect=True)
def test_a_copy_put_back_is_the_same_in_whichever_engine(database: Database, bare: Bare, tmp_path: Path) -> None:
    load(database, SAMPLE_CSV, "history")
    fill(database, Town())
    copy = copied(database, tmp_path)
    with fresh(bare()) as target:
        restore(target, home(tmp_path / "new"), copy, unheard)
        assert contents(target) == contents(database)
        assert bring_up_to_date(target, tmp_path / "b").hash == bring_up_to_date(database, tmp_path / "a").hash
        # Numbers go on after those that were used, not from the beginning.
        with target.write() as session:
            users.add_user(session, "ny", Role.NURSE, ("Nord",), None, NOW)


@pytest.mark.parametrize("bare", ENGINES, indirect=True)
def test_a_copy_of_an_older_schema_is_brought_up_to_this_one(bare: Bare, tmp_path: Path) -> None:
    with fresh(bare()) as old, fresh(bare()) as target:
        old.migrate("0003")
        with old.write() as session:
            metadata = MetaData()
            metadata.reflect(session)
            row = {"citizen": 1, "citizen_id": "A1", "name": "Sentinel", "named_at": 0}
            session.execute(insert(metadata.tables["identities"]).values(**row))
        restore(target, home(tmp_path / "new"), copied(old, tmp_path), unheard)
        target.require_migrated()
        assert contents(target)["identities"] == [(1, "A1", "Sentinel", 0)]


def test_the_champion_and_the_mapping_come_along(database: Database, tmp_path: Path) -> None:
    old = tmp_path / "home"
    (old / "bundles" / "3").mkdir(parents=True)
    (old / "bundles" / "champion.json").write_text("{}")
    (old / "bundles" / "3" / "manifest.json").write_text("[]")
    (old / "mapping.toml").write_text("# ours")
    copy = copied(database, tmp_path)
    with fresh(f"sqlite:///{tmp_path / 'new.db'}") as target:
        restore(target, home(tmp_path / "new"), copy, unheard)
    there = {file.relative_to(tmp_path / "new").as_posix() for file in (tmp_path / "new").rglob("*") if file.is_file()}
    assert there == {"bundles/champion.json", "bundles/3/manifest.json", "mapping.toml"}


def test_nobody_else_may_read_a_copy(database: Database, tmp_path: Path) -> None:
    assert copied(database, tmp_path).stat().st_mode & 0o077 == 0


def test_a_damaged_copy_is_refused_with_what_is_damaged_and_nothing_is_put_back(
    database: Database, tmp_path: Path
) -> None:
    copy = copied(database, tmp_path)
    (copy / "tables" / "users.parquet").write_bytes(b"PAR1")
    with fresh(f"sqlite:///{tmp_path / 'new.db'}") as target:
        with pytest.raises(FileRefused, match=r"damaged: tables/users\.parquet"):
            restore(target, home(tmp_path / "new"), copy, unheard)
        assert contents(target) == {}


@pytest.mark.parametrize("gone", ["manifest.json", "tables/users.parquet"])
def test_a_copy_that_lacks_a_file_is_not_complete(database: Database, tmp_path: Path, gone: str) -> None:
    copy = copied(database, tmp_path)
    (copy / gone).unlink()
    with pytest.raises(FileRefused):
        verify(copy)


def test_nothing_that_is_there_is_overwritten(database: Database, tmp_path: Path) -> None:
    copy = copied(database, tmp_path)
    with pytest.raises(RequestWrong, match="store is not empty"):
        restore(database, home(tmp_path / "new"), copy, unheard)
    with pytest.raises(RequestWrong, match="is there already"):
        back_up(database, home(tmp_path), copy, NOW, unheard)
    (tmp_path / "used" / "bundles").mkdir(parents=True)
    with fresh(f"sqlite:///{tmp_path / 'new.db'}") as target, pytest.raises(RequestWrong, match="has bundles already"):
        restore(target, home(tmp_path / "used"), copy, unheard)


def test_a_copy_of_a_later_version_is_told_from_a_damaged_one(database: Database, tmp_path: Path) -> None:
    copy = copied(database, tmp_path)
    text = (copy / "manifest.json").read_text(encoding="utf-8")
    (copy / "manifest.json").write_text(text.replace(f'"{verify(copy).revision}"', '"9999"'), encoding="utf-8")
    with (
        fresh(f"sqlite:///{tmp_path / 'new.db'}") as target,
        pytest.raises(SystemWrong, match="does not know the schema 9999"),
    ):
        restore(target, home(tmp_path / "new"), copy, unheard)


def test_a_copy_that_broke_off_leaves_nothing(database: Database, tmp_path: Path) -> None:
    def breaking(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(database, home(tmp_path), tmp_path / "copy", NOW, breaking)
    assert not list(tmp_path.glob("*copy*"))
    shutil.rmtree(copied(database, tmp_path))
