"""RiskAssessments over FHIR R4: searched and read, within the token's districts. Bodies and errors are FHIR's.

A CPR number in an address ends in somebody's log: `POST /fhir/RiskAssessment/_search` takes it in the body.
"""

from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, urlencode
from uuid import uuid4

from fastapi import APIRouter, Path, Query
from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from models.errors import NotFound
from service.api.fhir_route import FhirRoute, fhir_answer, limited_body, public_address
from service.api.requests import Call, ScoreReader
from service.outbound.risk_resources import EntryId, Resource, key_of, patient_id, risk_assessment
from service.outbound.risk_search import Asked, asked_for
from service.security.rights import Permission, Visitor
from service.storage import identities, persons, risks
from service.storage.database import ReadSession
from service.storage.risks import Wanted
from service.weekly.lists import Score

router: Final = APIRouter(prefix="/fhir", route_class=FhirRoute)
_PATH: Final = "/fhir/RiskAssessment"
_NOBODY: Final = 0
_MOST_BODY: Final = 16_384
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"application/fhir+json": {"schema": {"type": "object"}}}}
}
_FORM: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {"type": "object", "example": {"patient:identifier": "urn:oid:1.2.208.176.1.2|2509479989"}}
            }
        },
    }
}

Patient = Annotated[str | None, Query(description="Patient/ and our id, or the citizen's own id.")]
Dates = Annotated[
    list[str] | None, Query(description="As-of date, with a prefix if wanted.", examples=["ge2026-11-23"])
]
Since = Annotated[str | None, Query(alias="_since", description="Only what was made at this instant or later.")]
Updated = Annotated[list[str] | None, Query(alias="_lastUpdated", description="When it was made, with a prefix.")]
Count = Annotated[str | None, Query(alias="_count", description="At most so many on a page, to 500.")]
AssessmentId = Annotated[str, Path(examples=["12-10412"], max_length=64)]


@router.get("/RiskAssessment", summary="Search risk assessments", responses=_ANSWERS, response_class=Response)
def search(
    call: ScoreReader,
    request: Request,
    patient: Patient = None,
    date: Dates = None,
    since: Since = None,
    updated: Updated = None,
    count: Count = None,
) -> Response:
    """The ranked scores of the token's districts, newest list first, as a searchset with links to further pages."""
    _ = patient, date, since, updated, count  # described above; read together with those that repeat
    return _searched(call, request, asked_for(request.query_params.multi_items()))


@router.post(
    "/RiskAssessment/_search",
    summary="Search, the parameters in the body",
    responses=_ANSWERS,
    response_class=Response,
    openapi_extra=_FORM,
)
async def search_by_form(call: ScoreReader, request: Request) -> Response:
    """The same search; for identifiers, which must not stand in an address."""
    body = await limited_body(request, _MOST_BODY)
    asked = asked_for([*request.query_params.multi_items(), *parse_qsl(body.decode("utf-8", "replace"))])
    return await run_in_threadpool(_searched, call, request, asked)


@router.get(
    "/RiskAssessment/{assessment}", summary="Read a risk assessment", responses=_ANSWERS, response_class=Response
)
def read(call: ScoreReader, assessment: AssessmentId) -> Response:
    """One risk assessment. 404 when the citizen is in none of the token's districts."""
    entry = EntryId.read(assessment)
    found: tuple[Score, ...] = ()
    with call.wiring.database.read() as session:
        if entry is not None:
            found = risks.search(session, Wanted(entry=entry), call.visitor.districts, 1, teams=call.visitor.teams)
        ids = _own_ids(session, call, found)
    if not found:
        call.refused(_PATH)
        raise NotFound("There is no such risk assessment among those you may see.")
    citizen = found[0].entry.citizen
    call.log("risk.read", citizens=(citizen,), search=_PATH)
    return fhir_answer(risk_assessment(found[0], ids.get(citizen)), headers={"ETag": 'W/"1"'})


def _searched(call: Call, request: Request, asked: Asked) -> Response:
    districts, teams = call.visitor.districts, call.visitor.teams
    with call.wiring.database.read() as session:
        wanted = _wanted(session, asked, call.visitor)
        found = risks.search(session, wanted, districts, asked.count + 1, teams=teams)
        total = risks.count(session, wanted, districts, teams=teams)
        told = found[: asked.count]
        ids = _own_ids(session, call, told)
    call.log("risk.search", citizens=tuple(sorted({one.entry.citizen for one in told})), search=_PATH)
    base = public_address(call, request) + "/fhir"
    links = [_link("self", base, asked, wanted, asked.after)]
    if told and len(found) > len(told):
        last = EntryId(told[-1].head.number, told[-1].entry.citizen)
        links.append(_link("next", base, asked, wanted, last))
    return fhir_answer(
        {
            "resourceType": "Bundle",
            "id": str(uuid4()),
            "type": "searchset",
            "total": total,
            "link": links,
            "entry": [_entry(base, score, ids.get(score.entry.citizen)) for score in told],
        }
    )


def _entry(base: str, score: Score, own_id: str | None) -> Resource:
    resource = risk_assessment(score, own_id)
    address = f"{base}/RiskAssessment/{resource['id']}"
    return {"fullUrl": address, "resource": resource, "search": {"mode": "match"}}


def _link(relation: str, base: str, asked: Asked, wanted: Wanted, after: EntryId | None) -> Resource:
    """An address that asks the same again; it names a citizen by the pseudonymous key only."""
    parameters = list(asked.repeated)
    if wanted.citizens is not None:
        keys = sorted(wanted.citizens) or [_NOBODY]
        parameters.append(("patient", ",".join(f"Patient/{patient_id(key)}" for key in keys)))
    parameters.append(("_count", str(asked.count)))
    if after is not None:
        parameters.append(("_page", str(after)))
    return {"relation": relation, "url": f"{base}/RiskAssessment?{urlencode(parameters)}"}


def _wanted(session: ReadSession, asked: Asked, visitor: Visitor) -> Wanted:
    named = [names for names in (asked.patients, asked.identifiers) if names is not None]
    keys: frozenset[int] | None = None
    if named:
        sets = [{key for name in names if (key := citizen_called(session, name))} for names in named]
        # The answer's links repeat the keys: that somebody is known here is not for who may not see them.
        keys = risks.told_of(session, set.intersection(*sets), visitor.districts, teams=visitor.teams)
    return Wanted(keys, None, asked.entry, asked.since, asked.until, asked.made_since, asked.made_until, asked.after)


def citizen_called(session: ReadSession, name: str) -> int | None:
    """The person's key behind a Patient's logical id or a citizen's own id; None when there is none."""
    key = key_of(name)
    if not name.isprintable():  # PostgreSQL chokes on a NUL, and no id holds one
        return None
    if key is None:
        try:
            key = identities.key_of(session, name)
        except NotFound:
            return None
    return persons.person_of(session, key)


def _own_ids(session: ReadSession, call: Call, scores: tuple[Score, ...]) -> dict[int, str]:
    if not call.visitor.may(Permission.READ_IDENTIFIERS):
        return {}
    return identities.citizen_ids(session, {score.entry.citizen for score in scores})
