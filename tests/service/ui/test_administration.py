"""The administrator's and the auditor's pages, and the data scientist's."""

import json
import re
from datetime import timedelta

import httpx
import pytest

from service.legal import Purpose, in_force
from service.security.rights import Role
from service.storage import audit, capacities, legal, sessions, users
from tests.service.invented_lists import MONDAY, key, name_of
from tests.service.running import Running, proof_in


def send(browser: httpx.Client, address: str, **fields: str) -> httpx.Response:
    """Fill in a form of the address's page and send it."""
    page = browser.get("/" + address.split("/")[1]).text
    return browser.post(address, data={"bevis": proof_in(page), **fields})


def test_a_user_is_added_changed_reset_and_ended_and_each_is_logged(running: Running) -> None:
    with running.log_in("administrator") as admin:
        rights = {"rolle": "nurse", "distrikter": "Nord, Syd", "teams": ""}
        page = send(admin, "/administration/brugere", navn="mette", **rights).text
        address = re.findall(r"<code>http[^<]+(/login/kode\?kode=[\w-]+)</code>", page)[0]
        with running.database.read() as session:
            user = users.user_called(session, "mette")
        assert user is not None
        assert (user.role, user.districts) == (Role.NURSE, {"Nord", "Syd"})
        with running.visitor() as mette:
            proof = proof_in(mette.get(address).text)
            code = address.partition("=")[2]
            assert mette.post("/login/kode", data={"kode": code, "bevis": proof}).status_code == 303
            assert mette.get("/").text.count('class="district"') == 2
            change = f"/administration/brugere/{user.number}"
            send(admin, f"{change}/rettigheder", rolle="nurse", distrikter="Nord", teams="Team 1")
            assert mette.get("/").text.count('class="district"') == 1
            assert "kan logge ind én gang" in send(admin, f"{change}/nulstil").text
            assert mette.get("/").status_code == 303
        assert send(admin, f"{change}/afslut").status_code == 303
    with running.database.read() as session:
        assert users.user_called(session, "mette") is None
        actions = [one.look.action for one in audit.records(session) if one.look.action.startswith("user.")]
    assert actions == ["user.add", "user.rights", "user.reset", "user.end"]


@pytest.mark.parametrize(
    "fields",
    [
        {"navn": "nord", "rolle": "nurse", "distrikter": "Nord"},
        {"navn": "ny", "rolle": "nurse", "distrikter": ""},
        {"navn": " ", "rolle": "auditor"},
        {"navn": "ny", "rolle": "konge"},
    ],
)
def test_a_user_that_makes_no_sense_is_refused_in_words(running: Running, fields: dict[str, str]) -> None:
    with running.log_in("administrator") as admin:
        answer = send(admin, "/administration/brugere", **fields)
    assert answer.status_code == 422
    assert "Brugeren kunne ikke oprettes" in answer.text


def test_the_last_administrator_cannot_lock_the_door_from_inside(running: Running) -> None:
    with running.log_in("administrator") as admin:
        with running.database.read() as session:
            own = users.user_called(session, "administrator")
        assert own is not None
        assert send(admin, f"/administration/brugere/{own.number}/afslut").status_code == 422
        assert admin.get("/administration").status_code == 200


def test_a_session_is_ended_from_the_list_of_them(running: Running) -> None:
    with running.log_in("nord") as nurse, running.log_in("administrator") as admin:
        page = admin.get("/administration/sessioner").text
        assert set(re.findall(r'<th scope="row">(\w+)</th>', page)) == {"administrator", "nord"}
        with running.database.read() as session:
            found = sessions.open_sessions(session, running.clock() - timedelta(1), running.clock() - timedelta(1))
        (theirs,) = [one.fingerprint for one in found if one.name == "nord"]
        assert send(admin, "/administration/sessioner/afslut", session=theirs).status_code == 303
        assert nurse.get("/").status_code == 303


