"""Drops sent in over the API: received at once, loaded afterwards, and what became of them."""

import json
from pathlib import Path
from typing import Final
from uuid import uuid4

from fastapi import APIRouter, Response
from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request

from models.errors import NotFound
from service.api.contracts import UploadSent
from service.api.receiving import check_received, receive
from service.api.requests import Call, LoadReader, LoadWriter
from service.archive import discard
from service.storage import uploads

router: Final = APIRouter()
_ACCEPTED: Final = 202
_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"files": {"type": "array", "items": {"type": "string", "format": "binary"}}},
                }
            },
            "application/zip": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


@router.post("/loads", status_code=_ACCEPTED, summary="Send in a drop", openapi_extra=_BODY)
async def send_drop(call: LoadWriter, request: Request, response: Response) -> UploadSent:
    """Take a drop as several files or one zip. The answer's Location tells where to ask what became of it."""
    number = uuid4().hex
    folder = call.wiring.uploads.folder / number
    folder.mkdir(parents=True, mode=0o700)
    try:
        await receive(request.headers.get("content-type", ""), request.stream(), folder)
        upload = await run_in_threadpool(_hand_over, call, number, folder)
    except BaseException:
        discard(folder)  # also when the sender hung up: half a drop is personal data nobody asked for
        raise
    address = f"/api/v1/loads/{number}"
    response.headers["Location"] = response.headers["Content-Location"] = address
    return UploadSent.of(upload, None)


@router.get("/loads/{number}", summary="What became of a drop")
def find_load(call: LoadReader, number: str) -> UploadSent:
    """A drop sent in with this same token, and its report once it is loaded."""
    upload = _find(call, number)
    return UploadSent.of(upload, json.loads(upload.report) if upload.report else None)


def _hand_over(call: Call, number: str, folder: Path) -> uploads.Upload:
    check_received(folder)
    call.log("load.receive", search=number)
    call.wiring.uploads.receive(number, call.visitor.key)
    return _find(call, number)


def _find(call: Call, number: str) -> uploads.Upload:
    with call.wiring.database.read() as session:
        upload = uploads.find_upload(session, number, call.visitor.key)
    if upload is None:
        raise NotFound("There is no such load of yours.")
    return upload
