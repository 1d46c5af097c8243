"""What a view may ask of its request: the running service, who is logged in, and forms that are really theirs.

A view without `Reader` is open to everyone; a test walks all of them and knows the few that may be.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Path
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from models.errors import RequestWrong
from service.audit import LookAction
from service.errors import Forged, Unauthenticated
from service.security.login import LONGEST, note_use, session_of
from service.security.rights import Visitor
from service.security.second_factor import EnrolFirst, lacks_factor
from service.security.secrets import form_proof, proves
from service.ui.language import Language
from service.ui.rendering import Pages
from service.wiring import Wiring

SESSION_COOKIE: Final = "omhu"
FORM_COOKIE: Final = "omhu_form"
PROVIDER_COOKIE: Final = "omhu_oidc"
_MOST_FIELDS: Final = 20
_LONGEST_FIELD: Final = 64 * 1024
_TO_ENROL: Final = frozenset({"/konto", "/konto/faktor", "/konto/faktor/bekraeft", "/logout"})
"""All that one may open who must have a second factor and has none."""
Number = Annotated[int, Path(ge=0, le=2**31 - 1)]
"""A row's number in an address; one that no store could hold is no such row, and no error of the store's."""


def wiring_of(request: Request) -> Wiring:
    """The running service."""
    return request.state.wiring


def pages_of(request: Request) -> Pages:
    """The templates."""
    return request.app.state.pages


def address_of(request: Request) -> str:
    """The network address a request came from, for the look-up log."""
    return request.client.host if request.client else ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One request of somebody who is logged in, and all a view needs to answer it."""

    request: Request
    wiring: Wiring
    visitor: Visitor
    secret: str

    @property
    def language(self) -> Language:
        """The reader's language."""
        return pages_of(self.request).language(self.request)

    def page(self, template: str, facts: dict[str, object], *, here: str = "", status: int = 200) -> HTMLResponse:
        """The page as an answer."""
        proof = form_proof(self.secret)
        pages = pages_of(self.request)
        return pages.answer(self.request, template, facts, visitor=self.visitor, proof=proof, here=here, status=status)

    def log(self, action: LookAction, *, citizens: tuple[int, ...] = (), search: str = "") -> None:
        """Write to the look-up log what the answer is about to show."""
        self.wiring.log_look(self.visitor, action, address=address_of(self.request), citizens=citizens, search=search)


def reading(request: Request) -> Reading:
    """The request with the session behind it; raises `Unauthenticated` where there is none in force."""
    wiring = wiring_of(request)
    secret = request.cookies.get(cookie_name(request, SESSION_COOKIE), "")
    if not secret:
        raise Unauthenticated("Nobody is logged in.", "Log in.")
    with wiring.database.read() as session:
        found = session_of(session, secret, wiring.clock())
        if found is None:
            raise Unauthenticated("Nobody is logged in, or it was too long ago.", "Log in.")
        visitor = wiring.allowed(session, found.user.visitor())
        must_enrol = lacks_factor(session, wiring.settings, found.user)
    note_use(wiring.database, found, wiring.clock())
    if must_enrol and request.url.path not in _TO_ENROL:
        raise EnrolFirst("A second factor is required here.", "Enrol one: /konto.")
    request.state.visitor = visitor  # the error page logs a refusal under the name of who was refused
    return Reading(request, wiring, visitor, secret)


Reader = Annotated[Reading, Depends(reading)]


async def read_form(request: Request) -> FormData:
    """The fields of a sent form; raises `Forged` when the browser says that it comes from another site."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Forged("The form came from another site.", "Open the page again and repeat.")
    form = await request.form(max_files=0, max_fields=_MOST_FIELDS, max_part_size=_LONGEST_FIELD)
    if any("\0" in str(part) for item in form.multi_items() for part in item):
        raise RequestWrong("A field holds what no keyboard sends.", "Write it again.")  # PostgreSQL chokes on it
    return form


Form = Annotated[FormData, Depends(read_form)]


def field(form: FormData, name: str) -> str:
    """The text of a field, empty where it is missing."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def require_proof(form: FormData, secret: str) -> None:
    """Raise `Forged` unless the form was made for the holder of the secret."""
    if not secret or not proves(field(form, "bevis"), secret):
        raise Forged("The form is not one of this session.", "Open the page again and repeat.")


def cookie_name(request: Request, name: str) -> str:
    """Behind TLS with the prefix that keeps a cookie to this host alone."""
    return f"__Host-{name}" if request.url.scheme == "https" else name


def set_cookie(request: Request, answer: Response, name: str, value: str) -> None:
    """Give the browser a secret that no script can read and no other site can send."""
    answer.set_cookie(
        cookie_name(request, name),
        value,
        max_age=int(LONGEST.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict" if name == FORM_COOKIE else "lax",  # lax: sent when a link or the provider leads here
    )
