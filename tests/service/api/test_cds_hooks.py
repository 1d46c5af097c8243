"""CDS Hooks: a card from the stored score, and what was done with it as a review."""

import json
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from service.legal import LegalBasis, Purpose
from service.outbound import cards
from service.security.rights import Permission
from service.storage import audit, legal, lists, reviews, users
from service.weekly.lists import Band, Reason, Score
from service.weekly.reviews import Action, Draft
from tests.service.invented_lists import MONDAY, NOW, name_of
from tests.service.running import Running
from tests.service.test_closed_routes import listed

USE = Permission.USE_CARDS
SERVICE = "/cds-services/omhu-risk"


def opened(patient: str, **more: Any) -> dict[str, Any]:
    """The call a record system makes when a record is opened."""
    context = {"userId": "Practitioner/7", "patientId": patient}
    return {"hook": "patient-view", "hookInstance": str(uuid4()), "context": context} | more


def made(running: Running, citizen: int) -> list[Draft]:
    with running.database.read() as session:
        return [one.draft for one in reviews.reviews_of(session, citizen)]


def test_the_services_are_told_to_whom_may_use_them(running: Running) -> None:
    with running.machine(USE) as machine:
        service = machine.get("/cds-services").json()["services"][0]
    assert (service["hook"], service["id"]) == ("patient-view", "omhu-risk")
    with running.visitor() as nobody, running.machine(Permission.READ_SCORES) as other:
        assert nobody.get("/cds-services").status_code == 401
        assert nobody.post(SERVICE, json=opened("id-1002")).status_code == 401
        assert other.post(SERVICE, json=opened("id-1002")).status_code == 403


def test_a_card_tells_the_stored_score_and_opens_the_list(running: Running) -> None:
    key = listed(running)
    by_number = {"patient": {"resourceType": "Patient", "identifier": [{"system": "x", "value": f"id-{key}"}]}}
    with running.machine(USE) as machine:
        found = machine.post(SERVICE, json=opened(f"id-{key}")).json()["cards"]
        assert found == machine.post(SERVICE, json=opened(f"Patient/omhu-{key}")).json()["cards"]
        assert found == machine.post(SERVICE, json=opened("its-own", prefetch=by_number)).json()["cards"]
    (card,) = found
    assert 0 < len(card["summary"]) < 140
    assert card["indicator"] in {"info", "warning"}
    assert card["source"]["label"] == "Omhu"
    assert card["links"] == [{"label": "Åbn ugelisten i Omhu", "url": f"{running.address}/", "type": "absolute"}]
    assert "23.11.2026" in card["detail"]
    assert not [secret for secret in (str(key), name_of(key), "halvt glas") if secret in json.dumps(card)]
    with running.database.read() as session:
        looks = [one.look for one in audit.records(session)]
    assert {(look.action, look.citizens) for look in looks} == {("cards.read", (key,))}


def test_there_is_no_card_about_anyone_who_may_not_be_shown(running: Running) -> None:
    key = listed(running)
    with running.database.read() as session:
        head = lists.latest_list(session, MONDAY)
        assert head is not None
        below = lists.entries(session, head.number, ["Nord"], shown=False)[0].citizen
    two = {"patient": {"identifier": [{"value": f"id-{key}"}, {"value": "id-1001"}, {"value": 7}]}}
    with running.machine(USE) as machine:
        for call in (opened(f"id-{below}"), opened("nobody"), opened("id-2001"), opened("id-1003", prefetch=two)):
            assert machine.post(SERVICE, json=call).json() == {"cards": []}
    with running.machine(USE, districts=("Syd",)) as machine:
        assert machine.post(SERVICE, json=opened(f"id-{key}")).json() == {"cards": []}


def test_what_is_missing_or_wrong_is_said(running: Running) -> None:
    whole = opened("id-1002")
    with running.machine(USE) as machine:
        for context in (None, {}, {"userId": "x"}, {"patientId": ""}, {"patientId": 7}):
            assert machine.post(SERVICE, json=whole | {"context": context}).status_code == 412
        del whole["context"]
        assert machine.post(SERVICE, json=whole).status_code == 412
        for body in ("{", "[]", json.dumps({"hook": "patient-view"}), json.dumps(opened("x") | {"hook": "order-sign"})):
            answer = machine.post(SERVICE, content=body)
            assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
        assert machine.post("/cds-services/other", json=opened("x")).status_code == 404
        assert machine.post(SERVICE, content=b" " * 300_000).status_code == 413


