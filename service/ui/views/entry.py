"""Logging in, by password, one-time code or identity provider, with a second factor, and out; choosing a language.

These are the views open to everyone.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from models.errors import NotAllowed
from service.audit import LookAction
from service.security.login import Half, Opened, log_in, log_in_once, log_out
from service.security.second_factor import finish as finish_half
from service.security.secrets import form_proof, new_secret
from service.ui.rendering import LANGUAGE_COOKIE, front_page
from service.ui.requests import (
    FORM_COOKIE,
    PROVIDER_COOKIE,
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
_ATTEMPTS: Final[Mapping[str, LookAction]] = {
    "/login": "login",
    "/login/kode": "login.kode",
    "/login/bekraeft": "login.bekraeft",
    "/login/oidc": "login.oidc",
}
"""What an attempt that failed is logged as, by the form it was made with."""


@router.get("/login")
def login_page(request: Request) -> HTMLResponse:
    """The form for name and password, and the way to the identity provider where there is one."""
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


@router.post("/login/bekraeft")
def second_factor(request: Request, form: Form) -> Response:
    """Open the session whose first factor was right, by a code of the app or a recovery code."""
    require_proof(form, request.cookies.get(cookie_name(request, FORM_COOKIE), ""))
    wiring, half = wiring_of(request), field(form, "halv")[:100]
    try:
        opened = finish_half(wiring.database, half, field(form, "faktor")[:100], wiring.clock())
    except NotAllowed:
        problem = pages_of(request).language(request).say("Koden passer ikke, eller der gik for lang tid.")
        _log_refusal(request, "/login/bekraeft")
        return _form(request, "/login/bekraeft", code=None, half=half, problem=problem, status=401)
    return _welcome(request, opened, "login.second_factor")


@router.get("/login/oidc")
def ask_provider(request: Request) -> Response:
    """To the identity provider, which is to say who it is."""
    from service.security import oidc  # noqa: PLC0415 - brings cryptography, for those who log in there

    secret = new_secret()
    answer = RedirectResponse(oidc.address_to_begin(wiring_of(request).settings, secret), _SEE_OTHER)
    set_cookie(request, answer, PROVIDER_COOKIE, secret)
    return answer


@router.get("/login/oidc/svar")
def answer_of_provider(request: Request) -> Response:
    """Back from the identity provider: open a session for whom it names."""
    from service.security import oidc  # noqa: PLC0415 - as above

    wiring, secret = wiring_of(request), request.cookies.get(cookie_name(request, PROVIDER_COOKIE), "")
    try:
        opened = oidc.finish(wiring.database, wiring.settings, secret, request.query_params, wiring.clock())
    except NotAllowed:
        _log_refusal(request, "/login/oidc")
        say = pages_of(request).language(request).say
        problem = say("Du kunne ikke logges ind. Har du ret til Omhu, så prøv igen eller spørg din administrator.")
        answer = _form(request, "/login", code=None, problem=problem, status=401)
    else:
        answer = _welcome(request, opened, "login.oidc")
    answer.delete_cookie(cookie_name(request, PROVIDER_COOKIE), path="/")
    return answer


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
    request: Request,
    action: str,
    *,
    code: str | None,
    half: str = "",
    problem: str = "",
    name: str = "",
    status: int = 200,
) -> HTMLResponse:
    secret = new_secret()
    settings = wiring_of(request).settings
    facts: dict[str, object] = {
        "action": action,
        "code": code,
        "half": half,
        "provider": bool(settings.oidc_issuer) and action == "/login",
        "problem": problem,
        "name": name,
        "proof": form_proof(secret),
    }
    answer = pages_of(request).answer(request, "login.html", facts, status=status)
    set_cookie(request, answer, FORM_COOKIE, secret)
    return answer


def _refused(request: Request, action: str, code: str | None, problem: str, name: str) -> HTMLResponse:
    """The form again; the attempt is logged, the name that was tried is not: it may be a password typed too early."""
    _log_refusal(request, action)
    return _form(request, action, code=code, problem=problem, name=name, status=401)


def _log_refusal(request: Request, action: str) -> None:
    wiring_of(request).log_look(None, _ATTEMPTS[action], address=address_of(request), result="refused")


def _welcome(request: Request, opened: Opened | Half, action: LookAction) -> Response:
    if isinstance(opened, Half):
        return _form(request, "/login/bekraeft", code=None, half=opened.secret)
    wiring_of(request).log_look(opened.user.visitor(), action, address=address_of(request), result="done")
    answer = RedirectResponse(front_page(opened.user.visitor()), _SEE_OTHER)
    set_cookie(request, answer, SESSION_COOKIE, opened.secret)
    answer.delete_cookie(cookie_name(request, FORM_COOKIE), path="/")
    return answer
