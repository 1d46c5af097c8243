"""What every address below `/fhir` and `/cds-services` shares: bodies of a bounded length, and FHIR's way to answer."""

import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from models.errors import OmhuError
from service.api.operation_outcomes import FHIR_JSON, of_problem, outcome_answer
from service.api.requests import Call
from service.errors import headers_of, problem_of
from service.refusals import TooLarge

_TYPE: Final = f"{FHIR_JSON}; charset=utf-8"


class FhirRoute(APIRoute):
    """A route whose errors are told as an OperationOutcome, whatever the client accepts."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, with every foreseen error caught before the general handlers see it."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except (OmhuError, HTTPException, RequestValidationError) as error:
                problem = problem_of(error)
                return outcome_answer(of_problem(problem), problem.status, headers_of(error))

        return handled


def fhir_answer(resource: Mapping[str, Any], *, headers: Mapping[str, str] | None = None) -> Response:
    """A resource as an answer."""
    body = json.dumps(resource, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(body.encode(), headers=dict(headers or {}), media_type=_TYPE)


def public_address(call: Call, request: Request) -> str:
    """Where the service answers, without a slash at the end: the setting, or where the request was sent to."""
    return (call.wiring.settings.public_address or str(request.base_url)).rstrip("/")


async def limited_body(request: Request, most: int) -> bytes:
    """The body, of at most so many bytes. Raises `TooLarge` as soon as there are more."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise TooLarge(f"The body is longer than {most} bytes.")
    return bytes(body)
