"""The page for an error: what happened, whether anything was lost, and what to do next, for somebody who is busy.

Nothing of the error itself is shown. What a nurse wrote about a citizen while the store was away is given back to be
sent again: the browser keeps no copy of such a page, so it would be lost.
"""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response

from models.errors import NotAllowed, NotFound, OmhuError
from service.errors import Forged, Unauthenticated, headers_of, status_of
from service.legal import NoLegalBasis
from service.security.rights import Visitor
from service.security.second_factor import EnrolFirst
from service.security.secrets import form_proof
from service.ui.language import Language
from service.ui.presenters.wording import action_word
from service.ui.requests import SESSION_COOKIE, address_of, cookie_name, pages_of, read_form, wiring_of
from service.weekly.reviews import Action

_AWAY: Final = HTTPStatus.SERVICE_UNAVAILABLE
_ABOUT_A_CITIZEN: Final = re.compile(r"/borger/[^/]+/gennemgang(/\d+/fortryd)?")
"""The forms that are given back. No other: one that logs in holds a password."""
_PAGE_OF_A_FORM: Final = re.compile(r"/borger/[^/]+|/(administration|login|log|konto)\b")
_ACTIONS: Final = frozenset(Action)

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Told:
    """What a page says: a title, paragraphs, and the way on, as address and words."""

    title: str
    paragraphs: tuple[str, ...]
    link: tuple[str, str] | None


async def error_page(request: Request, error: Exception) -> Response:
    """The page for any error: to the login when nobody is logged in, otherwise what happened and what to do."""
    if isinstance(error, Unauthenticated):
        return RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    if isinstance(error, EnrolFirst):
        return RedirectResponse("/konto", HTTPStatus.SEE_OTHER)
    fields = await _written(request, error)
    return await run_in_threadpool(_answer, request, error, fields)


async def _written(request: Request, error: Exception) -> Fields:
    """The fields of a form about a citizen that could not be stored."""
    if request.method != "POST" or status_of(error) != _AWAY or not _ABOUT_A_CITIZEN.fullmatch(request.url.path):
        return ()
    try:
        form = await read_form(request)
    except (OmhuError, HTTPException, ClientDisconnect):
        return ()
    return tuple((name, value) for name, value in form.multi_items() if isinstance(value, str))


def _answer(request: Request, error: Exception, fields: Fields) -> Response:
    _log_refusal(request, error)
    language, status = pages_of(request).language(request), status_of(error)
    if fields:
        answer = _framed(request, "not_saved.html", _to_send_again(language, request, fields), status)
    else:
        told = _switched_off(language) if isinstance(error, NoLegalBasis) else _told(request, language, error, status)
        facts: dict[str, object] = {"title": told.title, "paragraphs": told.paragraphs, "link": told.link}
        answer = _framed(request, "empty.html", facts, status)
    answer.headers.update(headers_of(error))
    return answer


def _framed(request: Request, template: str, facts: dict[str, object], status: int) -> Response:
    """The page with the menu of whoever is logged in, where that is known."""
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    proof = form_proof(request.cookies.get(cookie_name(request, SESSION_COOKIE), "")) if visitor else ""
    return pages_of(request).answer(request, template, facts, visitor=visitor, proof=proof, status=status)


def _to_send_again(language: Language, request: Request, fields: Fields) -> dict[str, object]:
    """What was written, to be read, and as a form to be sent again to where it was sent."""
    written = dict(fields)
    action = written.get("handling", "")
    said = [action_word(language, Action(action))] if action in _ACTIONS else []
    said += [written[name] for name in ("begrundelse", "bemaerkning") if written.get(name, "").strip()]
    return {"address": quote(request.url.path), "fields": fields, "said": said}


def _log_refusal(request: Request, error: Exception) -> None:
    """Who asked for what they may not see is logged as well."""
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    if visitor is not None and isinstance(error, (NotAllowed, NotFound)):
        address = address_of(request)
        wiring_of(request).log_look(visitor, "refused", address=address, search=request.url.path, result="refused")


def _switched_off(language: Language) -> _Told:
    """Why there is no list: the municipality has put no legal basis to operate on record, or it has run out."""
    say = language.say
    paragraphs = (
        say("Kommunen har ikke et gyldigt grundlag i dag for at vise listen. Derfor ser ingen den, heller ikke du."),
        say("Når grundlaget er på plads, sætter kommunens systemansvarlige formålet ”drift” (operate) i kraft."),
        say("Indtil da arbejder I, som I plejer."),
    )
    return _Told(say("Listen vises ikke"), paragraphs, None)


def _told(request: Request, language: Language, error: Exception, status: int) -> _Told:
    say, home = language.say, ("/", language.say("Til forsiden"))
    if isinstance(error, Forged):
        again = (_page_behind(request), say("Åbn siden igen"))
        return _Told(say("Siden var for gammel"), (say("Intet er gemt. Åbn siden igen, og prøv en gang til."),), again)
    if status == HTTPStatus.NOT_FOUND:
        paragraphs = (
            say("Siden findes ikke, eller den hører ikke til dine distrikter."),
            say("Mangler du en borger eller et distrikt i dit arbejde, så spørg jeres administrator."),
        )
        return _Told(say("Findes ikke"), paragraphs, home)
    if status == HTTPStatus.FORBIDDEN:
        paragraphs = (
            say("Din rolle giver ikke adgang til denne side."),
            say("Skal du bruge den i dit arbejde, så spørg jeres administrator."),
        )
        return _Told(say("Ingen adgang"), paragraphs, home)
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        text = say("Omhu forstod ikke det, der blev sendt. Intet er gemt. Begynd fra forsiden.")
        return _Told(say("Det kan ikke lade sig gøre"), (text,), home)
    return _own_fault(request, language, status)


def _own_fault(request: Request, language: Language, status: int) -> _Told:
    """What went wrong on the service's side: what was sent may or may not be stored, what was there before is."""
    say, reads = language.say, request.method == "GET"
    address = _address(request) if reads else _page_behind(request)
    link = (address, say("Prøv igen") if reads else say("Åbn siden igen"))
    stores = not reads and not request.url.path.startswith("/login")
    unsure = (say("Se efter, om det, du sendte, blev gemt, før du gør det igen."),) if stores else ()
    if status == _AWAY:
        paragraphs = (
            say("Omhu kan hverken hente eller gemme noget. Det er ikke noget, du har gjort, og intet gemt er tabt."),
            *unsure,
            say("Prøv igen om et par minutter. Varer det ved, så ring til jeres it-support."),
            say("Imens arbejder I, som I plejer. Har I ugens liste på papir, gælder den stadig."),
        )
        return _Told(say("Omhu er ikke klar lige nu"), paragraphs, link)
    paragraphs = (
        say("Fejlen ligger hos os og er noteret. Prøv igen om lidt."),
        *unsure,
        say("Sker det igen, så fortæl jeres it-support, hvad du gjorde, og hvad klokken var."),
    )
    return _Told(say("Noget gik galt"), paragraphs, link)


def _address(request: Request) -> str:
    """The address that was asked for, on this site only: two strokes, or a backslash, would lead to another."""
    path = "/" + quote(request.url.path.lstrip("/"))
    return f"{path}?{request.url.query}" if request.url.query else path


def _page_behind(request: Request) -> str:
    """The page a form was sent from, or the front page."""
    found = _PAGE_OF_A_FORM.match(request.url.path)
    return quote(found[0]) if found else "/"
