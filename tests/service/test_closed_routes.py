"""Every route, walked by everyone: nothing is told without a login or a token, nor across districts."""

from collections.abc import Iterator
from functools import cache

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from service.security.rights import SCOPES, Permission, Role
from service.storage import audit, lists, people
from tests.service.conftest import USERS
from tests.service.invented_lists import MONDAY, key, name_of
from tests.service.running import Running

OPEN = {
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/login/kode"),
    ("POST", "/login/kode"),
    ("POST", "/login/bekraeft"),
    ("GET", "/login/oidc"),
    ("GET", "/login/oidc/svar"),
    ("POST", "/sprog"),
    ("GET", "/tilgaengelighed"),
    ("GET", "/static"),
    ("GET", "/fhir/metadata"),
    ("GET", "/.well-known/smart-configuration"),
    ("GET", "/fhir/.well-known/smart-configuration"),
    ("POST", "/auth/token"),
}
OF_MACHINES = ("/api", "/fhir", "/cds-services", "/metrics")


def routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Method and pattern of every route, those of the mounted pages too."""
    for route in iter_route_contexts(app.routes):
        below = route.original_route
        if not isinstance(below, Mount):
            yield from ((method, route.path or "") for method in sorted((route.methods or set()) - {"HEAD"}))
        elif isinstance(below.app, FastAPI):
            yield from routes(below.app)
        else:
            yield "GET", below.path


def filled(pattern: str, running: Running) -> str:
    """An address of the pattern that names a citizen of Nord."""
    with running.database.read() as session:
        reference = people.of(session, [listed(running)])[listed(running)].reference
    facts = {"reference": reference, "number": "1", "as_of": str(MONDAY), "citizen": str(listed(running))}
    facts |= {"assessment": f"1-{listed(running)}", "service": "omhu-risk"}
    return pattern.replace("{rest:path}", "rest").format(**facts)


def listed(running: Running) -> int:
    """A citizen on the newest list of Nord."""
    with running.database.read() as session:
        head = lists.latest_list(session, MONDAY)
        if head is None:
            raise AssertionError("the town has no list")
        return lists.entries(session, head.number, ["Nord"], shown=True)[0].citizen


@cache
def names(district: int) -> frozenset[str]:
    """Names of the citizens of a district who share them with nobody elsewhere."""
    everyone = [{name_of(key(at, place)) for place in range(1, 61)} for at in (0, 1)]
    return frozenset(everyone[district] - everyone[1 - district])


def told(answer: httpx.Response, district: int) -> list[str]:
    """Names of citizens of a district that an answer tells."""
    return [name for name in names(district) if name in answer.text]


def test_the_walk_finds_the_routes_there_are(running: Running) -> None:
    found = set(routes(running.app))
    assert {("GET", "/"), ("GET", "/borger/{reference}"), ("POST", "/api/v1/loads")} <= found
    assert found >= OPEN
    assert len(found) > 20


def test_without_a_login_every_route_but_the_open_ones_turns_one_away(running: Running) -> None:
    with running.visitor() as nobody:
        for method, pattern in set(routes(running.app)) - OPEN:
            answer = nobody.request(method, filled(pattern, running))
            assert answer.status_code in {303, 401}, (method, pattern, answer.status_code)
            assert answer.headers.get("location", "/login") == "/login"
            assert not told(answer, 0)
            assert not told(answer, 1)


def test_the_open_routes_tell_nothing_of_anyone(running: Running) -> None:
    with running.visitor() as nobody:
        for method, pattern in OPEN:
            answer = nobody.request(method, filled(pattern, running))
            assert not told(answer, 0)
            assert not told(answer, 1)


def test_a_nurse_sees_nobody_of_another_district_on_any_route(running: Running) -> None:
    with running.log_in("syd") as nurse:
        for method, pattern in set(routes(running.app)) - {("POST", "/logout")}:
            answer = nurse.request(method, filled(pattern, running))
            assert not told(answer, 0), (method, pattern)
            assert answer.status_code < 500 or pattern == "/readyz"
        assert told(nurse.get("/"), 1)


def test_another_districts_citizen_does_not_exist_and_the_attempt_is_logged(running: Running) -> None:
    address = filled("/borger/{reference}", running)
    with running.log_in("syd") as nurse:
        assert nurse.get(address).status_code == 404
        assert nurse.get("/?distrikt=Nord").status_code == 404
    with running.database.read() as session:
        refused = [one.look for one in audit.records(session) if one.look.result == "refused"]
    assert [(look.action, look.search) for look in refused] == [("refused", address), ("refused", "/")]


EVERYONES = ("/om", "/konto", "/logout")
OF_ONE_ROLE = {"/administration": "administrator", "/log": "revisor", "/pseudonymer": "forsker"}
OF_LEADERS = ("/opfolgning", "/ugeliste.")
LISTS_OF = {"nord", "syd", "hold", "leder"}


def may_open(name: str, pattern: str) -> bool:
    """Whether the user's role reaches a page at all, by where its address begins."""
    if pattern.startswith(EVERYONES):
        return True
    for begins, role in OF_ONE_ROLE.items():
        if pattern.startswith(begins):
            return name == role
    if pattern.startswith(OF_LEADERS):
        return name == "leder"
    return name in LISTS_OF


