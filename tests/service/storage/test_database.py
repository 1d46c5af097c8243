"""The store itself: migrations, sessions, and what is said when it cannot be used."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

import service.storage
from models.errors import SystemWrong
from service.storage.database import MIGRATIONS, Database, revisions
from service.storage.tables import COUNTERS, METADATA


def test_the_migrations_make_the_tables_the_code_knows(database: Database) -> None:
    for module in iter_modules(service.storage.__path__, "service.storage."):
        if not module.ispkg:
            import_module(module.name)
    with database.read() as session:
        assert compare_metadata(MigrationContext.configure(session), METADATA) == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    database.migrate()
    database.require_migrated()


def test_an_error_leaves_nothing_of_a_transaction(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(insert(COUNTERS), [{"name": "new", "value": 1}, {"name": "sequence", "value": 1}])

    with database.read() as session:
        assert session.execute(select(COUNTERS).where(COUNTERS.c.name == "new")).all() == []


def test_a_reader_sees_one_state_while_another_writes(database: Database) -> None:
    with database.read() as reader:
        before = reader.execute(select(COUNTERS)).all()
        with database.write() as writer:
            writer.execute(insert(COUNTERS).values(name="new", value=1))
        assert reader.execute(select(COUNTERS)).all() == before


def test_a_store_never_set_up_is_told_from_an_old_one(tmp_path: Path) -> None:
    with Database.open(f"sqlite:///{tmp_path / 'new.db'}") as fresh:
        with pytest.raises(SystemWrong, match=r"has not been set up.*omhu init"):
            fresh.require_migrated()
        fresh.require_migrated(create=True)
        with fresh.write() as session:
            session.execute(text("UPDATE alembic_version SET version_num = 'older'"))
        with pytest.raises(SystemWrong, match="is at revision older"):
            fresh.require_migrated(create=True)


@pytest.mark.parametrize(
    ("url", "words"),
    [("nonsense", "cannot be read"), ("mysql://host/omhu", "kind mysql is not known")],
)
def test_an_address_that_cannot_be_used_is_said_so(url: str, words: str) -> None:
    with pytest.raises(SystemWrong, match=words):
        Database.open(url)


def test_a_server_that_does_not_answer_is_said_so(tmp_path: Path) -> None:
    with (
        Database.open(f"postgresql://omhu:secret@/omhu?host={tmp_path}") as database,
        pytest.raises(SystemWrong, match="cannot be reached") as error,
        database.read(),
    ):
        pass
    assert "secret" not in str(error.value)


def test_the_revisions_told_from_file_names_are_the_ones_alembic_walks() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    assert revisions() == tuple(script.revision for script in scripts.walk_revisions())[::-1]
    assert revisions()[-1] == scripts.get_current_head()
