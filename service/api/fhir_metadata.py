"""What this FHIR server can do, told to everyone: a CapabilityStatement. It holds nothing of any citizen."""

from importlib.metadata import version
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from models.errors import NotFound
from service.api.fhir_route import FhirRoute, fhir_answer
from service.api.requests import Anyone, wiring_of

router: Final = APIRouter(prefix="/fhir", route_class=FhirRoute)
every_other: Final = APIRouter(prefix="/fhir", route_class=FhirRoute)
_METHODS: Final = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_SINCE: Final = "2026-11-21"
_SCALE: Final = (
    "prediction.probabilityDecimal is a calibrated probability from 0 to 1; the prediction beside it tells the range "
    "of its band in per cent. prediction.whenPeriod is the 30 days from the as-of date."
)
_PARAMETERS: Final = (
    ("patient", "reference", "Patient/ and the id told in subject, or the citizen's own id"),
    ("subject", "reference", "As patient"),
    ("patient:identifier", "token", "The citizen's own id, with its system or without; send it with POST"),
    ("date", "date", "The as-of date, with the prefixes eq, ge, gt, le, lt, sa, eb"),
    ("_id", "token", "The logical id"),
    ("_lastUpdated", "date", "When the list was made, with a prefix"),
    ("_since", "date", "As _lastUpdated=ge"),
)


@router.get(
    "/metadata",
    summary="What this FHIR server can do",
    responses={200: {"content": {"application/fhir+json": {"schema": {"type": "object"}}}}},
    response_class=Response,
)
def metadata(request: Request) -> Response:
    """The CapabilityStatement (R4)."""
    wiring = wiring_of(request)
    base = (wiring.settings.public_address or str(request.base_url)).rstrip("/")
    return fhir_answer(_statement(base))


@every_other.api_route("", methods=_METHODS, include_in_schema=False)
@every_other.api_route("/{rest:path}", methods=_METHODS, include_in_schema=False)
def nothing_here(_: Anyone) -> Response:
    """Whatever else is asked for below `/fhir`; without this the pages would answer, with a page."""
    raise NotFound("There is no such address, or it cannot be used so.", "GET /fhir/metadata tells what there is.")


def _statement(base: str) -> dict[str, Any]:
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _SINCE,
        "kind": "instance",
        "software": {"name": "Omhu", "version": version("omhu")},
        "implementation": {"description": "Omhu", "url": f"{base}/fhir"},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [{"mode": "server", "security": _security(base), "resource": [_risk_assessment()]}],
    }


def _risk_assessment() -> dict[str, Any]:
    return {
        "type": "RiskAssessment",
        "documentation": _SCALE,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "versioning": "no-version",
        "readHistory": False,
        "updateCreate": False,
        "searchParam": [{"name": name, "type": kind, "documentation": told} for name, kind, told in _PARAMETERS],
    }


def _security(base: str) -> dict[str, Any]:
    system = "http://terminology.hl7.org/CodeSystem/restful-security-service"
    oauth = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
    return {
        "service": [{"coding": [{"system": system, "code": "SMART-on-FHIR"}], "text": "SMART Backend Services"}],
        "extension": [{"url": oauth, "extension": [{"url": "token", "valueUri": f"{base}/auth/token"}]}],
    }
