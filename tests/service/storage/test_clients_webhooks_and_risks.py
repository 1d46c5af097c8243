"""What other systems are answered from, the same in both stores."""

from datetime import datetime, timedelta

import pytest

from models.errors import RequestWrong
from service.outbound.risk_resources import EntryId
from service.storage import clients, figures, merges, persons, risks, users, webhooks
from service.storage.database import Database
from service.storage.risks import Wanted
from tests.service.invented_lists import MONDAY, NOW, Town, fill

MADE = datetime.fromisoformat(f"{MONDAY}T03:10:00+00:00")


def test_what_is_searched_is_found_and_paged_and_what_was_told_is_not_told_again(database: Database) -> None:
    fill(database, Town(weeks=2, citizens=5))
    both = ["Nord", "Syd"]
    with database.write() as session:
        found = risks.search(session, Wanted(), both, 50)
        assert (len(found), risks.count(session, Wanted(), both), risks.count(session, Wanted(), ["Syd"])) == (
            20,
            20,
            10,
        )
        seventh = EntryId(found[6].head.number, found[6].entry.citizen)
        assert risks.search(session, Wanted(after=seventh), both, 50) == found[7:]
        newest = Wanted(frozenset({1001}), since=MONDAY, until=MONDAY + timedelta(days=1), made_since=MADE)
        assert [one.head.as_of for one in risks.search(session, newest, both, 50)] == [MONDAY]
        assert risks.count(session, Wanted(made_until=MADE, entry=seventh), both) == 0
        assert len(risks.shown_since(session, MONDAY, ["Nord"])) == 5
        merges.append(session, 1001, 1002, reason="r", by="test", at=0)
        assert persons.person_of(session, 1001) == merges.persons(session).of(1001) == 1002
        author = users.author_for(session, "journal (CDS Hooks)", NOW)
        assert users.author_for(session, "journal (CDS Hooks)", NOW + timedelta(days=1)) == author
        webhooks.add(session, "https://example.dk", "s", MADE)
    for _ in range(2):
        with database.write() as session:
            webhooks.queue(session, NOW)
    with database.write() as session:
        (one,) = webhooks.due(session, NOW)
        assert webhooks.claim(session, one, NOW + timedelta(minutes=5))
        assert not webhooks.claim(session, one, NOW)
        assert webhooks.due(session, NOW) == ()
        webhooks.settle(session, one.name, webhooks.State.DEAD, NOW, "HTTP 500")
        assert figures.deliveries(session) == {("dead",): 1}
        assert (figures.loads(session), figures.job_runs(session), figures.data_came_at(session)) == ({}, {}, None)


def test_an_assertion_is_used_up_until_it_expires(database: Database) -> None:
    with database.write() as session:
        number = clients.add(session, "journal", '{"keys": []}', ["lists:read"], ["Ø"], NOW)
        with pytest.raises(RequestWrong):
            clients.add(session, "journal", "", [], [], NOW)
        found = clients.find(session, "journal")
        assert found is not None
        assert (found.number, found.districts, found.made_at) == (number, {"Ø"}, NOW)
        ends = NOW + timedelta(minutes=4)
        assert clients.use_up(session, number, "f", ends, NOW)
        assert not clients.use_up(session, number, "f", ends, NOW)
        assert clients.use_up(session, number, "g", ends, NOW)
        assert clients.use_up(session, number, "f", ends, ends)
        assert len(clients.every(session)) == 1
