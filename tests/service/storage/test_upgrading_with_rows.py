"""A store of any earlier schema is brought up to this version's with everything that stands in it."""

from collections.abc import Iterator
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Boolean, Column, Float, Integer, LargeBinary, MetaData, Numeric, Table, insert, select

from service.storage.database import MIGRATIONS, Database
from tests.postgres import Cluster

Rows = dict[str, list[dict[str, Any]]]

OWN = "alembic_version"


def _revisions() -> list[str]:
    """Every schema there has been, the oldest first."""
    return [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]


def _value(column: Column[Any], number: int) -> Any:
    """A value for a column that no other row has; what refers to another table refers to that row's own number."""
    kinds: list[tuple[Any, Any]] = [
        (Boolean, number % 2 == 0),
        ((Float, Numeric), number + 0.5),
        (Integer, number),
        (LargeBinary, number.to_bytes(32, "big")),
    ]
    return next((value for kind, value in kinds if isinstance(column.type, kind)), f"{number}")


def _fill(database: Database, number: int) -> Rows:
    """One more row in every table; gives all that stands there then."""
    tables = MetaData()
    with database.write() as session:
        tables.reflect(session)
        for table in tables.sorted_tables:
            if table.name != OWN:
                session.execute(insert(table), [{column.name: _value(column, number) for column in table.columns}])
        return {table.name: _of(session, table) for table in tables.sorted_tables if table.name != OWN}


def _rows(database: Database) -> Rows:
    tables = MetaData()
    with database.read() as session:
        tables.reflect(session)
        return {table.name: _of(session, table) for table in tables.sorted_tables if table.name != OWN}


def _of(session: Any, table: Table) -> list[dict[str, Any]]:
    return [dict(row) for row in session.execute(select(table)).mappings()]


def _lost(before: Rows, after: Rows) -> Iterator[str]:
    """The tables in which a row is gone or says something else in a column that is still there."""
    for table, rows in before.items():
        now = after.get(table, [])
        kept = set(now[0]) if now else set[str]()
        standing = [{name: row[name] for name in kept & set(rows[0])} for row in now] if rows else []
        if any({name: value for name, value in row.items() if name in kept} not in standing for row in rows):
            yield table


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[str]:
    """The address of a store that has no table yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.db'}"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    yield cluster.create("upgraded")
    cluster.drop("upgraded")


def test_every_step_upward_keeps_every_row(bare_url: str) -> None:
    with Database.open(bare_url) as database:
        before: Rows = {}
        for number, revision in enumerate(_revisions(), start=1000):
            database.migrate(revision)
            assert list(_lost(before, _rows(database))) == [], revision
            before = _fill(database, number)
        database.require_migrated()


def test_the_oldest_store_comes_up_in_one_go_to_this_version(bare_url: str) -> None:
    with Database.open(bare_url) as database:
        database.migrate(_revisions()[0])
        before = _fill(database, 1000)
        database.migrate()
        assert list(_lost(before, _rows(database))) == []
        database.require_migrated()


def test_a_row_that_is_gone_or_changed_is_noticed() -> None:
    before: Rows = {"a": [{"id": 1, "word": "x"}], "b": [{"id": 1}], "c": [{"id": 1, "old": 2}]}
    after: Rows = {"a": [{"id": 1, "word": "y"}], "b": [], "c": [{"id": 1, "new": 3}]}
    assert list(_lost(before, after)) == ["a", "b"]
