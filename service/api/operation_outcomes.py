"""Answers in the words of FHIR: an OperationOutcome in the place of a problem document, for a client that asks for it.

An issue names a file, a line, a column and a reason; nothing of what was sent is repeated in it.
"""

import json
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final

from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from models.errors import OmhuError
from service.errors import Problem, headers_of, problem_of
from service.storage.loads import SetAside
from service.storage.uploads import Upload

FHIR_JSON: Final = "application/fhir+json"

_CODES: Final = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    409: "conflict",
    413: "too-long",
    415: "not-supported",
    422: "business-rule",
    429: "throttled",
    503: "transient",
}
"""HL7's issue types (http://hl7.org/fhir/R4/valueset-issue-type.html) for what our statuses mean."""

_REASONS: Final = {"missing": "required", "not_fhir": "structure", "wrong_number_of_values": "structure"}


def wants_fhir(request: Request) -> bool:
    """Whether the client accepts FHIR's JSON by name."""
    return FHIR_JSON in request.headers.get("accept", "").lower()


def outcome_answer(outcome: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An OperationOutcome as an answer."""
    return JSONResponse(outcome, status, headers, media_type=FHIR_JSON)


def outcome(issues: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """An OperationOutcome of these issues; one that says that all is well when there are none, since FHIR wants one."""
    return {"resourceType": "OperationOutcome", "issue": list(issues) or [_issue("information", "informational", "OK")]}


def of_problem(problem: Problem) -> dict[str, Any]:
    """A problem document as an OperationOutcome."""
    words = " ".join([problem.detail, problem.remedy, *problem.errors]).strip()
    return outcome([_issue("error", _CODES.get(problem.status, "exception"), words)])


def of_set_aside(row: SetAside) -> dict[str, Any]:
    """A row that was set aside as an issue."""
    words = f"{row.column}: {row.reason}" if row.column else row.reason
    return _issue("error", _REASONS.get(row.reason, "value"), words, f"{row.file}, item {row.line}")


def of_upload(upload: Upload, rows: Iterable[SetAside]) -> dict[str, Any]:
    """What became of an upload: why nothing was loaded, refused files, rows set aside, and what has no meaning here."""
    issues = [_issue("fatal", "processing", upload.problem)] if upload.problem else []
    report: dict[str, Any] = json.loads(upload.report) if upload.report else {"refused": [], "resources": {}}
    issues += [_issue("error", "structure", f"{one['message']} {one['remedy']}".strip()) for one in report["refused"]]
    issues += [of_set_aside(row) for row in rows]
    issues += [
        _issue("information", "not-supported", f"{kind}: {count['left_out']} of {count['read']} have no meaning here.")
        for kind, count in report["resources"].items()
        if count["left_out"]
    ]
    return outcome(issues)


def _issue(severity: str, code: str, words: str, place: str = "") -> dict[str, Any]:
    issue: dict[str, Any] = {"severity": severity, "code": code, "details": {"text": words}}
    return issue | ({"diagnostics": place} if place else {})


class OutcomeRoute(APIRoute):
    """A route whose errors are told as an OperationOutcome to a client that accepts FHIR."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, with errors of ours caught before the general handlers see them."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except OmhuError as error:
                if not wants_fhir(request):
                    raise
                problem = problem_of(error)
                return outcome_answer(of_problem(problem), problem.status, headers_of(error))

        return handled
