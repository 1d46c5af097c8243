"""Reviews, made on the list and on the citizen's page."""

import re
from datetime import timedelta

import httpx

from service.storage import audit, lists, people, reviews
from service.weekly.lists import WeeklyList
from tests.service.invented_lists import MONDAY, Town, weekly_list
from tests.service.running import Running, proof_in


def first_reference(browser: httpx.Client) -> str:
    """The word for the first citizen on the list."""
    return re.findall(r'href="/borger/([\w-]+)"', browser.get("/").text)[0]


def review(browser: httpx.Client, reference: str, **fields: str) -> httpx.Response:
    """Send a review as the page's form would."""
    page = browser.get(f"/borger/{reference}").text
    newest = re.search(r'name="sidste" value="(\d+)"', page)
    if newest is None:
        raise AssertionError("the page has no form")
    facts = {"bevis": proof_in(page), "sidste": newest[1], "til": "borger"}
    return browser.post(f"/borger/{reference}/gennemgang", data=facts | fields)


def test_one_click_on_the_list_is_a_review_and_leads_back_to_the_row(running: Running) -> None:
    with running.log_in("nord") as nurse:
        reference = first_reference(nurse)
        answer = review(nurse, reference, handling="phoned", til="/?team=Team+1&andet=x")
        page = nurse.get("/").text
    assert answer.headers["location"] == f"/?team=Team+1#b-{reference}"
    row = page.split(f'id="b-{reference}"')[1].split("</li>\n    <li id=")[0]
    assert "reviewed" in row[:60]
    assert "<strong>Ringet</strong>" in row
    assert "i dag kl. 08.30 · nord" in row
    assert "Fortryd" in row


def test_a_review_can_be_undone_and_stays_readable(running: Running) -> None:
    with running.log_in("nord") as nurse:
        reference = first_reference(nurse)
        review(nurse, reference, handling="visited", bemaerkning="TOBS 1")
        proof = proof_in(nurse.get("/").text)
        undone = nurse.post(f"/borger/{reference}/gennemgang/1/fortryd", data={"bevis": proof, "til": "/"})
        again = nurse.post(f"/borger/{reference}/gennemgang/1/fortryd", data={"bevis": proof, "til": "/"})
        page = nurse.get(f"/borger/{reference}").text
        front = nurse.get("/").text
    assert (undone.status_code, again.status_code) == (303, 404)
    assert "fortrudt" in page
    assert "TOBS 1" in page
    assert " reviewed" not in front


def test_nothing_done_and_wrong_need_a_reason_and_keep_what_was_written(running: Running) -> None:
    with running.log_in("nord") as nurse:
        reference = first_reference(nurse)
        for action in ("no_action", "wrong", "dans"):
            answer = review(nurse, reference, handling=action, bemaerkning="et langt notat")
            assert answer.status_code == 422
            assert "skal du skrive hvorfor" in answer.text
            assert "et langt notat</textarea>" in answer.text
        assert review(nurse, reference, handling="wrong", begrundelse="Flyttet til søn").status_code == 303


def test_two_nurses_never_overwrite_each_other_unseen(running: Running) -> None:
    with running.log_in("nord") as nurse, running.log_in("leder") as leader:
        reference = first_reference(nurse)
        page = leader.get(f"/borger/{reference}").text
        review(nurse, reference, handling="phoned", bemaerkning="datter kommer i morgen")
        stale = {"bevis": proof_in(page), "sidste": "0", "til": "borger", "handling": "seen"}
        answer = leader.post(f"/borger/{reference}/gennemgang", data=stale)
        assert answer.status_code == 409
        assert "En kollega har gennemgået borgeren imens" in answer.text
        assert "datter kommer i morgen" in answer.text
        assert review(leader, reference, handling="seen").status_code == 303
    with running.database.read() as session:
        citizen = people.citizen_of(session, reference)
        assert citizen is not None
        assert [one.draft.action for one in reviews.reviews_of(session, citizen)] == ["seen", "phoned"]


def test_a_form_without_the_sessions_proof_stores_nothing(running: Running) -> None:
    with running.log_in("nord") as nurse:
        reference = first_reference(nurse)
        for proof in ("", "0" * 64):
            forged = {"bevis": proof, "sidste": "0", "handling": "seen"}
            assert nurse.post(f"/borger/{reference}/gennemgang", data=forged).status_code == 403
        proof = proof_in(nurse.get("/").text)
        foreign = {"Sec-Fetch-Site": "cross-site"}
        answer = nurse.post(f"/borger/{reference}/gennemgang", data={"bevis": proof}, headers=foreign)
        assert answer.status_code == 403
        assert " reviewed" not in nurse.get("/").text


def test_a_snoozed_citizen_steps_back_on_next_weeks_list_and_returns_after(running: Running) -> None:
    with running.log_in("nord") as nurse:
        reference = first_reference(nurse)
        review(nurse, reference, handling="seen", pause="14")
    for weeks, snoozed in ((1, True), (2, False)):
        store(running, weekly_list(Town(capacity=60), MONDAY + timedelta(weeks=weeks), {}))
        running.clock.now += timedelta(weeks=1)
        with running.log_in("nord") as nurse:
            row = nurse.get("/").text.split(f'id="b-{reference}"')[1][:60]
        assert ("reviewed" in row) is snoozed


def test_reviews_are_in_the_look_up_log(running: Running) -> None:
    with running.log_in("nord") as nurse:
        review(nurse, first_reference(nurse), handling="seen")
    with running.database.read() as session:
        looks = [one.look for one in audit.records(session)]
    assert [look.action for look in looks if look.citizens] == ["list.view", "citizen.view", "review.add"]


def store(running: Running, weekly: WeeklyList) -> None:
    """Store one more list."""
    with running.database.write() as session:
        lists.store_list(session, weekly)
