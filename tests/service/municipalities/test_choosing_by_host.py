"""The host a request names chooses the municipality, and nothing else does; one that is away stops no other."""

import time
from collections.abc import Generator
from pathlib import Path

import pytest

from models.errors import SystemWrong
from service.api.hosts import host_asked_for, host_of_address
from service.app import create_front
from service.municipalities.apart import every
from service.storage.database import Database
from tests.service.attacks.test_wire import exchanged
from tests.service.municipalities.towns import Both, host_of, running_both, surroundings


@pytest.mark.parametrize(
    ("sent", "host"),
    [
        (["aarhus.example.dk"], "aarhus.example.dk"),
        (["AARHUS.Example.DK"], "aarhus.example.dk"),
        (["aarhus.example.dk:8443"], "aarhus.example.dk"),
        (["aarhus.example.dk.:443"], "aarhus.example.dk"),
        ([" aarhus.example.dk\t"], "aarhus.example.dk"),
        (["127.0.0.1:8000"], "127.0.0.1"),
        (["[::1]:8000"], "[::1]"),
        ([], None),
        ([""], None),
        (["."], None),
        (["aarhus.example.dk", "aarhus.example.dk"], None),
        (["aarhus.example.dk", "odense.example.dk"], None),
        (["aarhus.example.dk, odense.example.dk"], None),
        (["aarhus.example.dk.."], None),
        (["aarhus.example.dk:80:81"], None),
        (["aarhus.example.dk:odense"], None),
        (["nurse@aarhus.example.dk"], None),
        (["aarhus.example.dk/"], None),
        (["aarhus.example.dk\\@odense.example.dk"], None),
        (["aarhus.example.dk\0"], None),
        (["aarhus.example.dk%2e"], None),
        (["århus.example.dk"], None),
        (["aarhus.example.d\u212a"], None),  # the Kelvin sign, which is a k in small letters
    ],
)
def test_a_host_is_read_in_one_form_or_not_at_all(sent: list[str], host: str | None) -> None:
    assert host_asked_for([(b"Host", value.encode("utf-8")) for value in sent]) == host


def test_other_headers_name_no_host() -> None:
    others = (b"x-forwarded-host", b"forwarded", b"x-host", b":authority", b"x-original-host")
    assert host_asked_for([(name, b"aarhus.example.dk") for name in others]) is None


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://Aarhus.example.dk", "aarhus.example.dk"),
        ("https://aarhus.example.dk:8443/", "aarhus.example.dk"),
        ("https://århus.example.dk", "xn--rhus-poa.example.dk"),
        ("http://[::1]:8000", "[::1]"),
        ("aarhus.example.dk", None),
        ("ftp://aarhus.example.dk", None),
        ("https://", None),
        ("https://[aarhus", None),
        ("", None),
    ],
)
def test_the_host_of_a_public_address_is_what_a_browser_sends(address: str, host: str | None) -> None:
    assert host_of_address(address) == host


@pytest.fixture(scope="module")
def both(town_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[Both]:
    """Both, with empty stores; not to be changed."""
    around = surroundings(tmp_path_factory.mktemp("both"))
    _set_up(around)
    with running_both(around) as running:
        yield running


def _set_up(around: dict[str, str], *names: str) -> None:
    for one in every(around):
        if not names or one.name in names:
            with Database.open(one.settings.state.database_url) as database:
                database.require_migrated(create=True)


def test_a_host_nobody_has_gets_a_problem_that_names_nobody(both: Both) -> None:
    for host in ("example.dk", "aarhus.example.dk.evil.dk", "aarhus", "127.0.0.1", "", "x" * 300):
        with both.visitor(host) as visitor:
            for address in ("/", "/login", "/metrics", "/api/v1/lists", "/fhir/metadata", "/static/omhu.css"):
                answer = visitor.get(address)
                assert (answer.status_code, answer.headers["content-type"]) == (421, "application/problem+json")
                assert "aarhus" not in answer.text.replace(host, "")
                assert "odense" not in answer.text
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert visitor.post("/auth/token", data={"a": "b"}).status_code == 421


def test_the_load_balancer_is_answered_for_the_process_without_names(both: Both) -> None:
    with both.visitor("10.0.0.1:8000") as balancer:
        assert balancer.get("/healthz").json() == {"status": "ok"}
        answer = balancer.get("/readyz")
    assert answer.status_code == 503  # there is no champion
    assert answer.json() == {"status": "unready", "ready": 0, "municipalities": 2}
    with both.visitor("odense.example.dk") as visitor:
        assert visitor.get("/readyz").json() == {"status": "unready", "store": "ok", "model": "missing"}


@pytest.mark.parametrize(
    ("head", "begins"),
    [
        ("GET /healthz HTTP/1.0\r\n", "HTTP/1.1 200"),
        ("GET /login HTTP/1.0\r\n", "HTTP/1.1 421"),
        ("GET /login HTTP/1.1\r\n", "HTTP/1.1 421"),
        ("GET /login HTTP/1.0\r\nHost: odense.example.dk\r\n", "HTTP/1.1 200"),
        ("GET /login HTTP/1.1\r\nHost: odense.example.dk\r\nHost: aarhus.example.dk\r\n", "HTTP/1.1 421"),
        ("GET /login HTTP/1.1\r\nHost: x\r\nX-Forwarded-Host: aarhus.example.dk\r\n", "HTTP/1.1 421"),
        # The address in the request line names a host too; it is not believed, and a stranger is what one stays.
        ("GET http://aarhus.example.dk/login HTTP/1.1\r\nHost: x\r\n", "HTTP/1.1 421"),
    ],
)
def test_what_no_browser_sends_opens_no_door(both: Both, head: str, begins: str) -> None:
    assert exchanged(both.address, f"{head}Connection: close\r\n\r\n").startswith(begins)


def test_one_that_cannot_be_started_stops_no_other_and_comes_back(tmp_path: Path) -> None:
    around = surroundings(tmp_path)
    _set_up(around, "aarhus")
    with (
        running_both(around) as both,
        both.visitor(host_of("aarhus")) as here,
        both.visitor(host_of("odense")) as there,
    ):
        assert here.get("/login").status_code == 200
        closed = there.get("/login")
        assert (closed.status_code, "odense" in closed.text) == (503, False)
        with both.visitor("x") as balancer:
            assert balancer.get("/readyz").json()["ready"] == 0
        _set_up(around, "odense")
        for _ in range(100):
            if there.get("/login").status_code == 200:
                break
            time.sleep(0.05)
        assert there.get("/login").status_code == 200


def test_one_store_under_two_names_is_served_once(tmp_path: Path) -> None:
    around = surroundings(tmp_path)
    _set_up(around)
    first, second = (one.settings.state.folder / "omhu.db" for one in every(around))
    second.unlink()
    second.hardlink_to(first)  # two paths, which no comparing of addresses could tell to be one
    with running_both(around) as both:
        found = []
        for name in ("aarhus", "odense"):
            with both.visitor(host_of(name)) as visitor:
                found.append(visitor.get("/login").status_code)
    assert sorted(found) == [200, 503]


def test_each_must_have_a_host_of_its_own(tmp_path: Path) -> None:
    same = {"OMHU_PUBLIC_ADDRESS": "https://AARHUS.example.dk:8443"}
    with pytest.raises(SystemWrong, match="aarhus and odense have the same host"):
        create_front(every(surroundings(tmp_path, odense=same)))
    with pytest.raises(SystemWrong, match="odense has no host"):
        create_front(every(surroundings(tmp_path, odense={"OMHU_PUBLIC_ADDRESS": ""})))
