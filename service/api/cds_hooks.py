"""CDS Hooks 2.0: what there is, a card when a citizen's record is opened, and what was done with it.

Every address needs a bearer token, the discovery too: what nobody was given is refused.
"""

from datetime import timedelta
from typing import Any, Final, Literal, TypeVar

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request

from models.errors import NotFound, RequestWrong
from service.api.fhir_route import limited_body, public_address
from service.api.fhir_serving import citizen_called
from service.api.requests import Call, CardUser
from service.outbound import cards
from service.outbound.risk_resources import EntryId
from service.refusals import Incomplete
from service.storage import lists, reviews, risks, users
from service.storage.database import ReadSession, WriteSession
from service.storage.risks import Wanted
from service.weekly.lists import ListId, Score
from service.weekly.reviews import Draft

router: Final = APIRouter(prefix="/cds-services")
_MOST_BODY: Final = 262_144
_LONG_AGO: Final = timedelta(days=60)
_PATH: Final = "/cds-services/omhu-risk"
M = TypeVar("M", bound=BaseModel)


class HookCall(BaseModel):
    """A call of a service; what the record system adds of its own is left unread."""

    hook: str
    hookInstance: str  # noqa: N815 - the standard's name
    context: dict[str, Any] | None = None
    prefetch: dict[str, Any] | None = None


class OverrideReason(BaseModel):
    """Why a card was overridden."""

    reason: dict[str, Any] | None = None
    userComment: str | None = None  # noqa: N815


class CardAnswer(BaseModel):
    """What was done with one card."""

    card: str
    outcome: Literal["accepted", "overridden"]
    overrideReason: OverrideReason | None = None  # noqa: N815
    outcomeTimestamp: str | None = None  # noqa: N815

    def answered(self) -> cards.Answered:
        """The answer in our own words."""
        why = self.overrideReason or OverrideReason()
        coding = why.reason or {}
        code, display = (str(coding.get(name) or "") for name in ("code", "display"))
        return cards.Answered(self.card, self.outcome, code, display, why.userComment or "")


class Feedback(BaseModel):
    """What was done with some cards."""

    feedback: list[CardAnswer] = Field(min_length=1, max_length=100)


def _body(example: dict[str, Any]) -> dict[str, Any]:
    """How the API's description tells of a body that is read by hand, to bound its length."""
    schema = {"type": "object", "required": sorted(example), "example": example}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


_CALL: Final = {
    "hook": "patient-view",
    "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
    "context": {"userId": "Practitioner/7", "patientId": "omhu-10412"},
}
_ANSWER: Final = {"feedback": [{"card": "9ac4a8e2-0c5e-5d2c-8e1b-8d9b2c6b2a11", "outcome": "accepted"}]}


@router.get("", summary="The CDS services there are")
def discovery(_: CardUser) -> dict[str, Any]:
    """The services, as CDS Hooks names them."""
    return dict(cards.DISCOVERY)


@router.post("/{service}", summary="The card of a citizen whose record is opened", openapi_extra=_body(_CALL))
async def called(call: CardUser, request: Request, service: str) -> dict[str, Any]:
    """At most one card: of a citizen on the newest list's shown part, in the token's districts. Nothing is computed."""
    _require_ours(service)
    sent = _read(HookCall, await limited_body(request, _MOST_BODY))
    if sent.hook != "patient-view":
        raise RequestWrong("This service answers the hook patient-view only.")
    names = _names(sent)
    return await run_in_threadpool(_cards, call, names, public_address(call, request))


@router.post("/{service}/feedback", summary="What was done with cards", openapi_extra=_body(_ANSWER))
async def feedback(call: CardUser, request: Request, service: str) -> dict[str, Any]:
    """Each answer becomes a review; the same answer sent again changes nothing. All of them are stored, or none."""
    _require_ours(service)
    sent = _read(Feedback, await limited_body(request, _MOST_BODY))
    await run_in_threadpool(_reviewed, call, [one.answered() for one in sent.feedback])
    return {}


def _require_ours(service: str) -> None:
    if service != cards.SERVICE:
        raise NotFound("There is no such service.", "GET /cds-services names those there are.")


def _read(model: type[M], body: bytes) -> M:
    """The body as the model. Raises `RequestWrong` naming the fields, and repeating nothing."""
    if rb"\u0000" in body:
        raise RequestWrong("A text holds a NUL, which no store keeps.", "Leave it out.")
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        places = sorted({".".join(str(part) for part in fault["loc"]) or "body" for fault in error.errors()})
        raise RequestWrong(f"Missing or wrong: {', '.join(places)}.", "Send it as CDS Hooks 2.0 says.") from None


def _names(sent: HookCall) -> list[str]:
    """What the record system calls the citizen: its id, and the identifiers it sent along."""
    patient = (sent.context or {}).get("patientId")
    if not isinstance(patient, str) or not patient:
        raise Incomplete("context.patientId is missing.", "Send the citizen whose record is opened.")
    resource = (sent.prefetch or {}).get("patient")
    found: object = resource.get("identifier") if isinstance(resource, dict) else None
    identifiers = found if isinstance(found, list) else []
    more = [one.get("value") for one in identifiers if isinstance(one, dict)]
    return [patient.rsplit("/", 1)[-1], *(value for value in more if isinstance(value, str))]


def _cards(call: Call, names: list[str], address: str) -> dict[str, Any]:
    with call.wiring.database.read() as session:
        score = _score(session, call, names)
    call.log("cards.read", citizens=(score.entry.citizen,) if score else (), search=_PATH)
    return {"cards": [cards.card(score, address)] if score else []}


def _score(session: ReadSession, call: Call, names: list[str]) -> Score | None:
    """The citizen on the newest list, when its shown part has them and they are in the token's districts."""
    head = lists.latest_list(session, call.wiring.today())
    keys = {key for name in names if (key := citizen_called(session, name)) is not None}
    if head is None or not keys:
        return None
    wanted = Wanted(frozenset(keys), list_number=head.number)
    found = risks.search(session, wanted, call.visitor.districts, 2, teams=call.visitor.teams)
    # Names that are two persons' are somebody's mistake: better no card than the wrong one.
    return found[0] if len(found) == 1 and found[0].entry.shown else None


def _reviewed(call: Call, answers: list[cards.Answered]) -> None:
    wiring, at = call.wiring, call.wiring.clock()
    with wiring.database.read() as session:
        since = wiring.today() - _LONG_AGO
        told = risks.shown_since(session, since, call.visitor.districts, teams=call.visitor.teams)
    drafts = [(cards.entry_of(one, told), cards.draft_of(one)) for one in answers]
    call.log("review.add", citizens=tuple(sorted({entry.citizen for entry, _ in drafts})), search=_PATH)
    with wiring.database.write() as session:
        author = users.author_for(session, f"{call.visitor.name} (CDS Hooks)", at)
        for entry, draft in drafts:
            if not _stands(session, entry, author, draft):
                reviews.add_review(session, entry.citizen, ListId(entry.list_number), author, draft, at)


def _stands(session: WriteSession, entry: EntryId, author: int, draft: Draft) -> bool:
    """Whether this author's latest review of the entry says the same: a card may be reported several times."""
    made = [
        one
        for one in reviews.reviews_of(session, entry.citizen)
        if one.list_number == entry.list_number and one.user == author
    ]
    return bool(made) and made[0].undone_at is None and made[0].draft == draft