def test_an_answer_to_a_card_becomes_one_review(running: Running) -> None:
    key = listed(running)
    with running.machine(USE) as machine:
        card = machine.post(SERVICE, json=opened(f"id-{key}")).json()["cards"][0]
        accepted = {"card": card["uuid"], "outcome": "accepted", "outcomeTimestamp": "2026-11-23T08:00:00Z"}
        for _ in range(2):
            assert machine.post(f"{SERVICE}/feedback", json={"feedback": [accepted]}).status_code == 200
        assert made(running, key) == [Draft(Action.SEEN)]
        why = {"reason": card["overrideReasons"][2], "userComment": "har været indlagt"}
        overridden = {"card": card["uuid"], "outcome": "overridden", "overrideReason": why}
        assert machine.post(f"{SERVICE}/feedback", json={"feedback": [overridden]}).status_code == 200
    newest = made(running, key)[0]
    assert newest == Draft(Action.WRONG, "Vurderingen passer ikke på borgeren", "har været indlagt")
    with running.database.read() as session:
        author = reviews.reviews_of(session, key)[0].user
        assert users.names_of(session, [author]) == {author: "test (CDS Hooks)"}
        assert author not in {user.number for user in users.every_user(session)}
        assert [one.look.action for one in audit.records(session)].count("review.add") == 3


def test_an_answer_to_a_card_one_was_not_shown_stores_nothing(running: Running) -> None:
    key = listed(running)
    with running.machine(USE) as machine:
        card = machine.post(SERVICE, json=opened(f"id-{key}")).json()["cards"][0]
        both = [{"card": card["uuid"], "outcome": "accepted"}, {"card": str(uuid4()), "outcome": "accepted"}]
        assert machine.post(f"{SERVICE}/feedback", json={"feedback": both}).status_code == 404
        ignored = {"feedback": [{"card": card["uuid"], "outcome": "ignored"}]}
        assert machine.post(f"{SERVICE}/feedback", json=ignored).status_code == 400
    with running.machine(USE, districts=("Syd",)) as machine:
        assert machine.post(f"{SERVICE}/feedback", json={"feedback": both[:1]}).status_code == 404
    assert made(running, key) == []


def test_without_a_legal_basis_there_is_no_card(running: Running) -> None:
    with running.database.write() as session:
        ended = LegalBasis(Purpose.OPERATE, "b", "d", date(2020, 1, 1), date(2026, 11, 22), "test", NOW)
        legal.add(session, ended)
    with running.machine(USE) as machine:
        assert machine.post(SERVICE, json=opened("id-1002")).status_code == 403


@pytest.mark.parametrize(("code", "grounds"), [("known", "Allerede kendt og håndteret"), ("theirs", "Deres egne ord")])
def test_an_override_keeps_its_reason(code: str, grounds: str) -> None:
    draft = cards.draft_of(cards.Answered("x", "overridden", code, "Deres egne ord"))
    assert draft == Draft(Action.NO_ACTION, grounds)


def test_an_override_without_a_reason_says_so() -> None:
    assert cards.draft_of(cards.Answered("x", "overridden")).grounds == "Tilsidesat i journalen uden begrundelse"


def test_nothing_of_the_data_is_markup_in_a_card(running: Running) -> None:
    with running.database.read() as session:
        score = lists.scores_of(session, listed(running), limit=1)[0]
    reason = Reason("g", 1.0, "Vægt: [her](http://x) <b>**1**\n# nu", "")
    sent = cards.card(Score(score.head, replace(score.entry, reasons=(reason,), band=Band.RAISED)), "https://x")
    assert r"\[her\]\(http://x\) \<b\>\*\*1\*\* \# nu" in sent["detail"]
    assert sent["indicator"] == "info"
