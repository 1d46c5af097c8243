"""Webhooks: told of a finished list once, signed, with nobody in it; and never sent where they must not reach."""

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.errors import NotFound, RequestWrong
from service.cli import build
from service.legal import LegalBasis, Purpose
from service.operation.jobs import JOBS, Occasion
from service.outbound.outgoing import AddressRefused, require_allowed, send
from service.outbound.webhooks import WAITS, Round, deliver_due
from service.settings import Settings
from service.storage import legal, webhooks
from service.storage.database import Database
from service.storage.webhooks import State
from tests.service.conftest import settings_of
from tests.service.invented_lists import MONDAY, NOW, Town, fill, name_of

SECRET = "et hemmeligt ord, trukket ved lod"
MADE = datetime.fromisoformat(f"{MONDAY}T03:10:00+00:00")


@dataclass
class Receiver:
    """A receiver on loopback: what came, and what it answers."""

    url: str
    status: int = 204
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list[tuple[dict[str, str], bytes]])


@pytest.fixture
def receiver() -> Generator[Receiver]:
    """A receiver that runs."""
    there = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            there.came.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(there.status)
            self.send_header("Location", f"{there.url}/elsewhere")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the library's name
            _ = format, arguments

    server = HTTPServer(("127.0.0.1", 0), Handler)
    there.url = f"http://127.0.0.1:{server.server_port}/omhu"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield there
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def town(migrated_file: Path, sqlite_url: str) -> Generator[Database]:
    """A store with two weekly lists."""
    _ = migrated_file
    with Database.open(sqlite_url) as database:
        fill(database, Town(weeks=2, citizens=30))
        yield database


def own_network(folder: Path) -> Settings:
    """Settings that allow a receiver on this machine."""
    return settings_of(folder).model_copy(update={"webhook_plain_http": True, "webhook_private_addresses": True})


def told_of(database: Database, receiver: Receiver, since: datetime = MADE) -> None:
    with database.write() as session:
        webhooks.add(session, receiver.url, SECRET, since)


def states(database: Database) -> list[tuple[State, int, str]]:
    with database.read() as session:
        return [(one.state, one.attempts, one.told) for one in webhooks.deliveries(session, 50)]


def test_a_finished_list_is_told_once_signed_and_names_nobody(
    town: Database, receiver: Receiver, tmp_path: Path
) -> None:
    told_of(town, receiver)
    assert deliver_due(town, own_network(tmp_path), NOW) == Round(delivered=1)
    assert deliver_due(town, own_network(tmp_path), NOW + timedelta(days=1)) == Round()
    ((headers, body),) = receiver.came
    signed = headers["Omhu-Timestamp"].encode() + b"." + body
    assert headers["Omhu-Signature"] == "v1=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert int(headers["Omhu-Timestamp"]) == int(NOW.timestamp())
    told = json.loads(body)
    assert (told["event"], told["as_of"], told["delivery"]) == ("list.finished", str(MONDAY), headers["Omhu-Delivery"])
    assert [one["district"] for one in told["districts"]] == ["Nord", "Syd"]
    assert set(told["districts"][0]) == {"district", "ranked", "shown", "new"}
    assert not [name for name in map(name_of, range(1001, 1031)) if name in body.decode()]
    assert states(town) == [(State.DELIVERED, 1, "HTTP 204")]


def test_lists_from_before_silent_ones_and_removed_webhooks_are_not_told(
    migrated_file: Path, receiver: Receiver, sqlite_url: str, tmp_path: Path
) -> None:
    _ = migrated_file
    with Database.open(sqlite_url) as database:
        fill(database, Town(weeks=1, citizens=5, silent=True))
        with database.write() as session:
            basis = LegalBasis(Purpose.OPERATE, "b", "d", date(2020, 1, 1), None, "test", NOW)
            legal.add(session, basis)
            first = webhooks.add(session, receiver.url, SECRET, MADE - timedelta(days=1))
        assert deliver_due(database, own_network(tmp_path), NOW) == Round()
        with database.write() as session:
            webhooks.end(session, first, NOW)
            with pytest.raises(NotFound):
                webhooks.end(session, first, NOW)
            assert webhooks.every(session) == ()
            assert SECRET not in repr(session.exec_driver_sql("SELECT * FROM webhooks").all())
    assert receiver.came == []


def test_without_a_legal_basis_nothing_leaves_and_it_waits(town: Database, receiver: Receiver, tmp_path: Path) -> None:
    told_of(town, receiver)
    with town.write() as session:
        ended = LegalBasis(Purpose.OPERATE, "b", "d", date(2020, 1, 1), MONDAY - timedelta(days=1), "test", NOW)
        legal.add(session, ended)
    assert deliver_due(town, own_network(tmp_path), NOW) == Round()
    with town.write() as session:
        again = LegalBasis(Purpose.OPERATE, "b", "d", date(2020, 1, 1), None, "test", NOW + timedelta(hours=1))
        legal.add(session, again)
    assert deliver_due(town, own_network(tmp_path), NOW + timedelta(hours=2)) == Round(delivered=1)


