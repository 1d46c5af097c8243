"""One body taken in: received into a folder of its own, told from what was sent before, and left to be loaded.

The same for every route that something can be sent to; what a body may be is the route's own.
"""

import os
import re
from collections.abc import Awaitable, Callable
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Final
from uuid import uuid4

from fastapi import Response
from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request

from models.errors import RequestWrong, SystemWrong
from service.api.load_contracts import UploadSent
from service.api.requests import Call
from service.intake.archive import discard
from service.refusals import KeyReused
from service.storage import uploads
from service.storage.uploads import SentKey, Upload

Receiver = Callable[[Request, Path], Awaitable[None]]
"""Writes the body of a request into a folder."""

KEY_HEADER: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body again get the same answer, and are not loaded again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}
"""How the API's description tells of it."""

_KEY: Final = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,199}")


async def take_in(call: Call, request: Request, response: Response, receive: Receiver) -> UploadSent:
    """Receive a body and answer where to ask what became of it.

    With `Idempotency-Key` the same body is taken once: sent again it gets the first answer again, and another body
    under the key is refused (draft-ietf-httpapi-idempotency-key-header). Raises `Busy`, `KeyReused`, `RequestWrong`.
    """
    key = _key_of(request)
    number = uuid4().hex
    folder = call.wiring.uploads.folder / number
    await run_in_threadpool(call.wiring.uploads.take_place)
    try:
        folder.mkdir(parents=True, mode=0o700)
        await receive(request, folder)
        upload = await run_in_threadpool(_hand_over, call, number, folder, key)
    except OSError as error:
        discard(folder)
        raise SystemWrong("What was sent cannot be written to the disk.", "Is it full?") from error
    except BaseException:
        discard(folder)  # also when the sender hung up: half a drop is personal data nobody asked for
        raise
    finally:
        call.wiring.uploads.give_place()
    if upload.number != number:
        discard(folder)
    address = f"/api/v1/loads/{upload.number}"
    response.headers["Location"] = response.headers["Content-Location"] = address
    return UploadSent.of(Upload(upload.number, upload.sender, upload.received_at, "received"), None)


def _key_of(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise RequestWrong("The Idempotency-Key is empty or too long.", "Use 1 to 200 characters of ASCII.")
    return key


def _hand_over(call: Call, number: str, folder: Path, key: str | None) -> Upload:
    """The upload the body became, or the one it became before."""
    sent = SentKey(key, _fingerprint(folder)) if key else None
    before = _sent_before(call, sent)
    if before:
        return before
    _make_durable(folder)
    call.log("load.receive", search=number)
    upload = call.wiring.uploads.receive(number, call.visitor.key, sent)
    upload = upload or _sent_before(call, sent)  # the same was sent at the same time, and came first
    if upload is None:
        raise SystemWrong("What was received cannot be found.")
    return upload


def _make_durable(folder: Path) -> None:
    """Have the disk hold what was received before anybody is told that it was: nobody will send it again."""
    for path in (*folder.iterdir(), folder, folder.parent):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _sent_before(call: Call, sent: SentKey | None) -> Upload | None:
    if sent is None:
        return None
    with call.wiring.database.read() as session:
        before = uploads.find_by_key(session, sent.key, call.visitor.key)
    if before and before.fingerprint != sent.fingerprint:
        raise KeyReused("This Idempotency-Key was used for another body.", "Send a new body under a new key.")
    return before


def _fingerprint(folder: Path) -> str:
    """SHA-256 of the names and contents received: the boundary of a multipart body differs each time it is sent."""
    whole = sha256()
    for file in sorted(folder.iterdir()):
        with file.open("rb") as stream:
            whole.update(f"{file.name}\0{file_digest(stream, 'sha256').hexdigest()}\n".encode())
    return whole.hexdigest()
