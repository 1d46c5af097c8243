"""Drops sent in over the API: received at once, loaded afterwards, what became of them, and what was set aside."""

import json
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response
from starlette.requests import Request

from models.errors import NotFound
from service.api.load_contracts import RejectSent, RejectsSent, UploadSent
from service.api.operation_outcomes import OutcomeRoute, of_set_aside, of_upload, outcome, outcome_answer, wants_fhir
from service.api.receiving import receive_drop
from service.api.requests import Call, LoadReader, LoadWriter
from service.api.taking_in import KEY_HEADER, take_in
from service.refusals import TooLate
from service.storage import loads, uploads
from service.storage.loads import SetAside
from service.storage.uploads import Upload

router: Final = APIRouter(route_class=OutcomeRoute)
_ACCEPTED: Final = 202
_POLL_SECONDS: Final = "2"
_SHOWN: Final = 100
"""Rows set aside that an OperationOutcome of a load names; all of them are under `rejects`."""
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
            "application/fhir+ndjson": {"schema": {"type": "string", "format": "binary"}},
        },
    },
    "parameters": [KEY_HEADER],
}


@router.post("/loads", status_code=_ACCEPTED, summary="Send in a drop", openapi_extra=_BODY)
async def send_drop(call: LoadWriter, request: Request, response: Response) -> UploadSent:
    """Take a drop as several files, one zip or lines of FHIR. Content-Location tells where to ask what became of it."""
    return await take_in(call, request, response, receive_drop)


@router.get("/loads/{number}", summary="What became of a drop", response_model=UploadSent)
def find_load(call: LoadReader, number: str, request: Request, response: Response) -> UploadSent | Response:
    """What was sent in with this same token: 202 with X-Progress until it is over, then its report.

    To a client that accepts `application/fhir+json` the report is an OperationOutcome.
    """
    upload = _find(call, number)
    if not upload.is_over:
        response.status_code = _ACCEPTED
        response.headers["X-Progress"] = _progress(call, upload)
        response.headers["Retry-After"] = _POLL_SECONDS
    elif wants_fhir(request):
        return outcome_answer(of_upload(upload, _rejects(call, upload, 0, _SHOWN)))
    return UploadSent.of(upload, json.loads(upload.report) if upload.report else None)


@router.delete("/loads/{number}", status_code=_ACCEPTED, summary="Cancel a load")
def cancel_load(call: LoadWriter, number: str) -> UploadSent:
    """Cancel what waits, or end what is being loaded before its next file; files loaded by then stay loaded."""
    upload = _find(call, number)
    if upload.is_over and upload.status != "cancelled":
        raise TooLate("The load is over.", "Send rows with status entered-in-error to take back what was loaded.")
    call.log("load.cancel", search=number)
    call.wiring.uploads.cancel(number)
    return UploadSent.of(_find(call, number), None)


@router.get("/loads/{number}/rejects", summary="The rows a load set aside", response_model=RejectsSent)
def find_rejects(
    call: LoadWriter,
    number: str,
    request: Request,
    response: Response,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> RejectsSent | Response:
    """Rows that were not taken, with file, line and reason, a page at a time; only for who may load, and sent them."""
    upload = _find(call, number)
    call.log("load.rejects", search=number)  # they hold citizens' data
    rows, total = _rejects(call, upload, offset, limit), _count(call, upload)
    after = f"/api/v1/loads/{number}/rejects?offset={offset + limit}&limit={limit}" if offset + limit < total else None
    link = {"Link": f'<{after}>; rel="next"'} if after else {}
    if wants_fhir(request):
        return outcome_answer(outcome(of_set_aside(row) for row in rows), headers=link)
    response.headers.update(link)
    return RejectsSent(load=number, total=total, rejects=tuple(RejectSent.of(row) for row in rows), next=after)


def _find(call: Call, number: str) -> Upload:
    with call.wiring.database.read() as session:
        upload = uploads.find_upload(session, number, call.visitor.key)
    if upload is None:
        raise NotFound("There is no such load of yours.")
    return upload


def _progress(call: Call, upload: Upload) -> str:
    if upload.status == "received":
        with call.wiring.database.read() as session:
            before = uploads.count_unfinished(session, upload.received_at)
        return f"waiting, {before} before it"
    return "being cancelled" if upload.status == "cancelling" else call.wiring.uploads.progress(upload.number)


def _rejects(call: Call, upload: Upload, offset: int, limit: int) -> list[SetAside]:
    if upload.load_id is None:
        return []
    with call.wiring.database.read() as session:
        return list(loads.rejects(session, upload.load_id, offset, limit, of=upload.number))


def _count(call: Call, upload: Upload) -> int:
    if upload.load_id is None:
        return 0
    with call.wiring.database.read() as session:
        return loads.count_rejects(session, upload.load_id, of=upload.number)