def test_what_fails_is_tried_after_growing_waits_and_then_given_up(
    town: Database, receiver: Receiver, tmp_path: Path
) -> None:
    told_of(town, receiver)
    receiver.status, now = 500, NOW
    for wait in WAITS:
        assert deliver_due(town, own_network(tmp_path), now) == Round(failed=1)
        assert deliver_due(town, own_network(tmp_path), now + wait - timedelta(seconds=1)) == Round()
        now += wait
    assert deliver_due(town, own_network(tmp_path), now) == Round(dead=1)
    assert deliver_due(town, own_network(tmp_path), now + timedelta(days=9)) == Round()
    assert states(town) == [(State.DEAD, len(WAITS) + 1, "HTTP 500")]
    assert len(receiver.came) == len(WAITS) + 1
    assert len({headers["Omhu-Delivery"] for headers, _ in receiver.came}) == 1


def test_a_redirect_is_not_followed_and_a_silent_receiver_is_told_so(
    town: Database, receiver: Receiver, tmp_path: Path
) -> None:
    told_of(town, receiver)
    receiver.status = 307
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        told_of(town, Receiver(f"http://127.0.0.1:{nobody.getsockname()[1]}/"))
        assert deliver_due(town, own_network(tmp_path), NOW) == Round(failed=2)
    assert {told for _, _, told in states(town)} == {"HTTP 307", "No answer (ConnectError)."}
    assert len(receiver.came) == 1


def test_two_workers_at_once_tell_a_list_once(town: Database, receiver: Receiver, tmp_path: Path) -> None:
    told_of(town, receiver)
    with town.write() as session:
        webhooks.queue(session, NOW)
    with town.read() as session:
        (one,) = webhooks.due(session, NOW)
    with town.write() as session:
        assert webhooks.claim(session, one, NOW + timedelta(minutes=5))
        assert not webhooks.claim(session, one, NOW + timedelta(minutes=5))
    assert deliver_due(town, own_network(tmp_path), NOW) == Round()
    assert deliver_due(town, own_network(tmp_path), NOW + timedelta(minutes=5)) == Round(delivered=1)


CLOSED = (
    "https://127.0.0.1/", "https://[::1]/", "https://10.0.0.7/", "https://192.168.1.1/", "https://169.254.169.254/",
    "https://[fe80::1]/", "https://[fc00::1]/", "https://0.0.0.0/", "https://[::ffff:127.0.0.1]/", "https://224.0.0.1/",
    "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://100.64.0.1/", "https://[ff02::1]/",
    "http://example.dk/", "ftp://example.dk/", "file:///etc/passwd", "https:///path", "https://me:pw@example.dk/",
    "//example.dk",
)  # fmt: skip


def test_nothing_is_sent_to_a_closed_address(tmp_path: Path) -> None:
    for url in CLOSED:
        with pytest.raises(AddressRefused):
            require_allowed(url, settings_of(tmp_path))
        assert not send(url, {}, b"", settings_of(tmp_path)).taken
    assert require_allowed("https://93.184.216.34/x", settings_of(tmp_path)).host == "93.184.216.34"


def test_a_name_that_means_this_machine_is_closed_too(receiver: Receiver, tmp_path: Path) -> None:
    told = send(receiver.url.replace("127.0.0.1", "localhost"), {}, b"", settings_of(tmp_path))
    assert told.told == "Webhooks are told over https only."
    plain = settings_of(tmp_path).model_copy(update={"webhook_plain_http": True})
    told = send(receiver.url.replace("127.0.0.1", "localhost"), {}, b"", plain)
    assert (told.taken, told.told) == (False, "The address is not on the open network.")
    assert receiver.came == []


def test_the_worker_tells_every_five_minutes(town: Database, receiver: Receiver, tmp_path: Path) -> None:
    told_of(town, receiver)
    job = next(job for job in JOBS if job.name == "webhooks")
    assert job.crontab == "*/5 * * * *"
    done = job.do(Occasion(own_network(tmp_path), town, NOW, NOW))
    assert done == "1 delivered, 0 to be tried again, 0 given up"


def test_webhooks_at_the_command_line(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, receiver: Receiver
) -> None:
    monkeypatch.setenv("OMHU_DATABASE_URL", sqlite_url)
    (tmp_path / "secret").write_text(SECRET + "\n", encoding="utf-8")
    (tmp_path / "short").write_text("kort", encoding="utf-8")

    def omhu(*words: str) -> str:
        return CliRunner().invoke(build(), ["webhook", *words], catch_exceptions=False).stdout

    with pytest.raises(RequestWrong, match="https only"):
        omhu("add", receiver.url, "--secret-file", str(tmp_path / "secret"))
    with pytest.raises(RequestWrong, match="too short"):
        omhu("add", "https://example.dk/x", "--secret-file", str(tmp_path / "short"))
    assert "Webhook 1" in omhu("add", "https://example.dk/x", "--secret-file", str(tmp_path / "secret"))
    assert "https://example.dk/x" in omhu("list")
    assert SECRET not in omhu("list") + omhu("deliveries")
    assert "removed" in omhu("remove", "1")
    assert "no webhook" in omhu("list")
    assert "0 delivered" in omhu("deliver")
