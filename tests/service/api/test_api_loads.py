"""Drops sent in over the API."""

import pytest

from service.security.rights import Permission
from service.storage import identities
from tests.service.running import Running
from tests.service.sent_in import CITIZENS, VISITS, finished, is_gone, packed

WRITE, READ = Permission.WRITE_LOADS, Permission.READ_LOADS


def test_a_drop_of_several_files_is_taken_and_loaded(running: Running) -> None:
    files = [("files", ("citizens.csv", CITIZENS)), ("files", ("visits.csv", VISITS))]
    with running.machine(WRITE, READ) as machine:
        answer = machine.post("/api/v1/loads", files=files)
        assert answer.status_code == 202
        assert answer.headers["content-location"] == answer.headers["location"]
        told = finished(machine, answer)
    assert told["status"] == "loaded", told
    assert told["report"]["tables"]["visits"]["new"] == 1
    with running.database.read() as session:
        assert identities.key_of(session, "A1")
    assert is_gone(running.home)


def test_a_zip_is_taken_as_a_part_or_as_the_body(running: Running) -> None:
    body = packed({"drop/citizens.csv": CITIZENS, "drop/visits.csv": VISITS})
    with running.machine(WRITE, READ) as machine:
        whole = machine.post("/api/v1/loads", content=body, headers={"Content-Type": "application/zip"})
        assert finished(machine, whole)["report"]["tables"]["citizens"]["new"] == 1
        part = machine.post("/api/v1/loads", files={"drop": ("november.zip", body)})
        assert finished(machine, part)["report"]["tables"]["citizens"]["unchanged"] == 1


def test_a_file_that_cannot_be_taken_is_in_the_report_and_the_others_load(running: Running) -> None:
    files = [("files", ("citizens.csv", CITIZENS)), ("files", ("visits.csv", "visit_id\nv1\n"))]
    with running.machine(WRITE, READ) as machine:
        told = finished(machine, machine.post("/api/v1/loads", files=files))
    assert told["status"] == "partly"
    assert told["report"]["refused"][0]["file"] == "visits.csv"


@pytest.mark.parametrize(
    "names",
    [["../visits.csv"], ["/etc/visits.csv"], ["a/b/visits.csv"], ["run.sh"], ["a/visits.csv", "b/visits.csv"], []],
)
def test_a_zip_that_would_write_elsewhere_is_refused_at_once(running: Running, names: list[str]) -> None:
    with running.machine(WRITE, READ) as machine:
        answer = machine.post(
            "/api/v1/loads",
            content=packed(dict.fromkeys(names, VISITS)),
            headers={"Content-Type": "application/zip"},
        )
    assert answer.status_code == 400
    assert is_gone(running.home)


def test_a_zip_that_unpacks_without_end_is_refused(running: Running) -> None:
    bomb = packed({"visits.csv": "0" * 300_000_000})
    with running.machine(WRITE, READ) as machine:
        answer = machine.post("/api/v1/loads", content=bomb, headers={"Content-Type": "application/zip"})
        told = finished(machine, answer)
    assert told["status"] == "refused"
    assert "unpacks to more" in told["problem"]
    assert is_gone(running.home)


@pytest.mark.parametrize(
    "files",
    [
        [("files", ("../visits.csv", VISITS))],
        [("files", ("visits.csv", VISITS)), ("files", ("visits.csv", VISITS))],
        [("files", ("visits.exe", VISITS))],
        [("files", ("a.zip", "no zip")), ("files", ("visits.csv", VISITS))],
        [("files", ("a.zip", "no zip"))],
    ],
)
def test_names_that_are_no_tables_are_refused(running: Running, files: list[tuple[str, tuple[str, str]]]) -> None:
    with running.machine(WRITE, READ) as machine:
        answer = machine.post("/api/v1/loads", files=files)
    assert answer.status_code == 400
    assert is_gone(running.home)


@pytest.mark.parametrize(
    ("kind", "status"),
    [("text/csv", 415), ("multipart/form-data", 415), ("multipart/form-data; boundary=x", 400), ("", 415)],
)
def test_a_body_that_is_no_drop_is_refused(running: Running, kind: str, status: int) -> None:
    with running.machine(WRITE, READ) as machine:
        answer = machine.post("/api/v1/loads", content=b"visit_id\n", headers={"Content-Type": kind})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_too_large_a_drop_is_turned_away(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.api.receiving.MOST_BYTES", 1000)
    with running.machine(WRITE, READ) as machine:
        answer = machine.post("/api/v1/loads", files={"f": ("visits.csv", VISITS * 20)})
    assert answer.status_code == 413
    assert is_gone(running.home)


def test_only_its_sender_may_ask_what_became_of_a_drop(running: Running) -> None:
    with running.machine(WRITE, READ) as one, running.machine(WRITE, READ) as other:
        answer = one.post("/api/v1/loads", files={"f": ("citizens.csv", CITIZENS)})
        assert other.get(answer.headers["location"]).status_code == 404
        finished(one, answer)
