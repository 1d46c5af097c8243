"""The API's routes under `/api/v1`, and its description, which needs a token like all the rest."""

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import Response

from models.errors import NotFound
from service.api import (
    cds_hooks,
    fhir_metadata,
    fhir_receiving,
    fhir_serving,
    lists,
    loads,
    metrics,
    outcomes,
    quality,
    smart_token,
)
from service.api.operation_outcomes import FHIR_JSON
from service.api.requests import Anyone
from service.errors import PROBLEM_JSON, Problem

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": told, "content": {PROBLEM_JSON: {"schema": Problem.model_json_schema()}}}
    for status, told in (
        (400, "The request is wrong."),
        (401, "No token in force."),
        (403, "The token lacks the scope, or no legal basis to operate is in force."),
        (404, "Not there, or not in the token's districts."),
        (409, "Too late for it."),
        (413, "More than is taken."),
        (415, "A body of a kind that is not taken."),
        (422, "A rule is broken, or a key was used for another body."),
        (429, "Busy: Retry-After says when to send it again."),
        (503, "The store or the look-up log cannot be reached."),
    )
}

_OUTCOMES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": f"{told} An OperationOutcome.",
        "content": {FHIR_JSON: {"schema": {"type": "object", "example": {"resourceType": "OperationOutcome"}}}},
    }
    for status, told in (
        (400, "The request is wrong."),
        (401, "No token in force."),
        (403, "The token lacks the scope, or no legal basis to operate is in force."),
        (404, "Not there, or not in the token's districts."),
        (413, "More than is taken."),
        (422, "A rule is broken."),
        (503, "The store or the look-up log cannot be reached."),
    )
}
_OF_CARDS: dict[int | str, dict[str, Any]] = {
    **{status: _PROBLEMS[status] for status in (400, 401, 403, 404, 413, 422, 503)},
    412: {**_PROBLEMS[400], "description": "context.patientId is missing."},
}
_OF_METRICS: dict[int | str, dict[str, Any]] = {status: _PROBLEMS[status] for status in (401, 403, 503)}


def api_router() -> APIRouter:
    """Every route of the API."""
    router = APIRouter(prefix="/api/v1", responses=_PROBLEMS)
    router.include_router(lists.router, tags=["lists"])
    router.include_router(outcomes.router, tags=["outcomes"])
    router.include_router(loads.router, tags=["loads"])
    router.include_router(quality.router, tags=["quality"])
    router.include_router(fhir_receiving.router, tags=["loads"])
    router.add_api_route("/openapi.json", description, include_in_schema=False)
    router.add_api_route("/{rest:path}", nothing_here, include_in_schema=False)
    return router


def standard_router() -> APIRouter:
    """The addresses that a standard names, outside the API's own."""
    router = APIRouter()
    router.include_router(smart_token.router, tags=["smart"])
    router.include_router(fhir_metadata.router, tags=["fhir"])
    router.include_router(fhir_serving.router, tags=["fhir"], responses=_OUTCOMES)
    router.include_router(fhir_metadata.every_other)
    router.include_router(cds_hooks.router, tags=["cds-hooks"], responses=_OF_CARDS)
    router.include_router(metrics.router, tags=["metrics"], responses=_OF_METRICS)
    return router


def description(_: Anyone, request: Request) -> dict[str, Any]:
    """The API's OpenAPI description."""
    return described(request.app)


def described(app: FastAPI) -> dict[str, Any]:
    """What `description` tells of an application; `make docs` keeps a copy that a test compares with."""
    return get_openapi(
        title="Omhu",
        version="1",
        description="Weekly lists of home-care citizens by their risk of an acute admission within 30 days.",
        routes=app.routes,
    )


def nothing_here(_: Anyone) -> Response:
    """Whatever else is asked for below `/api/v1`; without this the pages would answer, with a page."""
    raise NotFound("There is no such address.", "GET /api/v1/openapi.json describes those there are.")
