"""Webhooks that lead where nothing may be sent: told by the real command, with an attacker's answers from the resolver.

Every way out but the loopback is refused in the process and written down, so that what it dialled is seen.
"""

import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from service.outbound import outgoing
from service.outbound.outgoing import send
from service.storage import webhooks
from service.storage.database import Database
from tests.children import ROOT, omhu
from tests.own_thread import in_own_thread
from tests.service.attacks import outbound
from tests.service.conftest import settings_of
from tests.service.invented_lists import LONG_AGO, Town, fill
from tests.stress.town import this_monday

SECRET = "et hemmeligt ord, trukket ved lod"
PUBLIC = "93.184.216.34"
RESOLVER = f"""
import socket
_asked, _real = [], socket.getaddrinfo
def _resolve(host, port, *rest, **more):
    name = host.decode() if isinstance(host, bytes) else str(host)
    _asked.append(name)
    if name == "rebind.example":
        found = ["{PUBLIC}"] if _asked.count(name) == 1 else ["127.0.0.1"]
    elif name == "both.example":
        found = ["{PUBLIC}", "127.0.0.1"]
    elif name == "inside.example":
        found = ["10.0.0.7"]
    else:
        try:
            found = [socket.inet_ntoa(socket.inet_aton(name))]  # in every way of writing it, as the system's own does
        except OSError:
            return _real(host, port, *rest, **more)
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]
socket.getaddrinfo = _resolve
import runpy
runpy.run_path({str(Path(outbound.__file__))!r})
"""
CLOSED = (
    "http://both.example:{port}/", "http://inside.example:{port}/", "http://localhost:{port}/",
    "http://127.0.0.1:{port}/", "http://127.1:{port}/", "http://2130706433:{port}/", "http://0x7f000001:{port}/",
    "http://0177.0.0.1:{port}/", "http://0x7f.0.0.1:{port}/", "http://0:{port}/", "http://0.0.0.0:{port}/",
    "http://[::1]:{port}/", "http://[::]:{port}/", "http://[::ffff:127.0.0.1]:{port}/", "http://[::ffff:7f00:1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/", "http://user@127.0.0.1:{port}/", "http://example.dk@127.0.0.1:{port}/",
    "http://user:pw@localhost:{port}/", "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/",
    "http://[fe80::1%25eth0]/", "http://127.0.0.1:{port}#@example.dk/", "http://127.0.0.1。:{port}/",
)  # fmt: skip
REFUSED = {
    "The address is not on the open network.",
    "A password in an address ends in logs.",
    "The address cannot be read.",
    "The name cannot be resolved.",
}


@dataclass
class Trap:
    """What listens on loopback: its port, and how often somebody came."""

    port: int
    came: list[bytes] = field(default_factory=list[bytes])


@contextmanager
def trap(answer: Callable[[socket.socket], None]) -> Generator[Trap]:
    """A trap that answers in its own way whoever comes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        there, ended = Trap(listener.getsockname()[1]), threading.Event()

        def serve() -> None:
            while not ended.is_set():
                with suppress(TimeoutError):
                    line, _ = listener.accept()
                    line.settimeout(5)
                    with line, suppress(OSError):
                        there.came.append(line.recv(65_536))
                        answer(line)

        serving = threading.Thread(target=serve)
        serving.start()
        try:
            yield there
        finally:
            ended.set()
            serving.join()


@pytest.fixture
def home(migrated_file: Path, tmp_path: Path) -> Path:
    """An installation with a list to tell of."""
    (tmp_path / "omhu.db").write_bytes(migrated_file.read_bytes())
    with Database.open(f"sqlite:///{tmp_path / 'omhu.db'}") as database:
        fill(database, Town(weeks=1, citizens=5), this_monday())
    return tmp_path


def test_no_form_of_an_address_and_no_answer_of_a_resolver_leads_a_webhook_inside(home: Path) -> None:
    with trap(lambda line: line.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")) as inside:
        urls = [url.format(port=inside.port) for url in ("http://rebind.example:{port}/", *CLOSED)]
        with Database.open(f"sqlite:///{home / 'omhu.db'}") as database, database.write() as session:
            for url in urls:
                webhooks.add(session, url, SECRET, LONG_AGO)
        tried = home / "tried"
        more = {"OMHU_WEBHOOK_PLAIN_HTTP": "true", "OMHU_TEST_OUTBOUND": str(tried), "PYTHONPATH": str(ROOT)}
        done = omhu(home, "webhook", "deliver", before=RESOLVER, **more)
    assert f"0 delivered, {len(urls)} failed and waiting" in done.stdout, done.stderr[-1000:]
    with Database.open(f"sqlite:///{home / 'omhu.db'}") as database, database.read() as session:
        told = {one.webhook.url: one.told for one in webhooks.deliveries(session, 100)}
    assert told.pop(urls[0]) == "No answer (ConnectError)."
    assert set(told.values()) <= REFUSED, told
    assert inside.came == []
    # The name that was looked at is the one that was dialled: it was asked for once and meant the open network then.
    attempts = tried.read_text(encoding="utf-8").splitlines()
    assert {line for line in attempts if line.startswith("socket.connect")} == {f"socket.connect {PUBLIC}"}


def test_a_redirect_to_the_inside_is_an_answer_and_nothing_more(tmp_path: Path) -> None:
    with trap(lambda line: line.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")) as inside:
        there = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:{inside.port}/\r\n\r\n".encode()
        with trap(lambda line: line.sendall(there)) as outside:
            told = sent(tmp_path, outside.port)
    assert (told.taken, told.told) == (False, "HTTP 307")
    assert len(outside.came) == 1
    assert inside.came == []


def test_an_answer_without_an_end_is_not_read(tmp_path: Path) -> None:
    def endless(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900000000000\r\n\r\n")
        for _ in range(10_000):
            line.sendall(b"x" * 65_536)

    begun = time.monotonic()
    with trap(endless) as there:
        assert sent(tmp_path, there.port).told == "HTTP 200"
    assert time.monotonic() - begun < 5


def test_a_head_without_an_end_is_not_read(tmp_path: Path) -> None:
    def endless(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(100_000):
            line.sendall(b"X-Long-%d: %b\r\n" % (number, b"x" * 1000))

    with trap(endless) as there:
        assert sent(tmp_path, there.port).told.startswith("No answer (")


def test_a_head_that_comes_letter_by_letter_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(line: socket.socket) -> None:
        for letter in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000:
            line.sendall(bytes([letter]))
            time.sleep(0.02)

    monkeypatch.setattr(outgoing, "LONGEST", 0.5)
    begun = time.monotonic()
    with trap(slow) as there:
        assert sent(tmp_path, there.port).told == "No answer in time."
    assert time.monotonic() - begun < 5


def sent(folder: Path, port: int) -> outgoing.Sent:
    """One attempt at a receiver on loopback, which the settings allow."""
    own = settings_of(folder).model_copy(update={"webhook_plain_http": True, "webhook_private_addresses": True})
    return in_own_thread(lambda: send(f"http://127.0.0.1:{port}/omhu", {}, b"{}", own))
