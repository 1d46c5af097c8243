"""The look-up log: a chain that shows when a link was changed, and that many may write to at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from service.audit import GENESIS, Look, first_broken
from service.storage import audit
from service.storage.database import Database
from tests.service.invented_lists import NOW

LOOK = Look(NOW, "user:1", "nurse", "list.view", "care", "/?team=Æ", (1, 2), "127.0.0.1", "shown")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with Database.open(database_url) as opened:
        yield opened


def append(database: Database, actor: str) -> None:
    with database.write() as session:
        audit.append(session, replace(LOOK, actor=actor))


def test_each_record_carries_the_hash_of_the_one_before(database: Database) -> None:
    for number in range(3):
        append(database, f"user:{number}")
    with database.read() as session:
        records = list(audit.records(session))
        assert list(audit.records(session, after=2)) == records[2:]
        assert audit.last(session) == records[-1]
    assert [record.before for record in records] == [GENESIS, records[0].hash, records[1].hash]
    assert records[0].look == replace(LOOK, actor="user:0")
    assert first_broken(records) is None


def test_many_at_once_make_one_chain(database: Database) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: append(database, f"user:{number}"), range(40)))
    with database.read() as session:
        records = list(audit.records(session))
    assert [record.number for record in records] == list(range(1, 41))
    assert first_broken(records) is None


def test_who_writes_does_not_wait_for_the_store_to_tidy_up(postgresql_url: str) -> None:
    with Database.open(postgresql_url) as database, database.write() as tidying:
        tidying.exec_driver_sql("LOCK TABLE look_ups IN SHARE UPDATE EXCLUSIVE MODE")  # what autovacuum holds
        with ThreadPoolExecutor(1) as thread:
            try:
                thread.submit(append, database, "user:1").result(timeout=20)
            finally:
                tidying.rollback()


def test_a_changed_a_missing_and_a_moved_record_are_found(database: Database) -> None:
    for number in range(4):
        append(database, f"user:{number}")
    with database.read() as session:
        one, two, three, four = audit.records(session)
    changed = replace(two, look=replace(two.look, citizens=(1,)))
    assert first_broken([one, changed, three, four]) == 2
    assert first_broken([one, three, four]) == 3
    assert first_broken([one, three, two, four]) == 3
    assert first_broken([two, three, four], start=one.hash) is None


def test_a_young_record_cannot_be_removed_and_an_old_one_can(database: Database) -> None:
    with database.write() as session:
        audit.append(session, replace(LOOK, at=NOW.replace(year=2020)))
        audit.append(session, replace(LOOK, at=NOW.replace(year=2090)))
    with database.write() as session:
        session.exec_driver_sql("DELETE FROM look_ups WHERE number = 1")
    with pytest.raises(Exception, match="cannot be changed"), database.write() as session:
        session.exec_driver_sql("DELETE FROM look_ups WHERE number = 2")
