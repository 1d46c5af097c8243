"""The addresses of SMART Backend Services: where its settings are told, and where a token is asked for.

Errors are those of OAuth 2.0 (RFC 6749, 5.2), which no problem document may replace.
"""

from typing import Any, Final
from urllib.parse import parse_qs

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from starlette.requests import Request
from starlette.responses import Response

from models.errors import OmhuError
from service.api.fhir_route import limited_body
from service.api.requests import wiring_of
from service.security import smart
from service.security.smart_scopes import EVERY_SCOPE, ScopeRefused

router: Final = APIRouter()
_MOST_BODY: Final = 32_768
_KIND: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_FORM: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["grant_type", "scope", "client_assertion_type", "client_assertion"],
                    "example": {
                        "grant_type": "client_credentials",
                        "scope": "system/RiskAssessment.rs",
                        "client_assertion_type": _KIND,
                        "client_assertion": "eyJhbGciOiJFUzM4NCIsImtpZCI6IjEifQ...",
                    },
                }
            }
        },
    }
}

_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"description": told, "content": {"application/json": {"schema": {"type": "object", "example": example}}}}
    for status, told, example in (
        (
            200,
            "The token.",
            {"access_token": "omhu_...", "token_type": "bearer", "expires_in": 300, "scope": "lists:read"},
        ),
        (400, "The request is wrong, in the words of OAuth 2.0.", {"error": "invalid_scope"}),
        (401, "The assertion proves nobody who is registered.", {"error": "invalid_client"}),
    )
}


@router.get("/.well-known/smart-configuration", summary="How a client gets a token")
@router.get(
    "/fhir/.well-known/smart-configuration",
    summary="How a client gets a token, where FHIR asks",
    operation_id="configuration_for_fhir",
)
def configuration(request: Request) -> dict[str, Any]:
    """The SMART configuration."""
    return {
        "token_endpoint": _token_address(request),
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": smart.ALGORITHMS,
        "grant_types_supported": ["client_credentials"],
        "scopes_supported": list(EVERY_SCOPE),
        "capabilities": ["client-confidential-asymmetric", "permission-v2", "permission-v1"],
    }


@router.post("/auth/token", summary="Get a token", openapi_extra=_FORM, responses=_ANSWERS)
async def token(request: Request) -> Response:
    """A token for five minutes, for a client that proves itself with `private_key_jwt`."""
    try:
        body = await limited_body(request, _MOST_BODY)
    except OmhuError:
        return _refused("invalid_request")
    form = {name: values[0] for name, values in parse_qs(body.decode("latin-1")).items() if len(values) == 1}
    if form.get("grant_type") != "client_credentials":
        return _refused("unsupported_grant_type" if form.get("grant_type") else "invalid_request")
    if form.get("client_assertion_type") != _KIND or "client_assertion" not in form:
        return _refused("invalid_client" if "client_assertion" in form else "invalid_request")
    return await run_in_threadpool(_granted, request, form["client_assertion"], form.get("scope", ""))


def _granted(request: Request, assertion: str, scope: str) -> Response:
    wiring = wiring_of(request)
    try:
        given = smart.grant(wiring.database, assertion, scope, [_token_address(request)], wiring.clock())
    except smart.AssertionRefused:
        return _refused("invalid_client", 401)
    except ScopeRefused:
        return _refused("invalid_scope")
    told = {
        "access_token": given.token,
        "token_type": "bearer",
        "expires_in": int(smart.TOKEN_LIFE.total_seconds()),
        "scope": " ".join(given.scopes),
    }
    return JSONResponse(told, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def _refused(error: str, status: int = 400) -> Response:
    return JSONResponse({"error": error}, status, {"Cache-Control": "no-store", "Pragma": "no-cache"})


def _token_address(request: Request) -> str:
    base = wiring_of(request).settings.public_address or str(request.base_url)
    return base.rstrip("/") + "/auth/token"
