"""FHIR sent in over the API: the same as at the command line."""

import time
from pathlib import Path
from typing import Any

import httpx

from service.security.rights import Permission
from service.storage import identities
from tests.service.running import Running

EXAMPLES = Path(__file__).parents[3] / "data" / "hospital_notifications"


def finished(machine: httpx.Client, address: str) -> dict[str, Any]:
    """What became of a load, once it is over."""
    told: dict[str, Any] = {}
    for _ in range(400):
        told = machine.get(address).json()
        if told["finished_at"]:
            break
        time.sleep(0.05)
    return told


def test_notifications_sent_as_files_are_loaded(running_empty: Running) -> None:
    files = [("files", (file.name, file.read_bytes())) for file in sorted(EXAMPLES.glob("*.json"))]
    with running_empty.machine(Permission.WRITE_LOADS, Permission.READ_LOADS) as machine:
        answer = machine.post("/api/v1/loads", files=files)
        assert answer.status_code == 202
        told = finished(machine, answer.headers["location"])
    assert told["status"] == "loaded", told
    assert told["report"]["tables"]["hospital_notifications"]["new"] == len(files) == 21
    with running_empty.database.read() as session:
        assert identities.key_of(session, "2509479989")