def refusals(running: Running) -> int:
    with running.database.read() as session:
        return sum(record.look.result == "refused" for record in audit.records(session))


@pytest.mark.parametrize("name", USERS)
def test_every_route_refuses_and_logs_whom_it_is_not_for(running: Running, name: str) -> None:
    role, districts = USERS[name][:2]
    with running.log_in(name) as user:
        for method, pattern in sorted(set(routes(running.app)) - OPEN - {("POST", "/logout")}):
            before, answer = refusals(running), user.request(method, filled(pattern, running))
            for number, district in enumerate(("Nord", "Syd")):
                if district not in districts or role not in {Role.NURSE, Role.LEADER}:
                    assert not told(answer, number), (method, pattern)
            if pattern.startswith(OF_MACHINES):
                assert answer.status_code in {401, 404, 405}, (method, pattern)  # a session is no token
            elif may_open(name, pattern):
                assert answer.status_code < 500, (method, pattern)
            elif pattern == "/":
                assert answer.status_code == 303
            else:
                assert answer.status_code in {403, 404}, (method, pattern, answer.status_code)
                assert refusals(running) == before + 1, (method, pattern)


def test_a_right_that_ends_at_a_team_shows_nobody_of_another_team(running: Running) -> None:
    others = {key(0, place) for place in range(1, 61) if key(0, place) % 3 != 0}  # teams are 1 + key % 3
    with running.database.read() as session:
        references = {one.reference for one in people.of(session, others).values()}
    with running.log_in("hold") as nurse:
        for method, pattern in sorted(set(routes(running.app)) - {("POST", "/logout")}):
            text = nurse.request(method, filled(pattern, running)).text
            assert not [one for one in references if one in text], (method, pattern)
        page = nurse.get("/").text
        assert "Team 1" in page
        assert "Team 2" not in page
        for reference in sorted(references)[:5]:
            assert nurse.get(f"/borger/{reference}").status_code == 404


def test_a_token_reads_only_what_its_scopes_name(running: Running) -> None:
    needed = {
        "/api/v1/lists": Permission.READ_LISTS,
        "/api/v1/lists/latest": Permission.READ_LISTS,
        f"/api/v1/lists/{MONDAY}": Permission.READ_LISTS,
        f"/api/v1/citizens/{listed(running)}/scores": Permission.READ_SCORES,
    }
    for scope in SCOPES:
        with running.machine(Permission(scope)) as machine:
            for address, permission in needed.items():
                assert machine.get(address).status_code == (200 if permission == scope else 403), (scope, address)


def test_a_token_of_another_district_gets_no_citizen(running: Running) -> None:
    with running.machine(*map(Permission, SCOPES), districts=("Syd",)) as machine:
        listed_there = machine.get("/api/v1/lists/latest", params={"whole": True}).json()["entries"]
        assert {entry["district"] for entry in listed_there} == {"Syd"}
        assert machine.get(f"/api/v1/citizens/{listed(running)}/scores").status_code == 404
