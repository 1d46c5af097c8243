"""Logging in, by password or one-time code, logging out, and choosing a language: the views open to everyone."""

from typing import Final
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from models.errors import NotAllowed
from service.login import Opened, log_in, log_in_once, log_out
from service.security.secrets import form_proof, new_secret
from service.ui.rendering import LANGUAGE_COOKIE
from service.ui.requests import (
    FORM_COOKIE,
    SESSION_COOKIE,
    Form,
    Reader,
    address_of,
    cookie_name,
    field,
    pages_of,
    require_proof,
    set_cookie,
    wiring_of,
)

router: Final = APIRouter()
_SEE_OTHER: Final = 303


@router.get("/login")
def login_page(request: Request) -> HTMLResponse:
    """The form for name and password."""
    return _form(request, "/login", code=None)


@router.get("/login/kode")
def one_time_page(request: Request, kode: str = "") -> HTMLResponse:
    """The button that spends a one-time code. Not spent by opening the address: browsers fetch ahead."""
    return _form(request, "/login/kode", code=kode[:100])


@router.post("/login")
def login(request: Request, form: Form) -> Response:
    """Open a session by name and password."""
    name = field(form, "navn")[:100]
    require_proof(form, request.cookies.get(cookie_name(request, FORM_COOKIE), ""))
    wiring = wiring_of(request)
    try:
        opened = log_in(wiring.database, name, field(form, "adgangskode")[:1000], wiring.clock())
    except NotAllowed:
        return _refused(
            request,
            "/login",
            None,
            pages_of(request).language(request).say("Navnet eller koden passer ikke. Vent et øjeblik, og prøv igen."),
            name,
        )
    return _welcome(request, opened, "login.password")


@router.post("/login/kode")
def one_time_login(request: Request, form: Form) -> Response:
    """Open a session by a one-time code."""
    require_proof(form, request.cookies.get(cookie_name(request, FORM_COOKIE), ""))
    wiring = wiring_of(request)
    try:
        opened = log_in_once(wiring.database, field(form, "kode")[:100], wiring.clock())
    except NotAllowed:
        return _refused(
            request,
            "/login/kode",
            "",
            pages_of(request).language(request).say("Koden er brugt, forkert eller for gammel. Bed om en ny."),
            "",
        )
    return _welcome(request, opened, "login.code")


@router.post("/logout")
def logout(reader: Reader, form: Form) -> Response:
    """End the session."""
    require_proof(form, reader.secret)
    log_out(reader.wiring.database, reader.secret, reader.wiring.clock())
    reader.log("logout")
    answer = RedirectResponse("/login", _SEE_OTHER)
    answer.delete_cookie(cookie_name(reader.request, SESSION_COOKIE), path="/")
    return answer


@router.post("/sprog")
def choose_language(request: Request, form: Form) -> Response:
    """Remember the reader's language, and go back to the page it was chosen on."""
    chosen = field(form, "sprog")
    came_from = urlsplit(request.headers.get("referer", "/"))
    back = came_from.path if came_from.path.startswith("/") and not came_from.path.startswith("//") else "/"
    answer = RedirectResponse(f"{back}?{came_from.query}" if came_from.query else back, _SEE_OTHER)
    if chosen in pages_of(request).languages:
        answer.set_cookie(LANGUAGE_COOKIE, chosen, max_age=365 * 86_400, path="/", httponly=True, samesite="lax")
    return answer


def _form(
    request: Request, action: str, *, code: str | None, problem: str = "", name: str = "", status: int = 200
) -> HTMLResponse:
    secret = new_secret()
    facts: dict[str, object] = {
        "action": action,
        "code": code,
        "problem": problem,
        "name": name,
        "proof": form_proof(secret),
    }
    answer = pages_of(request).answer(request, "login.html", facts, status=status)
    set_cookie(request, answer, FORM_COOKIE, secret)
    return answer


def _refused(request: Request, action: str, code: str | None, problem: str, name: str) -> HTMLResponse:
    """The form again; the attempt is logged, the name that was tried is not: it may be a password typed too early."""
    wiring_of(request).log_look(None, action[1:].replace("/", "."), address=address_of(request), result="refused")
    return _form(request, action, code=code, problem=problem, name=name, status=401)


def _welcome(request: Request, opened: Opened, action: str) -> Response:
    wiring_of(request).log_look(opened.user.visitor(), action, address=address_of(request), result="done")
    answer = RedirectResponse("/", _SEE_OTHER)
    set_cookie(request, answer, SESSION_COOKIE, opened.secret)
    answer.delete_cookie(cookie_name(request, FORM_COOKIE), path="/")
    return answer
