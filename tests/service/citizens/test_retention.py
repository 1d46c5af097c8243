"""Retention: the log's chain holds though its beginning is gone; lists and citizens go when a setting says so."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from models.errors import RequestWrong
from service.audit import PRUNE, first_broken
from service.citizens.retention import Rules, apply, due
from service.storage import audit, identities, lists, people
from service.storage.database import Database
from tests.service.invented_lists import MONDAY, NOW, Town, fill
from tests.service.storage.test_look_up_log import LOOK
from tests.service.terminal import Omhu

DAY = timedelta(days=1)
NOTHING_ELSE = Rules(12, None, None)


def looks(database: Database, *days_ago: int) -> None:
    for days in days_ago:
        with database.write() as session:
            audit.append(session, replace(LOOK, at=NOW - days * DAY))


def test_the_log_loses_its_beginning_and_is_verified_as_before(database: Database, tmp_path: Path):
    looks(database, 800, 700, 600, 300, 10)
    with database.read() as session:
        assert due(session, NOTHING_ELSE, NOW).looks == 3
        assert len(list(audit.records(session))) == 5
    assert apply(database, tmp_path, NOTHING_ELSE, "local:test", NOW).looks == 3
    with database.read() as session:
        kept = list(audit.records(session))
        assert [record.number for record in kept] == [4, 5, 6]
        assert kept[-1].look.action == PRUNE
        assert first_broken(kept, audit.start(session)) is None
        assert first_broken(kept) == 4
    apply(database, tmp_path, NOTHING_ELSE, "local:test", NOW + 70 * DAY)
    with database.read() as session:
        assert first_broken(audit.records(session), audit.start(session)) is None


def test_a_beginning_that_went_without_a_record_of_it_is_found(database: Database):
    looks(database, 900, 800, 10)
    with database.write() as session:
        session.exec_driver_sql("DELETE FROM look_ups WHERE number = 1")
    with database.read() as session:
        assert first_broken(audit.records(session), audit.start(session)) == 2


def test_a_young_record_keeps_what_stands_after_it(database: Database, tmp_path: Path):
    looks(database, 800, 5, 700)  # a clock that was set back
    apply(database, tmp_path, NOTHING_ELSE, "local:test", NOW)
    with database.read() as session:
        assert [record.number for record in audit.records(session)] == [2, 3, 4]


def test_six_months_and_no_less_are_kept_whatever_is_set(database: Database, tmp_path: Path):
    for months in (5, 61, 0):
        with pytest.raises(RequestWrong, match="cannot be kept"):
            Rules(months, None, None)
    with pytest.raises(RequestWrong, match="keeps nothing"):
        Rules(6, 0, None)
    looks(database, 182)
    assert apply(database, tmp_path, Rules(6, None, None), "local:test", NOW).looks == 0


def test_old_lists_go_with_their_entries_and_reviews_and_the_rest_stays(database: Database, tmp_path: Path):
    fill(database, Town(weeks=12))
    done = apply(database, tmp_path, Rules(12, 1, None), "local:test", NOW)
    assert len(done.lists) == 7
    with database.read() as session:
        heads = lists.list_heads(session, limit=99)
        assert [head.as_of for head in heads] == [MONDAY - timedelta(weeks=back) for back in range(5)]
        left = session.exec_driver_sql("SELECT count(DISTINCT list_id) FROM list_entries").scalar()
    assert left == 5


def test_who_has_been_out_of_care_long_enough_is_erased(database: Database, tmp_path: Path):
    fill(database, Town(weeks=1))
    long_ago = int((NOW - 400 * DAY).timestamp() * 1_000_000)
    with database.write() as session:
        session.exec_driver_sql(f"UPDATE citizens SET care_end = {long_ago} WHERE citizen IN (1001, 1002)")
        session.exec_driver_sql("UPDATE citizens SET superseded_at = 1 WHERE citizen = 1002")
    assert apply(database, tmp_path, Rules(12, None, 24), "local:test", NOW).citizens == ()
    assert apply(database, tmp_path, Rules(12, None, 12), "local:test", NOW).citizens == ("id-1001",)
    with database.read() as session:
        assert identities.citizen_ids(session, [1001, 1002]) == {1002: "id-1002"}
        assert people.of(session, [1001]) == {}


def test_the_command_tells_first_and_removes_when_told_to(omhu: Omhu, monkeypatch: pytest.MonkeyPatch, sqlite_url: str):
    monkeypatch.setenv("OMHU_DATABASE_URL", sqlite_url)
    with Database.open(sqlite_url) as database:
        looks(database, 900)
    told = "1 records of the look-up log, 0 lists, 0 citizens out of care."
    assert omhu("retention", "apply")[:2] == (0, f"Due: {told}\nNothing was changed: say --yes to do it.\n")
    assert omhu("retention", "apply", "--yes")[:2] == (0, f"Removed: {told}\n")
    monkeypatch.setenv("OMHU_RETENTION_AUDIT_MONTHS", "60")
    assert omhu("retention", "apply")[1].startswith("Due: 0 records")
