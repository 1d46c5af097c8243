"""Stays in hospital on the citizen's page: as known when it is looked at, drawn and told."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert

from service.storage import lists, merges, reviews
from service.storage.stays import Stay, stays_of
from service.storage.tables import FACTS
from service.storage.times import stored
from service.weekly.reviews import Action, Draft, Overtaken
from tests.service.invented_lists import MONDAY, NOW
from tests.service.running import Running

LISTED = 1001


def know(running: Running, *notices: tuple[str, datetime, datetime], planned: bool | None = False) -> None:
    """Store notifications of one episode: activity, when it happened, from when it was known."""
    rows = [
        {
            "sequence": number,
            "load_id": 1,
            "source_id": f"n{number}",
            "source_key": number,
            "content": number,
            "citizen": LISTED,
            "recorded_at": stored(known),
            "known_from": stored(known),
            "retracted": 0,
            "episode_id": "e1",
            "activity": activity,
            "occurred_at": stored(occurred),
            "planned": planned,
        }
        for number, (activity, occurred, known) in enumerate(notices, start=1)
    ]
    with running.database.write() as session:
        session.execute(insert(FACTS["hospital_notifications"]), rows)


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 10, tzinfo=UTC)


def page_of(running: Running) -> str:
    with running.log_in("nord") as nurse:
        row = re.findall(r'href="(/borger/[\w-]+)"', nurse.get("/").text)
        pages = (nurse.get(address).text for address in row)
        return next(page for page in pages if "Indlæggelser i det sidste halve år" in page)


def test_stays_are_told_and_drawn_with_their_days(running: Running) -> None:
    know(running, ("admit-inpatient", at(10, 14), at(10, 14)), ("discharge-inpatient-home", at(10, 19), at(10, 19)))
    page = page_of(running)
    assert '<strong>Indlagt akut</strong><span class="when">14. okt. – 19. okt.</span>' in page
    assert page.count('class="stay"') == 1 + 1  # the stay, and its place in the legend
    assert "udskrevet 19. okt." in page


def test_what_is_not_known_yet_is_not_told_and_who_is_there_now_is_since_when(running: Running) -> None:
    know(running, ("admit-inpatient", at(11, 21), at(11, 21)), ("discharge-inpatient-home", at(11, 22), at(11, 24)))
    assert "siden 21. nov." in page_of(running)
    running.clock.turn(timedelta(days=2))
    assert "21. nov. – 22. nov." in page_of(running)


def test_a_visit_to_the_emergency_ward_is_no_admission(running: Running) -> None:
    know(running, ("admit-emergency", at(11, 2), at(11, 2)), ("discharge-emergency-home", at(11, 2), at(11, 2)))
    with running.database.read() as session:
        assert stays_of(session, LISTED, NOW) == ()


def test_an_admission_nobody_called_planned_or_acute_is_told_as_one(running: Running) -> None:
    know(running, ("admit-inpatient", at(11, 2), at(11, 2)), planned=None)
    with running.database.read() as session:
        assert stays_of(session, LISTED, NOW) == (Stay(date(2026, 11, 2), None, None),)


def test_what_came_under_a_replaced_id_is_the_persons_too(running: Running) -> None:
    know(running, ("admit-inpatient", at(11, 2), at(11, 2)))
    new = LISTED + 1
    with running.database.write() as session:
        head = lists.latest_list(session, MONDAY)
        assert head is not None
        review = reviews.add_review(session, LISTED, head.number, 1, Draft(Action.SEEN), NOW)
        merges.append(session, LISTED, new, reason="replacement number", by="local:test", at=stored(NOW))
        assert stays_of(session, new, NOW) == (Stay(date(2026, 11, 2), None, acute=True),)
        assert review in {one.number for one in reviews.reviews_of(session, new)}
        with pytest.raises(Overtaken):
            reviews.add_review(session, new, head.number, 1, Draft(Action.PHONED), NOW, after=0)
        reviews.add_review(session, new, head.number, 1, Draft(Action.PHONED), NOW, after=review)
        reviews.undo_review(session, review, new, 1, NOW)
