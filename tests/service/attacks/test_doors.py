"""Doors of a browser and of a token: sessions planted, forms forged, methods disguised, paths climbed, keys guessed."""

import re

import httpx
import pytest

from service.security.headers import CONTENT_SECURITY_POLICY
from service.security.login import one_time_code
from service.security.rights import SCOPES, Permission
from service.security.secrets import form_proof, new_secret
from service.storage import identities, lists
from tests.service.invented_lists import MONDAY
from tests.service.running import Running, proof_in
from tests.service.test_closed_routes import OF_MACHINES, OPEN, filled, listed, routes

DISGUISES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")


def test_a_planted_session_is_not_the_one_that_is_opened(running: Running) -> None:
    planted = new_secret()
    with running.visitor() as victim:
        victim.cookies.set("omhu", planted)
        assert victim.get("/").headers["location"] == "/login"
        code = one_time_code(running.database, "nord", running.clock())
        proof = proof_in(victim.get("/login/kode", params={"kode": code}).text)
        answer = victim.post("/login/kode", data={"kode": code, "bevis": proof})
        opened = re.search(r"omhu=([^;]+)", answer.headers["set-cookie"])
    assert opened is not None
    assert opened[1] != planted
    with running.visitor() as attacker:
        attacker.cookies.set("omhu", planted)
        assert attacker.get("/").status_code == 303


def test_no_form_is_taken_without_the_proof_of_its_own_session_or_from_another_site(running: Running) -> None:
    users = {"/administration": "administrator", "/log": "revisor", "/borger": "nord"}
    for method, pattern in sorted(set(routes(running.app))):
        if method != "POST" or pattern.startswith((*OF_MACHINES, "/auth", "/sprog")):
            continue
        name = next((user for begins, user in users.items() if pattern.startswith(begins)), "leder")
        name = "leder" if pattern.startswith("/login") or pattern == "/logout" else name
        with running.log_in(name) as user, running.log_in("syd") as other:
            address, secret = filled(pattern, running), other.cookies["omhu"]
            fields = {"handling": "phoned", "sidste": "0", "til": "borger"}
            forged = [
                fields,
                fields | {"bevis": ""},
                fields | {"bevis": "x" * 64},
                fields | {"bevis": form_proof(secret)},
            ]
            answers = [user.post(address, data=one) for one in forged]
            right = fields | {"bevis": form_proof(user.cookies["omhu"])}
            answers.append(user.post(address, data=right, headers={"Sec-Fetch-Site": "cross-site"}))
            assert [one.status_code for one in answers] == [403] * 5, pattern
            assert user.get("/").headers.get("location") != "/login"  # and nobody was logged out by it


def test_a_method_in_disguise_is_what_it_is(running: Running) -> None:
    address = filled("/borger/{reference}/gennemgang", running)
    with running.log_in("nord") as nurse, running.machine(*map(Permission, SCOPES)) as machine:
        for name in DISGUISES:
            assert nurse.get(address, headers={name: "POST"}).status_code == 405
            assert machine.get("/api/v1/loads/1", headers={name: "DELETE"}).status_code == 404
            assert nurse.get(address, params={"_method": "POST"}).status_code == 405
        for method in ("PUT", "PATCH", "DELETE", "TRACE", "OPTIONS"):
            assert nurse.request(method, "/").status_code == 405


def test_every_answer_and_every_error_carries_the_headers(running: Running) -> None:
    strange = [("GET", "/findes-ikke"), ("GET", "/static/findes-ikke"), ("PUT", "/"), ("GET", "/borger/%00")]
    with running.visitor() as nobody, running.log_in("leder") as user, running.machine(*map(Permission, SCOPES)) as one:
        for method, pattern in sorted(set(routes(running.app)) - {("POST", "/logout")}) + strange:
            for client in (nobody, user, one):
                answer = client.request(method, filled(pattern, running))
                assert_guarded(answer, pattern)
        assert_guarded(user.post("/log", content=b"\xff", headers={"Content-Type": "multipart/form-data"}), "/log")


def assert_guarded(answer: httpx.Response, place: str) -> None:
    told = answer.headers
    assert told["content-security-policy"] == CONTENT_SECURITY_POLICY, place
    assert "unsafe" not in told["content-security-policy"]
    assert "frame-ancestors 'none'" in told["content-security-policy"]
    assert told["x-content-type-options"] == "nosniff"
    assert told["referrer-policy"] == "same-origin"
    assert told["cache-control"] == "no-store" or (place == "/static" and answer.status_code == 200), place
    assert "access-control-allow-origin" not in told
    assert not re.search(r"(?i)\son\w+=|<script(?! src)|javascript:|style=", answer.text), place


@pytest.mark.parametrize(
    "climbed",
    ["../app.py", "..%2fapp.py", "%2e%2e/%2e%2e/app.py", "..%5c..%5capp.py", "%2fetc/passwd", "%00", "a" * 5000],
)  # fmt: skip
def test_no_path_climbs_out_of_the_static_files(running: Running, climbed: str) -> None:
    with running.visitor() as nobody:
        raw = httpx.URL(running.address).copy_with(raw_path=f"/static/{climbed}".encode())
        answer = nobody.get(raw)
    assert answer.status_code in {303, 404}, answer.status_code
    assert "root:" not in answer.text
    assert "create_ui" not in answer.text


def test_every_address_that_names_a_citizen_of_another_district_finds_nobody(running: Running) -> None:
    citizen = listed(running)
    with running.machine(*map(Permission, SCOPES), districts=("Syd",)) as machine, running.log_in("syd") as nurse:
        for method, pattern in sorted(set(routes(running.app))):
            if not re.search(r"\{(reference|citizen|assessment)\}", pattern):
                continue
            client = machine if pattern.startswith(OF_MACHINES) else nurse
            sent = {"bevis": form_proof(nurse.cookies["omhu"])} if client is nurse and method == "POST" else None
            assert client.request(method, filled(pattern, running), data=sent).status_code == 404, pattern
        with running.database.read() as session:
            own_id = identities.citizen_ids(session, [citizen])[citizen]
        found = machine.post("/fhir/RiskAssessment/_search", data={"patient:identifier": f"|{own_id}"}).json()
        nobody = machine.post("/fhir/RiskAssessment/_search", data={"patient:identifier": "|9999999999"}).json()
        card = machine.post(
            "/cds-services/omhu-risk",
            json={"hook": "patient-view", "hookInstance": "1", "context": {"patientId": f"omhu-{citizen}"}},
        )
    # Told as one whom nobody knows: that somebody is known here at all is nothing for another district.
    assert found["total"] == nobody["total"] == 0
    assert found["link"] == nobody["link"]
    assert card.json() == {"cards": []}


def test_a_team_and_a_district_in_an_address_widen_nothing(running: Running) -> None:
    with running.database.read() as session:
        head = lists.latest_list(session, MONDAY)
        assert head is not None
    with running.log_in("hold") as nurse:
        for asked in (
            "?distrikt=Syd",
            "?distrikt=Nord&distrikt=Syd",
            f"?dato={MONDAY}&distrikt=Syd",
            "?distrikt=Nord%27",
        ):
            for page in ("/", "/tavle", "/ikke-vurderet"):
                assert nurse.get(page + asked).status_code == 404, (page, asked)
        for asked in ("?team=Team 2", "?team=%25", "?distrikt=Nord&team=Team 2"):
            assert "/borger/" not in nurse.get("/" + asked).text, asked


def test_the_open_doors_are_few_and_known(running: Running) -> None:
    assert set(routes(running.app)) >= OPEN
    assert len(OPEN) < 20
