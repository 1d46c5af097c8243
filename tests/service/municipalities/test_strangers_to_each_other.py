"""Every route, walked with what opens the neighbour's: who belongs to one municipality is a stranger in the other."""

import json
import re
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import structlog

from service.logs import set_up
from service.security import passwords
from service.security.rights import SCOPES, Permission, Role
from service.security.secrets import new_secret, new_token
from service.storage import users
from service.storage.capacities import capacities
from tests.service.invented_lists import NOW
from tests.service.municipalities.towns import SENTINELS, Both, running_both, settled
from tests.service.running import Running, proof_in
from tests.service.test_closed_routes import OF_MACHINES, filled, routes

THEIRS = SENTINELS["aarhus"]
SEEN = ("location", "www-authenticate", "content-type", "content-disposition")


@pytest.fixture
def both(town_file: Path, tmp_path: Path) -> Generator[Both]:
    """Two municipalities whose users have the same names."""
    with running_both(settled(tmp_path, town_file)) as running:
        yield running


@contextmanager
def logged() -> Generator[None]:
    """With the log as the service writes it."""
    set_up()
    try:
        yield
    finally:
        structlog.reset_defaults()


def lines(text: str) -> list[dict[str, object]]:
    """What was logged, line for line."""
    return [json.loads(line) for line in text.splitlines()]


def let_pass(capfd: pytest.CaptureFixture[str], method: str) -> None:
    """Leave out all that was logged up to a request of this method; its line is written after it was answered."""
    for _ in range(200):
        if method in {line.get("method") for line in lines(capfd.readouterr().err)}:
            return
        time.sleep(0.01)
    raise AssertionError("the request was not logged")


def addresses(running: Running, other: Running) -> Iterator[tuple[str, str]]:
    """Every route of a municipality, and where it names somebody, once with its own and once with the neighbour's."""
    for method, pattern in sorted(set(routes(running.app)) - {("POST", "/logout")}):
        yield method, (filled(pattern, running) if "{" in pattern else pattern)
        if "{" in pattern:
            yield method, filled(pattern, other)


def outcome(client: httpx.Client, method: str, address: str) -> tuple[object, ...]:
    """All of an answer that could tell one asker from another; what is drawn by lot for each is blotted out."""
    client.cookies.clear()
    answer = client.request(method, address, data={"bevis": "0" * 64} if method == "POST" else None)
    text = re.sub(r'value="[0-9a-f]{64}"', "", answer.text)
    return answer.status_code, text, [answer.headers.get(name) for name in SEEN], sorted(answer.cookies)


def walk(visited: Running, other: Running, known: dict[str, str], unknown: dict[str, str]) -> int:
    """Ask for every route as somebody known to the other municipality and as somebody known to nobody; how many."""
    asked = 0
    with visited.visitor(**known) as theirs, visited.visitor(**unknown) as stranger:
        for method, address in addresses(visited, other):
            found = outcome(theirs, method, address)
            assert found == outcome(stranger, method, address), (method, address)
            assert THEIRS not in str(found[1])
            asked += 1
    return asked


def test_neither_session_nor_token_opens_anything_in_the_other(both: Both, capfd: pytest.CaptureFixture[str]) -> None:
    machine = both.aarhus.machine(*map(Permission, SCOPES), districts=("Nord", "Syd"))
    with logged(), machine, both.aarhus.log_in("leder") as user:
        mine = {"Cookie": f"omhu={user.cookies['omhu']}", "Authorization": str(machine.headers["Authorization"])}
        nobodys = {"Cookie": f"omhu={new_secret()}", "Authorization": f"Bearer {new_token()}"}
        let_pass(capfd, "POST")
        assert walk(both.odense, both.aarhus, mine, nobodys) > 60
        written = capfd.readouterr().err
        with both.aarhus.visitor(**mine) as visitor:  # the same secrets, the same moment, the other host
            for address in ("/", "/api/v1/lists/latest"):
                assert THEIRS in visitor.get(address).text
    assert THEIRS not in written
    assert {line.get("municipality") for line in lines(written)} == {"odense"}