def test_capacity_is_set_for_a_district(running: Running) -> None:
    with running.log_in("administrator") as admin:
        assert send(admin, "/administration/kapacitet", distrikt="Nord", antal="12").status_code == 303
        assert send(admin, "/administration/kapacitet", distrikt="Nord", antal="-3").status_code == 422
        assert '<th scope="row">Nord</th><td>12</td>' in admin.get("/administration/kapacitet").text
    with running.database.read() as session:
        assert capacities.capacities(session) == {"Nord": 12}


def test_the_legal_switch_is_set_and_holds_at_once(running: Running) -> None:
    today = running.clock().date()
    told = {"formaal": "operate", "grundlag": "slut", "dokument": "sag 9"}
    with running.log_in("administrator") as admin, running.log_in("nord") as nurse:
        assert nurse.get("/").status_code == 200
        wrong = send(admin, "/administration/hjemmel", **told, fra=str(today), til=str(today - timedelta(1)))
        assert wrong.status_code == 422
        yesterday = str(today - timedelta(1))
        assert send(admin, "/administration/hjemmel", **told, fra="2020-01-01", til=yesterday).status_code == 303
        assert nurse.get("/").status_code == 403
        assert send(admin, "/administration/hjemmel", **told, fra=str(today), til="").status_code == 303
        assert nurse.get("/").status_code == 200
    with running.database.read() as session:
        holding = in_force(legal.entries(session), Purpose.OPERATE, today)
    assert holding is not None
    assert (holding.set_by, holding.document) == ("administrator", "sag 9")


def test_the_log_is_searched_by_user_citizen_action_and_refusal(running: Running) -> None:
    with running.log_in("nord") as nurse:
        nurse.get("/")
        nurse.get("/?distrikt=Syd")
    with running.log_in("revisor") as auditor:
        front = auditor.get("/log").text
        assert "list.view" in front
        shown = send(auditor, "/log", bruger="nord").text
        assert "list.view" in shown
        assert "revisor" not in shown.split("<tbody")[1]
        refused = send(auditor, "/log", afvist="ja").text.split("<tbody")[1]
        assert refused.count("<tr ") == 1
        with running.database.read() as session:
            (seen, *_) = next(one.look.citizens for one in audit.records(session) if one.look.action == "list.view")
        of_citizen = send(auditor, "/log", borger=f"id-{seen}", handling="list").text.split("<tbody")[1]
        assert of_citizen.count("<tr ") == 1
        for nobody in ({"bruger": "ingen"}, {"borger": "ingen"}):
            assert send(auditor, "/log", **nobody).text.split("<tbody")[1].count("<tr ") == 0
        names = [name_of(key(0, place)) for place in range(1, 61)]
        assert not [name for name in names if name in front + shown + of_citizen]


def test_the_chain_is_verified_and_taken_out_by_the_auditor(running: Running) -> None:
    with running.log_in("revisor") as auditor:
        assert "Kæden er hel til og med nummer" in send(auditor, "/log/efterproev").text
        lines = [json.loads(line) for line in send(auditor, "/log/udtraek").text.splitlines()]
        with running.database.write() as session:
            session.exec_driver_sql("DROP TRIGGER look_ups_no_update")
            session.exec_driver_sql("UPDATE look_ups SET actor = 'nobody' WHERE number = 1")
        assert "Kæden er brudt ved nummer 1." in send(auditor, "/log/efterproev").text
    assert lines[-1]["look"]["action"] == "log.export"


def test_a_data_scientist_sees_keys_and_scores_and_no_word_of_anyone(running: Running) -> None:
    with running.log_in("forsker") as scientist:
        page = scientist.get("/").headers["location"]
        text = scientist.get(page).text
        assert page == "/pseudonymer"
        assert str(key(0, 1)) in text
        assert str(key(1, 1)) not in text
        for word in ("Drikker", "tør mund", *(name_of(key(0, place)) for place in range(1, 61))):
            assert word not in text
        assert scientist.get(f"/pseudonymer?dato={MONDAY}&distrikt=Syd").status_code == 404
