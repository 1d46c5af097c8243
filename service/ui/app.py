"""The pages as an application of their own: every view but a few needs a session, and errors are pages.

Mounted by `service.app`; it has no API description, and its answers are never a problem document.
"""

from http import HTTPStatus
from typing import Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from models.errors import NotAllowed, NotFound, OmhuError
from service.errors import Forged, Unauthenticated, status_of
from service.legal import NoLegalBasis
from service.security.rights import Visitor
from service.security.second_factor import EnrolFirst
from service.security.secrets import form_proof
from service.ui.language import Language
from service.ui.rendering import STATIC, Pages
from service.ui.requests import SESSION_COOKIE, address_of, cookie_name, pages_of, wiring_of
from service.ui.views import account, administration, citizen, entry, export, leader, log, pseudonyms, texts, week

_A_YEAR: Final = "public, max-age=31536000, immutable"


class _Static(StaticFiles):
    """Files of the pages; their addresses change with their content, so a browser may keep them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = _A_YEAR
        return answer


def create_ui() -> FastAPI:
    """The pages, ready to be mounted."""
    ui = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    ui.state.pages = Pages()
    for views in (entry, week, citizen, leader, export, texts, account, administration, log, pseudonyms):
        ui.include_router(views.router)
    ui.mount("/static", _Static(directory=STATIC), name="static")
    for kind in (OmhuError, HTTPException, RequestValidationError, Exception):
        ui.add_exception_handler(kind, error_page)
    return ui


def error_page(request: Request, error: Exception) -> Response:
    """The page for any error: to the login when nobody is logged in, otherwise what happened and what to do."""
    if isinstance(error, Unauthenticated):
        return RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    if isinstance(error, EnrolFirst):
        return RedirectResponse("/konto", HTTPStatus.SEE_OTHER)
    _log_refusal(request, error)
    pages, status = pages_of(request), status_of(error)
    if isinstance(error, NoLegalBasis):
        return _switched_off(request, status)
    title, text = _words(pages.language(request), error, status)
    facts: dict[str, object] = {
        "title": title,
        "paragraphs": [text],
        "link": ("/", pages.language(request).say("Til forsiden")),
    }
    return _framed(request, facts, status)


def _framed(request: Request, facts: dict[str, object], status: int) -> Response:
    """The page with the menu of whoever is logged in, where that is known."""
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    proof = form_proof(request.cookies.get(cookie_name(request, SESSION_COOKIE), "")) if visitor else ""
    return pages_of(request).answer(request, "empty.html", facts, visitor=visitor, proof=proof, status=status)


def _switched_off(request: Request, status: int) -> Response:
    """Why there is no list: the municipality has put no legal basis to operate on record, or it has run out."""
    say = pages_of(request).language(request).say
    paragraphs = [
        say("Kommunen har ikke et gyldigt grundlag i dag for at vise listen. Derfor ser ingen den, heller ikke du."),
        say("Når grundlaget er på plads, sætter kommunens systemansvarlige formålet ”drift” (operate) i kraft."),
        say("Indtil da arbejder I, som I plejer."),
    ]
    facts: dict[str, object] = {"title": say("Listen vises ikke"), "paragraphs": paragraphs, "link": None}
    return _framed(request, facts, status)


def _log_refusal(request: Request, error: Exception) -> None:
    """Who asked for what they may not see is logged as well."""
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    if visitor is not None and isinstance(error, (NotAllowed, NotFound)):
        address = address_of(request)
        wiring_of(request).log_look(visitor, "refused", address=address, search=request.url.path, result="refused")


def _words(language: Language, error: Exception, status: int) -> tuple[str, str]:
    say = language.say
    if isinstance(error, Forged):
        return say("Siden var for gammel"), say("Åbn siden igen, og prøv en gang til. Intet er gemt.")
    if status == HTTPStatus.NOT_FOUND:
        return say("Findes ikke"), say("Siden findes ikke, eller den hører ikke til dine distrikter.")
    if status == HTTPStatus.FORBIDDEN:
        return say("Ingen adgang"), say("Din rolle giver ikke adgang til denne side.")
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return say("Det kan ikke lade sig gøre"), say("Siden kunne ikke læses. Begynd fra forsiden.")
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return (
            say("Omhu er ikke klar lige nu"),
            say("Der kan ikke hentes eller gemmes noget lige nu. Prøv igen om lidt. Det, du har gemt, er gemt."),
        )
    return say("Noget gik galt"), say("Fejlen ligger hos os. Prøv igen om lidt.")
