"""The citizen's page, and the reviews made on it or on the list."""

from datetime import date, timedelta
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from models.errors import RequestWrong
from service.security.rights import Permission
from service.storage import reviews
from service.ui.facts import CitizenFacts, citizen_facts, surroundings
from service.ui.presenters.citizen import citizen_page
from service.ui.rendering import hidden_field
from service.ui.requests import Form, Number, Reader, Reading, field, require_proof
from service.ui.selection import Selection
from service.weekly.reviews import (
    HAND_OVER_DAYS,
    LONGEST_HAND_OVER,
    NEEDS_GROUNDS,
    Action,
    Draft,
    HandOver,
    Overtaken,
    handed_over,
    newest_on,
    snooze_until,
)

router: Final = APIRouter()
_SEE_OTHER: Final = 303
_CONFLICT: Final = 409
_EMPTY: Final = {"handling": "", "begrundelse": "", "bemaerkning": "", "pause": "", "kollega": "", "til_og_med": ""}


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
    reader.log("review.add", citizens=(facts.person.citizen,))
    try:
        _store(reader, facts, _draft(reader, facts, form))
    except Overtaken:
        # A colleague came between looking and storing; the page says so with what they did.
        facts = _facts(reader, reference, None)
        problem, status = _problem(reader, facts, form)
        return _shown(reader, facts, Selection(), form=form, problem=problem, status=status)
    return RedirectResponse(_back(form, reference), _SEE_OTHER)


@router.post("/borger/{reference}/gennemgang/{number}/fortryd")
def undo_review(reader: Reader, reference: str, number: Number, form: Form) -> Response:
    """Take a review back; it stays readable as taken back."""
    reader.visitor.require(Permission.REVIEW)
    require_proof(form, reader.secret)
    facts = _facts(reader, reference, None)
    reader.log("review.undo", citizens=(facts.person.citizen,))
    with reader.wiring.database.write() as session:
        reviews.undo_review(session, number, facts.person.citizen, reader.visitor.number, reader.wiring.clock())
    return RedirectResponse(_back(form, reference), _SEE_OTHER)


def _store(reader: Reading, facts: CitizenFacts, draft: Draft) -> None:
    number, wiring = facts.scores[0].head.number, reader.wiring
    after = newest_on(facts.reviews, number)
    with wiring.database.write() as session:
        reviews.add_review(
            session, facts.person.citizen, number, reader.visitor.number, draft, wiring.clock(), after=after
        )


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
    page = citizen_page(
        around,
        facts.person,
        facts.scores,
        facts.reviews,
        facts.ranked,
        facts.stays,
        with_colleagues=bool(facts.colleagues),
    )
    today = reader.wiring.today()
    days = [today, today + timedelta(days=HAND_OVER_DAYS), today + timedelta(days=LONGEST_HAND_OVER)]
    drafted = _EMPTY | {"til_og_med": days[1].isoformat()}
    drafted |= {name: field(form, name) for name in _EMPTY if form and name in form}
    return reader.page(
        "citizen.html",
        {
            "page": page,
            "draft": drafted,
            "colleagues": [(str(user.number), user.name) for user in facts.colleagues],
            "first_day": days[0].isoformat(),
            "last_day": days[2].isoformat(),
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
        _draft(reader, facts, form)
    except (RequestWrong, ValueError):
        if field(form, "handling") == Action.HANDED_OVER:
            days = reader.language.count("%(n)s dag", "%(n)s dage", LONGEST_HAND_OVER)
            return say("Vælg en kollega, og en dato inden for de næste %(days)s.", days=days), 422
        return say("Vælg hvad der er gjort. Ved Ingen handling og Passer ikke skal du skrive hvorfor."), 422
    return "", 200


def _draft(reader: Reading, facts: CitizenFacts, form: FormData) -> Draft:
    """The review as filled in; raises `RequestWrong` or, for what is no action, number or date, `ValueError`."""
    action, days = Action(field(form, "handling")), field(form, "pause")
    handing = action is Action.HANDED_OVER
    return Draft(
        action=action,
        grounds=field(form, "begrundelse") if action in NEEDS_GROUNDS else "",
        comment=field(form, "bemaerkning"),
        snoozed_until=snooze_until(reader.wiring.today(), int(days)) if days and not handing else None,
        hand_over=_hand_over(reader, facts, form) if handing else None,
    )


def _hand_over(reader: Reading, facts: CitizenFacts, form: FormData) -> HandOver:
    colleague = int(field(form, "kollega"))
    if colleague not in {user.number for user in facts.colleagues}:
        raise RequestWrong("There is no such colleague in the citizen's district.")
    return handed_over(reader.wiring.today(), colleague, date.fromisoformat(field(form, "til_og_med")))


def _back(form: FormData, reference: str) -> str:
    """Where the form was: the citizen's page, or the list as it was chosen, at the citizen's row."""
    came_from = field(form, "til")
    if came_from == "borger":
        return f"/borger/{reference}#gennemgang"
    return f"{Selection.read(dict(parse_qsl(urlsplit(came_from).query))).address()}#b-{reference}"
