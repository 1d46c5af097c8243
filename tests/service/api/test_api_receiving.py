"""Sending in over the API as machines do: twice, too much, at once, and changing their mind."""

import json
import threading
from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from sqlalchemy import func, select

from service import app
from service.api.receiving import MOST_RESOURCE_BYTES
from service.app import create_app
from service.intake.fhir import parsing
from service.intake.orders import Group, Loaded, Order
from service.intake.received import Received
from service.intake.uploads import UploadWorker
from service.security.rights import Permission
from service.storage import audit, load_locks, loads, uploads
from service.storage.access_tables import UPLOADS
from service.storage.database import Database
from service.storage.tables import FACTS, LOADS
from service.storage.times import stored
from service.storage.uploads import Upload
from tests.service.conftest import settings_of
from tests.service.running import Clock, Running, serving
from tests.service.sent_in import CITIZENS, VISITS, finished, is_gone, packed

WRITE, READ = Permission.WRITE_LOADS, Permission.READ_LOADS
FHIR = "application/fhir+json"
EXAMPLES = Path(__file__).parents[2] / "data" / "hospital_notifications"
MESSAGE = min(EXAMPLES.glob("*.json")).read_bytes()
BAD_VISIT = "v{},A1,1899-12-30T08:00:00,2026-11-20T09:00:00,20,25,personal_care,completed\n"


class Gate:
    """Lets the worker load for real, but only once a test says so, and go from file to file only as a test lets it."""

    def __init__(self) -> None:
        self.begun, self.open, self.file_done, self.go_on = (threading.Event() for _ in range(4))
        self.go_on.set()
        self.asked = 0

    def loader(self, mapping_file: Path) -> "GatedLoader":
        """What loads behind this gate."""
        return GatedLoader(self, Received(mapping_file))

    def pass_through(self) -> None:
        """Wait until a test opens it."""
        self.begun.set()
        assert self.open.wait(30)

    def stopped(self, order: Order) -> bool:
        """Asked before each file; from the second on it waits until the test lets it go on."""
        self.asked += 1
        if self.asked > 1:
            self.file_done.set()
            assert self.go_on.wait(30)
        return order.stopped()


@dataclass(frozen=True)
class GatedLoader:
    """Loads for real, behind a gate."""

    gate: Gate
    real: Received

    def alone(self, database: Database, order: Order) -> Loaded:
        """Wait, then load."""
        self.gate.pass_through()
        return self.real.alone(database, replace(order, stopped=partial(self.gate.stopped, order)))

    def together(self, database: Database, group: Group) -> int | None:
        """Wait, then load."""
        self.gate.pass_through()
        return self.real.together(database, group)


@pytest.fixture
def gate() -> Gate:
    """The gate before the worker of `gated`."""
    return Gate()


@pytest.fixture
def gated(migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gate: Gate) -> Generator[Running]:
    """The application, whose worker waits at the gate."""
    copy(migrated_file, tmp_path / "omhu.db")
    monkeypatch.setattr(app, "Received", gate.loader)
    settings, clock = settings_of(tmp_path), Clock()
    made = create_app(settings, clock=clock)
    with serving(made) as address, Database.open(settings.state.database_url) as database:
        try:
            yield Running(address, made, database, clock, tmp_path)
        finally:
            gate.open.set()
            gate.go_on.set()


def stored_uploads(running: Running) -> int:
    """How many uploads the store knows."""
    with running.database.read() as session:
        return session.execute(select(func.count()).select_from(UPLOADS)).scalar_one()


def rows_of(running: Running, table: str) -> int:
    """How many versions a table of facts has."""
    with running.database.read() as session:
        return session.execute(select(func.count()).select_from(FACTS[table])).scalar_one()


def worker_in(folder: Path, database: Database, clock: Clock) -> UploadWorker:
    """The worker of an installation in a folder, its thread not started."""
    return UploadWorker(database, folder / "loads", clock, Received(folder / "mapping.toml"))


def test_a_message_is_taken_and_loaded_however_it_is_called(running_empty: Running) -> None:
    lines = json.dumps(json.loads(MESSAGE)).encode() + b"\n"
    with running_empty.machine(WRITE, READ) as machine:
        for kind, body, became in (
            (FHIR, MESSAGE, "new"),
            ("application/json; charset=utf-8", MESSAGE, "unchanged"),
            ("application/fhir+ndjson", lines, "unchanged"),
        ):
            answer = machine.post("/api/v1/fhir", content=body, headers={"Content-Type": kind})
            assert answer.status_code == 202
            assert answer.headers["content-location"] == f"/api/v1/loads/{answer.json()['id']}"
            told = finished(machine, answer)
            assert told["status"] == "loaded", told
            assert told["report"]["tables"]["hospital_notifications"][became] == 1


