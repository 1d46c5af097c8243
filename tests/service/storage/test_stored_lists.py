"""Lists in the store: whole, unchangeable, found as asked for; the same on both engines."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from models.errors import RequestWrong
from service.storage import capacities, lists, people
from service.storage.database import Database
from service.weekly.lists import Change, Entry, Standing, Status, WeeklyList, compared
from tests.service.invented_lists import MONDAY, Town, fill, key, name_of, weekly_list


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with Database.open(database_url) as opened:
        yield opened


def stored(database: Database, weekly: WeeklyList) -> None:
    with database.write() as session:
        lists.store_list(session, weekly)


def test_a_list_comes_back_as_it_was_stored(database: Database) -> None:
    weekly = weekly_list(Town(), MONDAY, {})
    with database.write() as session:
        number = lists.store_list(session, weekly)
    with database.read() as session:
        head = lists.latest_list(session, MONDAY)
        assert head is not None
        assert (head.number, head.made_at, head.data_until) == (number, weekly.made_at, weekly.data_until)
        found = lists.every_entry(session, number)
        assert {entry.citizen: entry for entry in found} == {entry.citizen: entry for entry in weekly.entries}
        assert [entry.overall_rank for entry in found if entry.overall_rank] == sorted(
            entry.overall_rank for entry in found if entry.overall_rank
        )
        assert {entry.district for entry in lists.entries(session, number, ["Syd"])} == {"Syd"}
        assert lists.entries(session, number, []) == ()


def test_a_list_of_the_same_date_and_model_is_not_stored_twice(database: Database) -> None:
    weekly = weekly_list(Town(), MONDAY, {})
    stored(database, weekly)
    with pytest.raises(RequestWrong, match="does not change"):
        stored(database, weekly)
    stored(database, replace(weekly, model_version="2", made_at=weekly.made_at + timedelta(hours=1)))
    with database.read() as session:
        newest = lists.find_list(session, MONDAY)
        assert newest is not None
        assert newest.model_version == "2"


@pytest.mark.parametrize(
    "change", ["UPDATE lists SET silent = 1", "UPDATE list_entries SET rank = 1", "UPDATE look_ups SET actor = 'x'"]
)
def test_the_store_itself_refuses_a_change(database: Database, change: str) -> None:
    from service.audit import Look
    from service.storage import audit

    stored(database, weekly_list(Town(), MONDAY, {}))
    with database.write() as session:
        audit.append(
            session, Look(weekly_list(Town(), MONDAY, {}).made_at, "a", "", "list.view", "", "", (), "", "shown")
        )
    with pytest.raises(Exception, match="cannot be changed"), database.write() as session:
        session.exec_driver_sql(change)


def test_silent_lists_are_found_only_when_asked_for(database: Database) -> None:
    stored(database, weekly_list(Town(silent=True), MONDAY, {}))
    with database.read() as session:
        assert lists.latest_list(session, MONDAY) is None
        assert lists.find_list(session, MONDAY) is None
        assert lists.list_heads(session, limit=9) == ()
        assert lists.scores_of(session, key(0, 1)) == ()
        assert lists.latest_list(session, MONDAY, silent=True) is not None


def test_the_latest_list_is_none_from_after_the_day_asked_about(database: Database) -> None:
    fill(database, Town(weeks=3))
    with database.read() as session:
        head = lists.latest_list(session, MONDAY - timedelta(days=1))
        assert head is not None
        assert head.as_of == MONDAY - timedelta(weeks=1)


def test_a_list_tells_the_dates_of_those_shown_before_and_after_it(database: Database) -> None:
    first, second, third = fill(database, Town(weeks=3))
    with database.read() as session:
        heads = {head.as_of: head for head in lists.list_heads(session, limit=3)}
        assert lists.dates_beside(session, heads[first], third) == (None, third)
        assert lists.dates_beside(session, heads[second], second) == (first, None)
        assert lists.dates_beside(session, heads[third], third) == (second, None)


def test_counts_say_what_a_list_comes_to_in_each_district(database: Database) -> None:
    fill(database, Town(weeks=2))
    with database.read() as session:
        head = lists.latest_list(session, MONDAY)
        assert head is not None
        counts = lists.counts(session, head.number, ["Nord", "Syd", "Øst"])
        entries = lists.entries(session, head.number, ["Nord"], shown=True)
    assert [(one.district, one.ranked, one.shown) for one in counts] == [("Nord", 56, 20), ("Syd", 56, 20)]
    assert counts[0].unranked == {Status.NO_DATA: 2, Status.IN_HOSPITAL: 1, Status.TERMINAL: 1}
    assert counts[0].new == sum(entry.change is Change.NEW for entry in entries)


def test_people_are_told_by_name_year_and_a_word_that_says_nothing(database: Database) -> None:
    fill(database, Town(weeks=2))
    with database.read() as session:
        found = people.of(session, [key(0, 1), key(1, 2), 99])
        again = people.of(session, [key(0, 1)])
        person = found[key(0, 1)]
        assert people.citizen_of(session, person.reference) == key(0, 1)
        assert people.citizen_of(session, "nobody") is None
    assert set(found) == {key(0, 1), key(1, 2)}
    assert person.name == name_of(key(0, 1))
    assert person.birth_year == 1928 + key(0, 1) % 25
    assert again[key(0, 1)].reference == person.reference
    assert str(key(0, 1)) not in person.reference


def test_a_capacity_is_set_by_district(database: Database) -> None:
    with database.write() as session:
        capacities.set_capacity(session, "Nord", 12)
        capacities.set_capacity(session, "Nord", 15)
        with pytest.raises(RequestWrong):
            capacities.set_capacity(session, "Nord", -1)
    with database.read() as session:
        assert capacities.capacities(session) == {"Nord": 15}


def test_an_entry_is_compared_with_where_the_citizen_stood_a_week_ago() -> None:
    before = {
        1: Standing("Nord", 9, shown=True, weeks=3),
        2: Standing("Nord", 2, shown=True, weeks=1),
        3: Standing("Nord", 1, shown=True, weeks=1),
        4: Standing("Nord", 31, shown=False, weeks=0),
        5: Standing("Syd", 3, shown=True, weeks=2),
        7: Standing("Nord", 7, shown=True, weeks=4),
    }
    entries = [Entry(n, "Nord", "", Status.RANKED, rank=n, shown=n != 7) for n in range(1, 8)]
    told = [(one.change, one.previous_rank, one.weeks) for one in compared(entries, before)]
    assert told == [
        (Change.RISEN, 9, 4),
        (Change.KNOWN, 2, 2),
        (Change.KNOWN, 1, 2),
        (Change.NEW, 31, 1),
        (Change.NEW, None, 1),
        (Change.NEW, None, 1),
        (None, None, 0),
    ]
