"""The reader's own account: the second factor, enrolled, shown to work, and removed."""

from io import BytesIO
from typing import Final

import segno
from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from models.errors import NotAllowed, RequestWrong
from service.security import second_factor
from service.security.codes import enrolment_address
from service.storage import users
from service.ui.requests import Form, Reader, Reading, field, require_proof

router: Final = APIRouter()
_SEE_OTHER: Final = 303
_UNPROCESSABLE: Final = 422


@router.get("/konto")
def account(reader: Reader) -> Response:
    """What the reader may see and do, and whether a second factor is in use."""
    return _shown(reader)


@router.post("/konto/faktor")
def enrol(reader: Reader, form: Form) -> Response:
    """Show a new secret as a QR code and as text."""
    require_proof(form, reader.secret)
    secret = second_factor.enrol(reader.wiring.database, reader.visitor.number)
    reader.log("second_factor.enrol")
    return _shown(reader, secret=secret)


@router.post("/konto/faktor/bekraeft")
def confirm(reader: Reader, form: Form) -> Response:
    """Let the secret count once a code from it is typed, and show the recovery codes this once."""
    require_proof(form, reader.secret)
    wiring = reader.wiring
    try:
        recovery = second_factor.confirm(wiring.database, reader.visitor.number, field(form, "faktor"), wiring.clock())
    except RequestWrong:
        problem = reader.language.say("Koden passer ikke til den seneste QR-kode. Begynd forfra, og prøv den nye.")
        return _shown(reader, problem=problem, status=_UNPROCESSABLE)
    reader.log("second_factor.confirm")
    return _shown(reader, recovery=recovery)


@router.post("/konto/faktor/fjern")
def remove(reader: Reader, form: Form) -> Response:
    """Do without a second factor again; needs a code from it."""
    require_proof(form, reader.secret)
    wiring = reader.wiring
    try:
        second_factor.remove(wiring.database, reader.visitor.number, field(form, "faktor"), wiring.clock())
    except NotAllowed:
        return _shown(reader, problem=reader.language.say("Koden passer ikke."), status=_UNPROCESSABLE)
    reader.log("second_factor.remove")
    return RedirectResponse("/konto", _SEE_OTHER)


def _shown(
    reader: Reading,
    *,
    secret: str = "",
    recovery: tuple[str, ...] = (),
    problem: str = "",
    status: int = 200,
) -> Response:
    with reader.wiring.database.read() as session:
        in_use = second_factor.is_needed(session, reader.visitor.number)
        user = users.user_of(session, reader.visitor.number)
        required = second_factor.lacks_factor(session, reader.wiring.settings, user)
    facts: dict[str, object] = {
        "in_use": in_use,
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "square": _square(enrolment_address(secret, reader.visitor.name)) if secret else "",
        "recovery": recovery,
        "problem": problem,
        "required": required,
    }
    return reader.page("account.html", facts, status=status)


def _square(text: str) -> Markup:
    """A QR code as inline SVG, without a style of its own: the policy forbids those."""
    drawn = BytesIO()
    segno.make(text, error="m").save(
        drawn, kind="svg", xmldecl=False, svgns=False, omitsize=True, svgclass="qr", lineclass=None, border=4
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704 - made of squares by the line above