def test_a_single_resource_is_taken_as_xml(running_empty: Running) -> None:
    patient = (
        '<Patient xmlns="http://hl7.org/fhir"><id value="p1"/><identifier><system value="urn:oid:1.2.208.176.1.2"/>'
        '<value value="2512489996"/></identifier><gender value="female"/></Patient>'
    )
    with running_empty.machine(WRITE, READ) as machine:
        headers = {"Content-Type": "application/fhir+xml"}
        told = finished(machine, machine.post("/api/v1/fhir", content=patient.encode(), headers=headers))
    assert told["report"]["tables"]["citizens"]["new"] == 1, told


def test_the_same_key_and_body_get_the_same_answer_and_are_loaded_once(running_empty: Running) -> None:
    headers = {"Content-Type": FHIR, "Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
    with running_empty.machine(WRITE, READ) as machine, running_empty.machine(WRITE, READ) as other:
        first = machine.post("/api/v1/fhir", content=MESSAGE, headers=headers)
        finished(machine, first)
        again = machine.post("/api/v1/fhir", content=MESSAGE, headers=headers)
        assert (again.status_code, again.json()) == (first.status_code, first.json())
        assert again.headers["content-location"] == first.headers["content-location"]
        assert stored_uploads(running_empty) == 1
        assert other.post("/api/v1/fhir", content=MESSAGE, headers=headers).json()["id"] != first.json()["id"]
    with running_empty.database.read() as session:
        assert len(loads.latest(session)) <= 2


def test_a_multipart_body_is_known_again_whatever_its_boundary(running_empty: Running) -> None:
    with running_empty.machine(WRITE, READ) as machine:
        answers = [
            machine.post(
                "/api/v1/loads", files={"f": ("citizens.csv", CITIZENS)}, headers={"Idempotency-Key": "night 1"}
            )
            for _ in range(2)
        ]
    assert answers[0].json() == answers[1].json()
    assert answers[0].request.headers["content-type"] != answers[1].request.headers["content-type"]


def test_a_key_used_for_another_body_is_refused(running_empty: Running) -> None:
    headers = {"Content-Type": FHIR, "Idempotency-Key": "k"}
    with running_empty.machine(WRITE, READ) as machine:
        machine.post("/api/v1/fhir", content=MESSAGE, headers=headers)
        other = machine.post("/api/v1/fhir", content=MESSAGE + b" ", headers=headers)
        assert other.status_code == 422
        assert other.headers["content-type"] == "application/problem+json"
        empty = machine.post("/api/v1/fhir", content=MESSAGE, headers=headers | {"Idempotency-Key": ""})
        assert empty.status_code == 400
    assert stored_uploads(running_empty) == 1


def test_the_same_sent_many_times_at_once_is_taken_once(running_on_postgresql: Running) -> None:
    headers = {"Content-Type": FHIR, "Idempotency-Key": "at once"}
    with running_on_postgresql.machine(WRITE, READ) as machine:
        token = {"Authorization": machine.headers["Authorization"]}

        def send(told: list[Any]) -> None:
            with running_on_postgresql.visitor() as client:
                told.append(client.post("/api/v1/fhir", content=MESSAGE, headers=headers | token).json())

        told: list[Any] = []
        threads = [threading.Thread(target=send, args=[told]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(told) == 8
    assert all(one == told[0] for one in told), told
    assert stored_uploads(running_on_postgresql) == 1


def test_when_as_much_waits_as_may_the_next_is_asked_to_come_again(
    gated: Running, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.intake.uploads.MOST_WAITING", 2)
    headers = {"Content-Type": FHIR}
    with gated.machine(WRITE, READ) as machine:
        first = machine.post("/api/v1/fhir", content=MESSAGE, headers=headers)
        second = machine.post("/api/v1/fhir", content=MESSAGE, headers=headers)
        busy = machine.post("/api/v1/fhir", content=MESSAGE, headers=headers)
        assert (second.status_code, busy.status_code) == (202, 429)
        assert int(busy.headers["retry-after"]) > 0
        gate.open.set()
        finished(machine, first)
        finished(machine, second)
        assert machine.post("/api/v1/fhir", content=MESSAGE, headers=headers).status_code == 202


def test_what_waits_is_told_so_and_can_be_cancelled(gated: Running, gate: Gate) -> None:
    headers = {"Content-Type": FHIR}
    with gated.machine(WRITE, READ) as machine, gated.machine(WRITE, READ) as other:
        sent = machine.post("/api/v1/fhir", content=MESSAGE, headers=headers)
        first = sent.headers["location"]
        assert gate.begun.wait(30)
        gated.clock.turn(timedelta(seconds=1))
        second = machine.post("/api/v1/fhir", content=MESSAGE, headers=headers).headers["location"]
        asked = machine.get(second)
        assert (asked.status_code, asked.headers["x-progress"]) == (202, "waiting, 1 before it")
        assert other.delete(second).status_code == 404
        assert machine.delete(second).json()["status"] == "cancelled"
        assert machine.delete(second).status_code == 202
        assert len(list((gated.home / "loads").iterdir())) == 1
        gate.open.set()
        assert finished(machine, sent)["status"] == "loaded"
        assert machine.get(second).json()["status"] == "cancelled"
        assert machine.delete(first).status_code == 409


def test_a_load_under_way_ends_before_its_next_file(gated: Running, gate: Gate) -> None:
    gate.go_on.clear()
    gate.open.set()
    with gated.machine(WRITE, READ) as machine:
        files = [("f", ("citizens.csv", CITIZENS)), ("f", ("visits.csv", VISITS))]
        answer = machine.post("/api/v1/loads", files=files)
        assert gate.file_done.wait(30)
        assert machine.delete(answer.headers["location"]).json()["status"] == "cancelling"
        assert machine.get(answer.headers["location"]).headers["x-progress"] == "being cancelled"
        gate.go_on.set()
        told = finished(machine, answer)
    assert told["status"] == "cancelled"
    assert set(told["report"]["tables"]) == {"citizens"}
    assert (rows_of(gated, "citizens"), rows_of(gated, "visits")) == (1, 0)
    assert is_gone(gated.home)


def test_a_service_that_is_stopped_goes_on_where_it_was(
    migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gate: Gate
) -> None:
    copy(migrated_file, tmp_path / "omhu.db")
    gate.go_on.clear()
    gate.open.set()
    settings, clock = settings_of(tmp_path), Clock()
    with Database.open(settings.state.database_url) as database:
        with monkeypatch.context() as patched:
            patched.setattr(app, "Received", gate.loader)
            with serving(made := create_app(settings, clock=clock)) as address:
                running = Running(address, made, database, clock, tmp_path)
                with running.machine(WRITE, READ) as machine:
                    files = [("f", ("citizens.csv", CITIZENS)), ("f", ("visits.csv", VISITS))]
                    answer = machine.post("/api/v1/loads", files=files)
                    assert gate.file_done.wait(30)
                threading.Timer(0.3, gate.go_on.set).start()  # by then the service is stopping
        with serving(made := create_app(settings, clock=clock)) as address:
            machine.base_url = address
            with Running(address, made, database, clock, tmp_path).visitor() as client:
                client.headers["Authorization"] = machine.headers["Authorization"]
                assert finished(client, answer)["status"] == "loaded"
        with database.read() as session:
            assert [one.status for one in loads.latest(session)] == ["loaded", "stopped"]
            assert session.execute(select(func.count()).select_from(FACTS["visits"])).scalar_one() == 1


def test_an_upload_whose_process_was_killed_is_loaded_by_the_next(database: Database, tmp_path: Path) -> None:
    clock = Clock()
    folder = tmp_path / "loads" / "n1"
    folder.mkdir(parents=True)
    (folder / "citizens.csv").write_text(CITIZENS, encoding="utf-8")
    with database.write() as session:
        uploads.add_upload(session, Upload("n1", "token:1", clock(), "received"))
        dead = loads.begin(session, "n1", "live", stored(clock()))
        uploads.start_upload(session, "n1", dead)
    worker_in(tmp_path, database, clock).work_off()
    with database.read() as session:
        upload = uploads.find_upload(session, "n1", "token:1")
        assert upload is not None
        assert upload.status == "loaded"
        assert [one.status for one in loads.latest(session)] == ["loaded", "interrupted"]


def test_an_upload_another_process_is_loading_is_left_to_it(database: Database, tmp_path: Path) -> None:
    clock = Clock()
    with database.write() as session:
        uploads.add_upload(session, Upload("n1", "token:1", clock(), "received"))
        alive = loads.begin(session, "n1", "live", stored(clock()))
        uploads.start_upload(session, "n1", alive)
    with load_locks.held(database, alive):
        worker_in(tmp_path, database, clock).work_off()
    with database.read() as session:
        assert session.execute(select(LOADS.c.status)).scalars().all() == ["running"]


def test_what_was_set_aside_is_told_page_by_page_to_who_may_load(running_empty: Running) -> None:
    body = CITIZENS, VISITS + "".join(BAD_VISIT.format(n) for n in range(5))
    files = [("f", ("citizens.csv", body[0])), ("f", ("visits.csv", body[1]))]
    with running_empty.machine(WRITE, READ) as machine, running_empty.machine(WRITE, READ) as other:
        told = finished(machine, machine.post("/api/v1/loads", files=files))
        page = machine.get(told["rejects"], params={"limit": 2}).json()
        assert (page["total"], len(page["rejects"])) == (5, 2)
        one = page["rejects"][0]
        assert (one["file"], one["line"], one["column"]) == ("visits.csv", 3, "started_at")
        assert one["type"] == "urn:omhu:problem:set-aside:time_out_of_range"
        assert json.loads(one["row"])["started_at"] == "1899-12-30T08:00:00"
        lines: list[int] = []
        address: str | None = told["rejects"] + "?limit=2"
        while address:
            page = machine.get(address).json()
            lines += [row["line"] for row in page["rejects"]]
            address = page["next"]
        assert lines == [3, 4, 5, 6, 7]
        assert other.get(told["rejects"]).status_code == 404
    with running_empty.machine(READ) as reader:
        assert reader.get(told["rejects"]).status_code == 403
    with running_empty.database.read() as session:
        assert "load.rejects" in {one.look.action for one in audit.records(session)}


def test_a_client_of_fhir_is_answered_in_fhir(running_empty: Running) -> None:
    observation = {
        "resourceType": "Observation",
        "id": "8a2f5b3e-0000-4000-8000-000000000001",
        "status": "final",
        "subject": {"identifier": {"system": "urn:oid:1.2.208.176.1.2", "value": "2512489996"}},
        "effectiveDateTime": "1899-11-20T08:00:00+01:00",
        "issued": "2026-11-20T08:00:00+01:00",
        "code": {"coding": [{"system": "urn:oid:1.2.208.176.2.1", "code": "NPU08676"}]},
        "valueQuantity": {"value": 38.2, "unit": "Cel"},
    }
    headers = {"Accept": FHIR}
    with running_empty.machine(WRITE, READ) as machine:
        body = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": observation}]})
        answer = machine.post("/api/v1/fhir", content=body, headers=headers | {"Content-Type": FHIR})
        finished(machine, answer)
        outcome = machine.get(answer.headers["location"], headers=headers)
        assert outcome.headers["content-type"] == FHIR
        (issue,) = outcome.json()["issue"]
        assert (outcome.json()["resourceType"], issue["severity"]) == ("OperationOutcome", "error")
        assert "time_out_of_range" in issue["details"]["text"]
        assert "2512489996" not in outcome.text
        rejects = machine.get(answer.headers["location"] + "/rejects", headers=headers).json()
        assert rejects["issue"] == [issue]
        wrong = machine.post("/api/v1/fhir", content="x", headers=headers | {"Content-Type": "text/plain"})
        assert (wrong.status_code, wrong.json()["issue"][0]["code"]) == (415, "not-supported")
        assert machine.get("/api/v1/loads/none", headers=headers).json()["resourceType"] == "OperationOutcome"


def test_a_body_that_cannot_be_taken_is_refused_at_once(
    running_empty: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.api.receiving.MOST_RESOURCE_BYTES", 1000)
    wrong = [
        (FHIR, b"", 400),
        ("text/csv", b"a,b", 415),
        ("application/zip", packed({"a.json": "{}"}), 415),
        (FHIR, b"x" * 2000, 413),
    ]
    with running_empty.machine(WRITE, READ) as machine:
        for kind, body, status in wrong:
            answer = machine.post("/api/v1/fhir", content=body, headers={"Content-Type": kind})
            streamed = machine.post("/api/v1/fhir", content=iter([body]), headers={"Content-Type": kind})
            assert (answer.status_code, streamed.status_code) == (status, status), kind
        zipped = {"Content-Type": FHIR, "Content-Encoding": "gzip"}
        assert machine.post("/api/v1/fhir", content=b"{}", headers=zipped).status_code == 415
    assert is_gone(running_empty.home)


def test_a_body_that_cannot_be_read_is_told_when_it_is_loaded(running_empty: Running) -> None:
    with running_empty.machine(WRITE, READ) as machine:
        answer = machine.post("/api/v1/fhir", content=MESSAGE[:100], headers={"Content-Type": FHIR})
        told = finished(machine, answer)
        outcome = machine.get(answer.headers["location"], headers={"Accept": FHIR}).json()
    assert told["status"] == "refused"
    assert "cut off or damaged" in outcome["issue"][0]["details"]["text"]


def test_the_size_of_a_resource_is_what_the_reader_takes() -> None:
    assert MOST_RESOURCE_BYTES == parsing.MOST_BYTES
