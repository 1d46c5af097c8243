"""Handing a citizen over to a colleague, and stepping a citizen back for longer."""

import re
from datetime import timedelta

import pytest

from models.errors import RequestWrong
from service.security.rights import Role
from service.storage import lists, people, reviews, users
from service.storage.database import Database
from service.weekly.lists import ListId
from service.weekly.reviews import Action, Draft, HandOver, Overtaken, handed_over, snooze_until
from tests.service.invented_lists import MONDAY, NOW, Town, fill, weekly_list
from tests.service.running import Running
from tests.service.ui.test_reviews_on_pages import first_reference, review


def with_colleague(running: Running) -> int:
    """One more nurse of Nord, and her number."""
    with running.database.write() as session:
        return users.add_user(session, "bodil", Role.NURSE, ("Nord",), None, NOW)


def hand_over(running: Running, to_user: int, *, place: int = 5, **fields: str) -> str:
    """The citizen of a row of Nord's list, handed over by its first nurse."""
    with running.log_in("nord") as nurse:
        reference = re.findall(r'id="b-([\w-]+)"', nurse.get("/").text)[place]
        facts = {"kollega": str(to_user), "til_og_med": "2026-11-27", "bemaerkning": "Ring til datteren"} | fields
        assert review(nurse, reference, handling="handed_over", **facts).status_code == 303
    return reference


def row_of(page: str, reference: str) -> str:
    return page.split(f'id="b-{reference}"')[1].split("</li>\n    <li id=", maxsplit=1)[0]


def test_a_citizen_handed_over_stands_first_on_the_colleagues_list_and_steps_back_on_the_others(
    running: Running,
) -> None:
    reference = hand_over(running, with_colleague(running))
    with running.log_in("bodil") as colleague:
        hers = colleague.get("/").text
        only_hers = colleague.get("/", params={"vis": "mine"}).text
        board = colleague.get("/tavle").text
    with running.log_in("nord") as nurse:
        others = nurse.get("/").text
    assert re.findall(r'id="b-([\w-]+)"', hers)[0] == reference
    assert "Overdraget til dig" in row_of(hers, reference)
    assert "Ring til datteren" in row_of(hers, reference)
    assert 'name="handling"' in row_of(hers, reference)
    assert re.findall(r'id="b-([\w-]+)"', only_hers) == [reference]
    assert "Overdraget til dig" in board
    assert "Overdraget til bodil" in row_of(others, reference)
    assert "Til og med 27. nov." in row_of(others, reference)
    assert " reviewed" in row_of(others, reference)[:60]


def test_what_the_colleague_does_ends_the_hand_over(running: Running) -> None:
    reference = hand_over(running, with_colleague(running))
    with running.log_in("bodil") as colleague:
        review(colleague, reference, handling="visited")
        page = colleague.get("/").text
    assert "Overdraget til dig" not in page
    assert "<strong>Besøg</strong>" in row_of(page, reference)


def test_a_hand_over_nobody_took_up_comes_back_to_everyone_after_its_last_day(running: Running) -> None:
    reference = hand_over(running, with_colleague(running))
    for days, back in ((4, False), (5, True)):
        running.clock.now = NOW + timedelta(days=days)
        with running.log_in("nord") as nurse:
            assert (" reviewed" not in row_of(nurse.get("/").text, reference)[:60]) is back


def test_a_citizen_handed_over_is_told_the_colleague_though_the_next_list_stops_above_them(running: Running) -> None:
    reference = hand_over(running, with_colleague(running), til_og_med="2026-12-04")
    with running.database.write() as session:
        lists.store_list(session, weekly_list(Town(capacity=1), MONDAY + timedelta(weeks=1), {}))
    running.clock.now += timedelta(weeks=1)
    with running.log_in("bodil") as colleague:
        page = colleague.get("/").text
    assert "Overdraget til dig" in row_of(page, reference)
    assert "<dt>vises</dt><dd>1</dd>" in page


@pytest.mark.parametrize(
    "fields",
    [
        {"kollega": ""},
        {"kollega": "2"},  # the nurse of Syd
        {"kollega": "1"},  # oneself
        {"til_og_med": "i morgen"},
        {"til_og_med": "2026-11-22"},
        {"til_og_med": "2027-01-01"},
    ],
)
def test_a_hand_over_to_nobody_or_to_no_day_is_refused_and_keeps_what_was_written(
    running: Running, fields: dict[str, str]
) -> None:
    facts = {"kollega": str(with_colleague(running)), "til_og_med": "2026-11-27", "bemaerkning": "et notat"} | fields
    with running.log_in("nord") as nurse:
        answer = review(nurse, first_reference(nurse), handling="handed_over", **facts)
    assert answer.status_code == 422
    assert "Vælg en kollega" in answer.text
    assert "et notat</textarea>" in answer.text


def test_only_those_who_may_review_the_citizens_district_can_be_handed_to(running: Running) -> None:
    with_colleague(running)
    with running.log_in("nord") as nurse:
        page = nurse.get(f"/borger/{first_reference(nurse)}").text
    offered = re.findall(r"<option value=\"\d+\">(\w+)</option>", page.split('name="kollega"')[1].split("</select>")[0])
    assert offered == ["bodil", "hold", "leder"]


def test_how_long_a_citizen_steps_back_can_be_chosen() -> None:
    assert [(snooze_until(MONDAY, days) - MONDAY).days for days in (7, 14, 30)] == [7, 14, 30]
    with pytest.raises(RequestWrong, match="cannot be chosen"):
        snooze_until(MONDAY, 365)
    assert handed_over(MONDAY, 3, MONDAY).until == MONDAY + timedelta(days=1)
    for wrong in (Draft, lambda action: Draft(action, hand_over=HandOver(1, MONDAY))):
        with pytest.raises(RequestWrong, match="belong to handing over"):
            wrong(Action.HANDED_OVER if wrong is Draft else Action.SEEN)


def test_of_two_reviews_made_at_once_the_second_is_told_of_the_first(database_url: str) -> None:
    with Database.open(database_url) as database:
        fill(database, Town(weeks=1))
        with database.read() as session:
            head = lists.latest_list(session, MONDAY)
        number = head.number if head else ListId(0)
        with database.write() as session:
            first = reviews.add_review(session, 1001, number, 1, Draft(Action.SEEN), NOW, after=0)
        with pytest.raises(Overtaken), database.write() as session:
            reviews.add_review(session, 1001, number, 2, Draft(Action.SEEN), NOW, after=0)
        with database.write() as session:
            handed = Draft(Action.HANDED_OVER, hand_over=HandOver(2, MONDAY + timedelta(days=3)))
            reviews.add_review(session, 1001, number, 2, handed, NOW, after=first)
        with database.read() as session:
            assert reviews.reviews_of(session, 1001)[0].draft == handed
            assert reviews.handed_to(session, 2, MONDAY) == {1001}
            assert people.of(session, [1001])[1001].citizen == 1001
