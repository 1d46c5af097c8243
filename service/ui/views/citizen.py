"""The citizen's page, and the reviews made on it or on the list."""

from datetime import date
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from models.errors import RequestWrong
from service.reviews import Action, Draft, newest_on, snooze_from
from service.security.rights import Permission
from service.storage import reviews
from service.ui.facts import CitizenFacts, citizen_facts, surroundings
from service.ui.presenters.citizen import citizen_page
from service.ui.rendering import hidden_field
from service.ui.requests import Form, Reader, Reading, field, require_proof
from service.ui.selection import Selection

router: Final = APIRouter()
_SEE_OTHER: Final = 303
_CONFLICT: Final = 409
_EMPTY: Final = {"handling": "", "begrundelse": "", "bemaerkning": "", "pause": ""}


@router.get("/borger/{reference}")
def citizen(reader: Reader, reference: str) -> Response:
    """Why a citizen is on the list, how it has gone, and what was done."""
    reader.visitor.require(Permission.SEE_CITIZEN)
    chosen = Selection.read(reader.request.query_params)
    facts = _facts(reader, reference, chosen.as_of)
    reader.log("citizen.view", citizens=(facts.person.citizen,))
    return _shown(reader, facts, chosen)


@router.post("/borger/{reference}/gennemgang")
def add_review(reader: Reader, reference: str, form: Form) -> Response:
    """Store what was done; when a colleague has been there since the page was made, show that first."""
    reader.visitor.require(Permission.REVIEW)
    require_proof(form, reader.secret)
    facts = _facts(reader, reference, None)
    problem, status = _problem(reader, facts, form)
    if problem:
        reader.log("citizen.view", citizens=(facts.person.citizen,))
        return _shown(reader, facts, Selection(), form=form, problem=problem, status=status)
    citizen, wiring = facts.person.citizen, reader.wiring
    reader.log("review.add", citizens=(citizen,))
    with wiring.database.write() as session:
        number, user = facts.scores[0].head.number, reader.visitor.number
        reviews.add_review(session, citizen, number, user, _draft(reader, form), wiring.clock())
    return RedirectResponse(_back(form, reference), _SEE_OTHER)


@router.post("/borger/{reference}/gennemgang/{number}/fortryd")
def undo_review(reader: Reader, reference: str, number: int, form: Form) -> Response:
    """Take a review back; it stays readable as taken back."""
    reader.visitor.require(Permission.REVIEW)
    require_proof(form, reader.secret)
    facts = _facts(reader, reference, None)
    reader.log("review.undo", citizens=(facts.person.citizen,))
    with reader.wiring.database.write() as session:
        reviews.undo_review(session, number, facts.person.citizen, reader.visitor.number, reader.wiring.clock())
    return RedirectResponse(_back(form, reference), _SEE_OTHER)


def _facts(reader: Reading, reference: str, as_of: date | None) -> CitizenFacts:
    with reader.wiring.database.read() as session:
        return citizen_facts(session, reader, reference, as_of)


def _shown(
    reader: Reading,
    facts: CitizenFacts,
    chosen: Selection,
    *,
    form: FormData | None = None,
    problem: str = "",
    status: int = 200,
) -> HTMLResponse:
    with reader.wiring.database.read() as session:
        around = surroundings(session, reader, facts.scores[0].head, list(facts.reviews))
    page = citizen_page(around, facts.person, facts.scores, facts.reviews, facts.ranked)
    drafted = {name: field(form, name) for name in _EMPTY} if form else _EMPTY
    return reader.page(
        "citizen.html",
        {
            "page": page,
            "draft": drafted,
            "problem": problem,
            "may_review": reader.visitor.may(Permission.REVIEW) and chosen.as_of is None,
            "list_address": chosen.address(),
            "back_field": hidden_field("til", "borger"),
        },
        status=status,
    )


def _problem(reader: Reading, facts: CitizenFacts, form: FormData) -> tuple[str, int]:
    """What keeps a review from being stored, in the reader's words, and the status that goes with it."""
    say, newest = reader.language.say, newest_on(facts.reviews, facts.scores[0].head.number)
    if field(form, "sidste") != str(newest):
        text = say("En kollega har gennemgået borgeren imens, se nedenfor. Gem igen, hvis du stadig vil.")
        return text, _CONFLICT
    try:
        _draft(reader, form)
    except (RequestWrong, ValueError):
        return say("Vælg hvad der er gjort. Ved Ingen handling og Passer ikke skal du skrive hvorfor."), 422
    return "", 200


def _draft(reader: Reading, form: FormData) -> Draft:
    """The review as filled in; raises `RequestWrong` or, for an unknown action, `ValueError`."""
    return Draft(
        action=Action(field(form, "handling")),
        grounds=field(form, "begrundelse"),
        comment=field(form, "bemaerkning"),
        snoozed_until=snooze_from(reader.wiring.today()) if field(form, "pause") else None,
    )


def _back(form: FormData, reference: str) -> str:
    """Where the form was: the citizen's page, or the list as it was chosen, at the citizen's row."""
    came_from = field(form, "til")
    if came_from == "borger":
        return f"/borger/{reference}#gennemgang"
    return f"{Selection.read(dict(parse_qsl(urlsplit(came_from).query))).address()}#b-{reference}"
