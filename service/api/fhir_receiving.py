"""FHIR sent in over the API: a bundle or a single resource, in JSON or XML, loaded as a file of it would be."""

from typing import Final

from fastapi import APIRouter, Response
from starlette.requests import Request

from service.api.load_contracts import UploadSent
from service.api.operation_outcomes import OutcomeRoute
from service.api.receiving import receive_fhir
from service.api.requests import LoadWriter
from service.api.taking_in import KEY_HEADER, take_in

router: Final = APIRouter(route_class=OutcomeRoute)
_ACCEPTED: Final = 202
_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/fhir+json": {"schema": {"type": "object", "example": {"resourceType": "Bundle"}}},
            "application/fhir+xml": {"schema": {"type": "string"}},
            "application/fhir+ndjson": {"schema": {"type": "string"}},
        },
    },
    "parameters": [KEY_HEADER],
}


@router.post("/fhir", status_code=_ACCEPTED, summary="Send in FHIR", openapi_extra=_BODY)
async def send_fhir(call: LoadWriter, request: Request, response: Response) -> UploadSent:
    """Take a bundle or a resource. Content-Location tells where to ask what became of it."""
    return await take_in(call, request, response, receive_fhir)
