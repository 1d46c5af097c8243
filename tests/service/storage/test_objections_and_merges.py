"""An objection is a person's: it hides lists stored under any key of theirs, whenever the ids were merged."""

from datetime import date, timedelta

import pytest

from models.errors import NotFound, RequestWrong
from service.storage import lists, merges, objections, persons, risks
from service.storage.database import Database
from service.storage.risks import Wanted
from service.storage.times import stored
from service.weekly.lists import Status
from tests.service.invented_lists import MONDAY, NOW, Town, fill

OLD, NEW, NEWER, OTHER = 1001, 1002, 1003, 1004
ALL = {OLD, NEW, NEWER, OTHER}


@pytest.fixture
def town(database: Database) -> Database:
    """One list on which the same person stands under three ids, and somebody else."""
    fill(database, Town(districts=("Nord",), citizens=8, weeks=1))
    assert hidden(database) == set()
    return database


def merge(database: Database, citizen: int, into: int | None) -> None:
    with database.write() as session:
        merges.append(session, citizen, into, reason="replacement number", by="local:test", at=stored(NOW))


def object_(database: Database, citizen: int, starts_on: date = MONDAY) -> None:
    with database.write() as session:
        objections.add(session, citizen, starts_on, "", "local:test", NOW)


def hidden(database: Database) -> set[int]:
    """Whom the list of the town does not show, in whichever way it is asked for."""
    with database.read() as session:
        head = lists.latest_list(session, MONDAY)
        assert head is not None
        ways = [
            {one.citizen for one in lists.entries(session, head.number, ["Nord"])},
            {one.citizen for one in lists.every_entry(session, head.number)},
            {one for one in ALL if lists.scores_of(session, one)},
            {one.entry.citizen for one in risks.search(session, Wanted(), ["Nord"], 99)},
        ]
        (counts,) = lists.counts(session, head.number, ["Nord"])
        found = [ALL - seen for seen in ways]
        assert counts.unranked.get(Status.OBJECTED, 0) == lists.objecting(session, head.number) == len(found[0])
    assert found == [found[0]] * len(ways)
    return found[0]


def test_one_who_objects_after_merging_is_hidden_under_the_old_key_too(town: Database) -> None:
    merge(town, OLD, NEW)
    object_(town, NEW)
    assert hidden(town) == {OLD, NEW}
    merge(town, OLD, None)
    assert hidden(town) == {NEW}


def test_an_objection_under_the_old_key_holds_for_the_new_one_and_what_that_is_merged_into(town: Database) -> None:
    object_(town, OLD)
    assert hidden(town) == {OLD}
    merge(town, OLD, NEW)
    merge(town, NEW, NEWER)
    assert hidden(town) == {OLD, NEW, NEWER}
    merge(town, NEW, None)
    assert hidden(town) == {OLD, NEW}


def test_a_person_has_one_objection_which_any_key_withdraws(town: Database) -> None:
    object_(town, OLD)
    merge(town, OLD, NEW)
    with pytest.raises(RequestWrong, match="already"):
        object_(town, NEW)
    with town.write() as session:
        objections.withdraw(session, NEW, "local:test", NOW)
    assert hidden(town) == set()
    with pytest.raises(NotFound, match="No objection"), town.write() as session:
        objections.withdraw(session, OLD, "local:test", NOW)


def test_of_two_objections_of_one_person_the_first_day_counts_and_both_are_withdrawn(town: Database) -> None:
    object_(town, OLD, MONDAY + timedelta(days=3))
    object_(town, NEW)
    object_(town, OTHER)
    merge(town, OLD, NEW)
    with town.read() as session:
        assert objections.objecting(session) == dict.fromkeys((OLD, NEW, OTHER), MONDAY)
        assert len(objections.objections_of(session, OLD)) == 2
    with town.write() as session:
        objections.withdraw(session, NEW, "local:test", NOW)
    assert hidden(town) == {OTHER}


def test_the_stores_own_words_tell_the_keys_that_are_told_of_persons(town: Database) -> None:
    merged = ((OLD, NEW), (NEWER, NEW), (NEW, OTHER), (OLD, None), (OLD, NEWER))
    for citizen, into in merged:
        merge(town, citizen, into)
        with town.read() as session:
            told = merges.persons(session)
            for one in ALL:
                assert persons.keys_of(session, one) == told.keys([told.of(one)])
