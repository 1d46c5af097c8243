"""Small bodies to send in over the API, and waiting for what becomes of them."""

import io
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx

_PATIENCE_SECONDS: Final = 10
CITIZENS = (
    "citizen_id,birth_date,sex,name,district,team,care_start\n"
    "A1,1940-05-01,female,Prøve Sentinel,Nord,Team 1,2026-01-01\n"
)
VISITS = (
    "visit_id,citizen_id,started_at,recorded_at,planned_minutes,delivered_minutes,kind,status\n"
    "v1,A1,2026-11-20T08:00:00,2026-11-20T09:00:00,20,25,personal_care,completed\n"
)


def packed(files: Mapping[str, str]) -> bytes:
    """A zip of text files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def is_gone(home: Path) -> bool:
    """Whether all that was received is gone from the disk, which it is right after it is told to be over."""
    begun = time.perf_counter()
    while list((home / "loads").iterdir()):
        if time.perf_counter() - begun > _PATIENCE_SECONDS:
            return False
        time.sleep(0.02)
    return True


def finished(machine: httpx.Client, answer: httpx.Response) -> dict[str, Any]:
    """What became of a body, once it is over; polled as a client should."""
    for _ in range(400):
        told = machine.get(answer.headers["content-location"])
        if told.status_code == 200:
            return told.json()
        assert told.status_code == 202
        assert told.headers["x-progress"]
        assert told.headers["retry-after"]
        time.sleep(0.05)
    raise AssertionError("it does not end")
