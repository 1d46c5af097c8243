"""Errors as answers: one table from the project's error tree to HTTP, and RFC 9457 problem documents for the API.

A problem says what was wrong and what to do, in the words of the error; what is wrong inside is told in general
words only. No input is repeated, since it may be personal.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from models.errors import (
    DataWrong,
    GateRefused,
    NotAllowed,
    NotFound,
    OmhuError,
    RequestWrong,
    StaleFeed,
    SystemWrong,
)
from service.legal import NoLegalBasis
from service.refusals import Busy, Incomplete, KeyReused, Misdirected, TooLarge, TooLate, TooSlow, Unsupported

PROBLEM_JSON: Final = "application/problem+json"

STATUS: Final[Mapping[type[OmhuError], HTTPStatus]] = {
    NotFound: HTTPStatus.NOT_FOUND,
    NotAllowed: HTTPStatus.FORBIDDEN,
    RequestWrong: HTTPStatus.BAD_REQUEST,
    DataWrong: HTTPStatus.UNPROCESSABLE_ENTITY,
    StaleFeed: HTTPStatus.CONFLICT,
    GateRefused: HTTPStatus.CONFLICT,
    SystemWrong: HTTPStatus.SERVICE_UNAVAILABLE,
    OmhuError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""The nearest class in an error's ancestry decides."""


class Unauthenticated(NotAllowed):
    """Nobody is logged in, or the token is not one in force."""


class Forged(NotAllowed):
    """A form that was not made for this session, or came from another site."""


def not_served() -> SystemWrong:
    """What everything is answered where a municipality could not be started yet."""
    return SystemWrong("This municipality cannot be served now.", "Ask again later.")


_OWN: Final[Mapping[type[OmhuError], HTTPStatus]] = {
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forged: HTTPStatus.FORBIDDEN,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Unsupported: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    KeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooLate: HTTPStatus.CONFLICT,
    Busy: HTTPStatus.TOO_MANY_REQUESTS,
    TooSlow: HTTPStatus.REQUEST_TIMEOUT,
    Incomplete: HTTPStatus.PRECONDITION_FAILED,
    Misdirected: HTTPStatus.MISDIRECTED_REQUEST,
}


_AWAY: Final = HTTPStatus.SERVICE_UNAVAILABLE
_GENERAL: Final[Mapping[HTTPStatus, str]] = {
    _AWAY: "Something the service needs is missing or away just now. Try again in a moment."
}
"""Instead of HTTP's own words, which would speak of a high load."""
_AGAIN_SECONDS: Final = 5


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    type: str = Field(examples=["urn:omhu:problem:not-found"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no list of that date."])
    remedy: str = Field(default="", examples=["GET /api/v1/lists names those there are."])
    errors: list[str] = Field(default_factory=list)


def status_of(error: Exception) -> HTTPStatus:
    """The HTTP status of any error; what is not ours is the server's fault."""
    if isinstance(error, HTTPException):
        return HTTPStatus(error.status_code)
    if isinstance(error, RequestValidationError):
        return HTTPStatus.UNPROCESSABLE_ENTITY
    table: Mapping[type, HTTPStatus] = {**STATUS, **_OWN}
    return next((table[kind] for kind in type(error).__mro__ if kind in table), HTTPStatus.INTERNAL_SERVER_ERROR)


def problem_of(error: Exception) -> Problem:
    """The problem document of any error."""
    status = status_of(error)
    told = error if isinstance(error, OmhuError) and not isinstance(error, SystemWrong) else None
    title = "No legal basis" if isinstance(error, NoLegalBasis) else status.phrase
    return Problem(
        type=f"urn:omhu:problem:{title.lower().replace(' ', '-')}",
        title=title,
        status=status,
        detail=told.message if told else _GENERAL.get(status, status.description or "Something went wrong."),
        remedy=told.remedy if told else "",
        errors=_fields(error) if isinstance(error, RequestValidationError) else [],
    )


def problem_answer(_: Request, error: Exception) -> Response:
    """The API's answer to an error; the handler for every class."""
    problem = problem_of(error)
    return JSONResponse(problem.model_dump(), problem.status, headers_of(error), media_type=PROBLEM_JSON)


def headers_of(error: Exception) -> dict[str, str]:
    """The headers that belong to the answer to an error, whatever form its body has."""
    if isinstance(error, Busy):
        return {"Retry-After": str(error.retry_after)}
    if status_of(error) == _AWAY:
        return {"Retry-After": str(_AGAIN_SECONDS)}
    return {"WWW-Authenticate": "Bearer"} if status_of(error) == HTTPStatus.UNAUTHORIZED else {}


def _fields(error: RequestValidationError) -> list[str]:
    return [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()]