def test_whoever_belongs_there_is_told_of_nobody_elsewhere(both: Both, capfd: pytest.CaptureFixture[str]) -> None:
    with logged(), both.odense.log_in("leder") as leader, both.aarhus.log_in("leder") as other:
        for method, address in addresses(both.odense, both.aarhus):
            assert THEIRS not in leader.request(method, address).text, (method, address)
        with both.odense.machine(*map(Permission, SCOPES), districts=("Nord", "Syd")) as machine:
            for method, address in addresses(both.odense, both.aarhus):
                if address.startswith(OF_MACHINES):
                    assert THEIRS not in machine.request(method, address).text, (method, address)
            assert SENTINELS["odense"] in machine.get("/api/v1/lists/latest").text
        assert SENTINELS["odense"] in leader.get("/").text
        assert THEIRS in other.get("/").text
    written = lines(capfd.readouterr().err)
    assert {line.get("municipality") for line in written} == {"aarhus", "odense"}
    assert not [line for line in written if any(word in str(line) for word in SENTINELS.values())]


def test_ending_a_session_in_one_leaves_the_other(both: Both) -> None:
    with both.aarhus.database.read() as session:
        nurse = users.user_called(session, "nord")
    assert nurse is not None
    with both.aarhus.log_in("nord") as here, both.odense.log_in("nord") as there:
        with both.aarhus.log_in("administrator") as ending:  # the nurses of both have the same number
            form = {"bevis": proof_in(ending.get("/administration").text)}
            assert ending.post(f"/administration/brugere/{nurse.number}/afslut", data=form).status_code == 303
        assert (here.get("/").status_code, there.get("/").status_code) == (303, 200)
    with both.aarhus.log_in("leder") as here, both.odense.log_in("leder") as there:
        assert here.post("/logout", data={"bevis": proof_in(here.get("/konto").text)}).status_code == 303
        assert (here.get("/").status_code, there.get("/").status_code) == (303, 200)


def test_guesses_at_one_hold_up_nobody_at_the_other(both: Both) -> None:
    password = passwords.hashed("rigtig hest batteri")
    for one in (both.aarhus, both.odense):
        with one.database.write() as session:
            users.add_user(session, "anna", Role.NURSE, ("Nord",), password, NOW)
    for word in (*["forkert hest batteri"] * 5, "rigtig hest batteri"):
        assert login(both.aarhus, "anna", word) == 401
    assert login(both.odense, "anna", "rigtig hest batteri") == 303


def login(running: Running, name: str, password: str) -> int:
    """The answer to a name and a password."""
    with running.visitor() as browser:
        proof = proof_in(browser.get("/login").text)
        return browser.post("/login", data={"bevis": proof, "navn": name, "adgangskode": password}).status_code


def test_figures_and_what_an_administrator_sets_are_of_one_only(both: Both) -> None:
    with both.aarhus.machine(Permission.READ_METRICS) as mine, both.odense.machine(Permission.READ_METRICS) as theirs:
        with both.aarhus.log_in("leder") as leader:
            leader.get("/opfolgning")
        assert 'route="/opfolgning"' in mine.get("/metrics").text
        assert 'route="/opfolgning"' not in theirs.get("/metrics").text
    with both.aarhus.log_in("administrator") as one:
        form = {"bevis": proof_in(one.get("/administration/kapacitet").text), "distrikt": "Nord", "antal": "3"}
        assert one.post("/administration/kapacitet", data=form).status_code == 303
    found = []
    for running in (both.aarhus, both.odense):
        with running.database.read() as session:
            found.append(dict(capacities(session)).get("Nord"))
    assert found == [3, None]


def test_what_a_thread_of_one_logs_is_of_that_one(
    town_file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    around = settled(tmp_path, town_file)
    with logged():
        with running_both(around) as both, both.aarhus.database.write() as session:
            session.exec_driver_sql("DROP TABLE uploads")
        with running_both(around):
            pass
    stopped = [line for line in lines(capfd.readouterr().err) if line["event"] == "uploads stopped"]
    assert {line["municipality"] for line in stopped} == {"aarhus"}
