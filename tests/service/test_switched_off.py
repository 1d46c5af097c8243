"""While operating is switched off, no route shows anyone's risk, whoever asks; what shows none goes on."""

from datetime import date, timedelta

import pytest

from service.legal import LegalBasis, Purpose
from service.security.rights import SCOPES, Permission
from service.storage import audit, legal
from tests.service.invented_lists import MONDAY, switch_on
from tests.service.running import Running
from tests.service.test_closed_routes import filled, listed, routes, told

DESCRIBES = {"/om", "/fhir/metadata"}
"""Pages that say what a risk is, and nobody's."""
RISK = ("Meget høj", "Very high", "1 ud af", "probability", "Drikker mindre")


@pytest.fixture
def switched_off(running: Running) -> Running:
    """The service on the day after its legal basis to operate ran out; one to compute silent lists goes on."""
    yesterday = running.clock.now.date() - timedelta(days=1)
    with running.database.write() as session:
        ended = LegalBasis(Purpose.OPERATE, "b", "d", date(2020, 1, 1), yesterday, "test", running.clock())
        legal.add(session, ended)
    switch_on(running.database, Purpose.SILENT)
    return running


@pytest.mark.parametrize("name", ["nord", "leder"])
def test_no_page_shows_anyone(switched_off: Running, name: str) -> None:
    with switched_off.log_in(name) as user:
        for method, pattern in sorted(set(routes(switched_off.app)) - {("POST", "/logout"), ("GET", "/static")}):
            answer = user.request(method, filled(pattern, switched_off))
            assert not told(answer, 0), (method, pattern)
            assert pattern in DESCRIBES or not [word for word in RISK if word in answer.text], pattern


def test_the_list_page_says_why_in_danish_and_english(switched_off: Running) -> None:
    with switched_off.log_in("nord") as nurse:
        danish = nurse.get("/")
        nurse.post("/sprog", data={"sprog": "en"})
        english = nurse.get(filled("/borger/{reference}", switched_off))
        assert nurse.get("/om").status_code == 200
    assert (danish.status_code, english.status_code) == (403, 403)
    assert "Kommunen har ikke et gyldigt grundlag i dag for at vise listen." in danish.text
    assert "Log ud" in danish.text
    assert "The municipality has no legal basis in force today for showing the list." in english.text


def test_the_api_says_which_purpose_and_what_to_do(switched_off: Running) -> None:
    addresses = ("lists", "lists/latest", f"lists/{MONDAY}", f"citizens/{listed(switched_off)}/scores")
    with switched_off.machine(*map(Permission, SCOPES)) as machine:
        for address in addresses:
            answer = machine.get(f"/api/v1/{address}")
            assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
            problem = answer.json()
            assert problem["type"] == "urn:omhu:problem:no-legal-basis"
            assert problem["title"] == "No legal basis"
            assert problem["detail"] == "No legal basis for the purpose 'operate' is in force today."
            assert "omhu legal set operate" in problem["remedy"]
        assert machine.get("/api/v1/loads/none").status_code == 404
    with switched_off.database.read() as session:
        refused = [one.look.search for one in audit.records(session) if one.look.result == "refused"]
    assert refused == [f"/api/v1/{address}" for address in addresses]


def test_on_the_last_day_of_the_basis_the_list_is_shown_still(running: Running) -> None:
    today = running.clock.now.date()
    with running.database.write() as session:
        legal.add(session, LegalBasis(Purpose.OPERATE, "b", "d", today, today, "test", running.clock()))
    with running.log_in("nord") as nurse:
        assert nurse.get("/").status_code == 200
        running.clock.turn(timedelta(hours=15, minutes=29))  # 23.59 in Denmark, but for the idle session
    with running.log_in("nord") as nurse:
        assert nurse.get("/").status_code == 200
        running.clock.turn(timedelta(minutes=1))
        assert nurse.get("/").status_code == 403
