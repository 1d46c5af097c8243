"""What no browser sends: requests with two ends, heads and bodies without one, and bodies that stand still."""

import socket
import time
from collections.abc import Generator
from urllib.parse import urlsplit

import pytest

from service.app import create_app
from service.security.bodies import PromptBodies
from service.security.heads import BoundedHeads
from service.security.rights import Permission
from tests.service.conftest import settings_of
from tests.service.running import Clock, Running, proof_in, serving

HEAD = "POST /login HTTP/1.1\r\nHost: omhu\r\nContent-Type: application/x-www-form-urlencoded\r\n"
HIDDEN = "GET /healthz HTTP/1.1\r\nHost: omhu\r\nX-Hidden: yes\r\n\r\n"
TWO_ENDS = {
    "a length and chunks": f"{HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{HIDDEN}",
    "chunks and a length": f"{HEAD}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n{HIDDEN}",
    "two lengths": f"{HEAD}Content-Length: 0\r\nContent-Length: {len(HIDDEN)}\r\n\r\n{HIDDEN}",
    "a length of two numbers": f"{HEAD}Content-Length: 0, {len(HIDDEN)}\r\n\r\n{HIDDEN}",
    "a length with a sign": f"{HEAD}Content-Length: +0\r\n\r\n{HIDDEN}",
    "a negative length": f"{HEAD}Content-Length: -1\r\n\r\n{HIDDEN}",
    "a space before the colon": f"{HEAD}Content-Length : 0\r\n\r\n{HIDDEN}",
    "a folded header": f"{HEAD}X-A: b\r\n Content-Length: 0\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n{HIDDEN}",
    "chunks called otherwise": f"{HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{HIDDEN}",
    "chunks with a length that is none": f"{HEAD}Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n{HIDDEN}",
    "a bare line feed in the head": f"{HEAD}X-A: b\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{HIDDEN}",
    "a NUL in the head": f"{HEAD}X-A: b\0c\r\nContent-Length: 0\r\n\r\n{HIDDEN}",
}


def exchanged(address: str, sent: str, *, seconds: float = 3.0) -> str:
    """All that comes back on one connection until it is closed, or nothing has come for so long."""
    told = urlsplit(address)
    back = b""
    with socket.create_connection((told.hostname or "", told.port or 0), timeout=seconds) as line:
        line.sendall(sent.encode("latin-1"))
        try:
            while piece := line.recv(65_536):
                back += piece
        except (TimeoutError, ConnectionResetError):
            pass
    return back.decode("latin-1")


@pytest.mark.parametrize("trick", TWO_ENDS)
def test_a_request_with_two_ends_hides_no_second_one(running: Running, trick: str) -> None:
    back = exchanged(running.address, TWO_ENDS[trick], seconds=1.0)
    assert '{"status":"ok"}' not in back, trick
    assert "HTTP/1.1 5" not in back


def test_a_head_without_an_end_is_not_read_for_ever(running: Running) -> None:
    back = exchanged(running.address, f"GET /healthz HTTP/1.1\r\nHost: omhu\r\nX-Long: {'x' * 200_000}\r\n\r\n")
    assert back.startswith("HTTP/1.1 400")


def test_a_head_that_stands_still_is_ended(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedHeads, "patience_seconds", 0.3)
    for sent in ("", "GET /healthz HTTP/1.1\r\nHost: omhu\r\n", "GET /healthz HTTP/1.1\r\nHost: omhu\r\n\r\nGET /he"):
        begun = time.perf_counter()
        back = exchanged(running.address, sent, seconds=10)
        assert back.count("HTTP/1.1 200") == sent.count("\r\n\r\n")
        assert 0.2 < time.perf_counter() - begun < 4.5  # before a connection that is kept alive is ended anyhow


def test_a_field_without_an_end_is_refused_before_it_is_read_whole(running: Running) -> None:
    with running.visitor() as nobody:
        proof = proof_in(nobody.get("/login").text)
        assert nobody.post("/login", data={"bevis": proof, "navn": "x" * 70_000}).status_code == 400
        assert nobody.post("/login", data={f"felt{at}": "x" for at in range(30)}).status_code == 400
    sent = f"{HEAD}Content-Length: 900000000000\r\n\r\nnavn={'x' * 100_000}"
    assert exchanged(running.address, sent).startswith("HTTP/1.1 400")


def test_a_resource_announced_as_too_large_is_refused_unread(running: Running) -> None:
    with running.machine(Permission.WRITE_LOADS) as machine:
        bearer = machine.headers["Authorization"]
    head = f"POST /api/v1/fhir HTTP/1.1\r\nHost: omhu\r\nAuthorization: {bearer}\r\nContent-Type: application/fhir+json"
    back = exchanged(running.address, f"{head}\r\nContent-Length: 99999999999\r\n\r\n{{")
    assert back.startswith("HTTP/1.1 413")
    assert not list((running.home / "loads").iterdir())


@pytest.fixture
def hurried(running: Running) -> Generator[str]:
    """The service with little patience; gives its address."""
    app = PromptBodies(create_app(settings_of(running.home), clock=Clock()), patience_seconds=0.3)
    with serving(app) as address:  # pyright: ignore[reportArgumentType]  # an ASGI application like any other
        yield address


def test_a_body_that_stands_still_is_ended_and_leaves_nothing(running: Running, hurried: str) -> None:
    assert PromptBodies in {one.cls for one in running.app.user_middleware}
    with running.machine(Permission.WRITE_LOADS) as machine:
        bearer = machine.headers["Authorization"]
    drop = f"POST /api/v1/loads HTTP/1.1\r\nHost: omhu\r\nAuthorization: {bearer}\r\nContent-Type: application/zip\r\n"
    for head in (HEAD, drop):
        back = exchanged(hurried, f"{head}Content-Length: 100\r\n\r\nnavn=", seconds=5)
        assert back.startswith("HTTP/1.1 408"), back[:200]
        assert "connection: close" in back.lower()
    assert not list((running.home / "loads").iterdir())
