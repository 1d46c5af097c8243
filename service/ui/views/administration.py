"""The administrator's pages: users and their sessions, capacity, and the legal switch. No citizen is on any of them."""

from datetime import date
from typing import Final

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from models.errors import RequestWrong
from service.audit import LookAction
from service.legal import LegalBasis, Purpose
from service.security import second_factor
from service.security.login import IDLE, LONGEST, one_time_code
from service.security.rights import Permission, Role
from service.storage import capacities, legal, second_factors, sessions, users
from service.ui.presenters.administration import basis_rows, purpose_word, role_word, session_rows, user_rows
from service.ui.requests import Form, Number, Reader, Reading, field, require_proof

router: Final = APIRouter()
_SEE_OTHER: Final = 303
_UNPROCESSABLE: Final = 422


@router.get("/administration")
def everyone(reader: Reader) -> Response:
    """Who may log in, with which rights."""
    _require(reader)
    return _users(reader)


@router.post("/administration/brugere")
def add(reader: Reader, form: Form) -> Response:
    """Add a user, who gets in by the one-time address shown once on the answer."""
    _require(reader, form)
    name = field(form, "navn").strip()[:100]
    try:
        role, districts, teams = _rights(form)
        if not name:
            raise RequestWrong("A user needs a name.")  # noqa: TRY301 - one answer for every fault of the form
        with reader.wiring.database.write() as session:
            users.add_user(session, name, role, districts, None, reader.wiring.clock(), teams=teams)
    except (RequestWrong, ValueError):
        say = reader.language.say
        problem = say(
            "Brugeren kunne ikke oprettes. Navnet skal være nyt, og sygeplejersker og ledere skal have et distrikt."
        )
        return _users(reader, problem=problem, form=form, status=_UNPROCESSABLE)
    _log(reader, "user.add", name)
    return _users(reader, address=_one_time_address(reader, name), name=name)


@router.post("/administration/brugere/{number}/rettigheder")
def change(reader: Reader, number: Number, form: Form) -> Response:
    """Replace a user's role, districts and teams."""
    _require(reader, form)
    try:
        role, districts, teams = _rights(form)
    except (RequestWrong, ValueError):
        problem = reader.language.say(
            "Rettighederne kunne ikke gemmes. Sygeplejersker og ledere skal have et distrikt."
        )
        return _users(reader, problem=problem, status=_UNPROCESSABLE)
    with reader.wiring.database.write() as session:
        name = users.user_of(session, number).name
        users.set_rights(session, number, role, districts, teams)
    _log(reader, "user.rights", name)
    return RedirectResponse("/administration", _SEE_OTHER)


@router.post("/administration/brugere/{number}/nulstil")
def reset(reader: Reader, number: Number, form: Form) -> Response:
    """End a user's sessions, forget the second factor, and show a one-time address to get in by."""
    _require(reader, form)
    with reader.wiring.database.write() as session:
        name = users.user_of(session, number).name
        second_factor.reset(session, number, reader.wiring.clock())
        users.count_failure(session, number, 0, None)
    _log(reader, "user.reset", name)
    return _users(reader, address=_one_time_address(reader, name), name=name)


@router.post("/administration/brugere/{number}/afslut")
def end(reader: Reader, number: Number, form: Form) -> Response:
    """End an account for good. One's own stays: somebody must be left to administer."""
    _require(reader, form)
    if number == reader.visitor.number:
        problem = reader.language.say("Du kan ikke afslutte din egen konto.")
        return _users(reader, problem=problem, status=_UNPROCESSABLE)
    with reader.wiring.database.write() as session:
        name = users.user_of(session, number).name
        users.end_user(session, name, reader.wiring.clock())
    _log(reader, "user.end", name)
    return RedirectResponse("/administration", _SEE_OTHER)


@router.get("/administration/sessioner")
def open_sessions(reader: Reader) -> Response:
    """Who is logged in now."""
    _require(reader)
    now = reader.wiring.clock()
    with reader.wiring.database.read() as session:
        found = sessions.open_sessions(session, now - IDLE, now - LONGEST)
    rows = session_rows(reader.language, found)
    return reader.page("admin_sessions.html", {"sessions": rows}, here="sessions")


@router.post("/administration/sessioner/afslut")
def end_session(reader: Reader, form: Form) -> Response:
    """End one session, at once."""
    _require(reader, form)
    with reader.wiring.database.write() as session:
        sessions.end_session(session, field(form, "session"), reader.wiring.clock())
    _log(reader, "session.end", "")
    return RedirectResponse("/administration/sessioner", _SEE_OTHER)


@router.get("/administration/kapacitet")
def capacity(reader: Reader) -> Response:
    """How many citizens each district's nurses can go through in a week."""
    _require(reader)
    return _capacities(reader)


@router.post("/administration/kapacitet")
def set_capacity(reader: Reader, form: Form) -> Response:
    """Set a district's capacity, from the next list on."""
    _require(reader, form)
    district, number = field(form, "distrikt").strip()[:100], field(form, "antal").strip()
    if not district or not number.isascii() or not number.isdigit() or int(number) > 100_000:
        problem = reader.language.say("Skriv et distrikt og et helt antal borgere.")
        return _capacities(reader, problem=problem, status=_UNPROCESSABLE)
    with reader.wiring.database.write() as session:
        capacities.set_capacity(session, district, int(number))
    _log(reader, "capacity.set", f"{district}: {number}")
    return RedirectResponse("/administration/kapacitet", _SEE_OTHER)


@router.get("/administration/hjemmel")
def bases(reader: Reader) -> Response:
    """The legal switch: what is on record, and what holds today."""
    _require(reader)
    return _bases(reader)


@router.post("/administration/hjemmel")
def set_basis(reader: Reader, form: Form) -> Response:
    """Put a legal basis on record."""
    _require(reader, form)
    try:
        entry = LegalBasis(
            purpose=Purpose(field(form, "formaal")),
            basis=field(form, "grundlag").strip()[:1000],
            document=field(form, "dokument").strip()[:200],
            valid_from=date.fromisoformat(field(form, "fra")),
            valid_to=date.fromisoformat(field(form, "til")) if field(form, "til") else None,
            set_by=reader.visitor.name,
            set_at=reader.wiring.clock(),
        )
    except (RequestWrong, ValueError):
        problem = reader.language.say(
            "Skriv grundlag, dokument og en første dag. En sidste dag skal ligge efter den første."
        )
        return _bases(reader, problem=problem, form=form, status=_UNPROCESSABLE)
    with reader.wiring.database.write() as session:
        legal.add(session, entry)
    _log(reader, "legal.set", f"{entry.purpose.value} {entry.valid_from} {entry.valid_to or ''}".strip())
    return RedirectResponse("/administration/hjemmel", _SEE_OTHER)


def _require(reader: Reading, form: FormData | None = None) -> None:
    reader.visitor.require(Permission.MANAGE)
    if form is not None:
        require_proof(form, reader.secret)


def _log(reader: Reading, action: LookAction, what: str) -> None:
    reader.log(action, search=what)


def _rights(form: FormData) -> tuple[Role, list[str], list[str]]:
    """Role, districts and teams as filled in. Raises `ValueError`, or `RequestWrong` for a nurse of no district."""
    role, districts = Role(field(form, "rolle")), _several(field(form, "distrikter"))
    if role in {Role.NURSE, Role.LEADER} and not districts:
        raise RequestWrong(f"A {role.value} without a district would see nothing.")
    return role, districts, _several(field(form, "teams"))


def _several(text: str) -> list[str]:
    return [one.strip()[:100] for one in text.split(",") if one.strip()]


def _one_time_address(reader: Reading, name: str) -> str:
    code = one_time_code(reader.wiring.database, name, reader.wiring.clock())
    return f"{str(reader.request.base_url).rstrip('/')}/login/kode?kode={code}"


def _users(
    reader: Reading,
    *,
    problem: str = "",
    address: str = "",
    name: str = "",
    form: FormData | None = None,
    status: int = 200,
) -> Response:
    with reader.wiring.database.read() as session:
        found, factors = users.every_user(session), second_factors.with_factor(session)
    facts: dict[str, object] = {
        "users": user_rows(reader.language, found, factors, reader.wiring.clock()),
        "roles": [(role.value, role_word(reader.language, role)) for role in Role],
        "own": reader.visitor.number,
        "problem": problem,
        "address": address,
        "name": name,
        "draft": {one: field(form, one) if form else "" for one in ("navn", "rolle", "distrikter", "teams")},
    }
    return reader.page("admin_users.html", facts, here="users", status=status)


def _capacities(reader: Reading, *, problem: str = "", status: int = 200) -> Response:
    with reader.wiring.database.read() as session:
        stored = capacities.capacities(session)
    facts: dict[str, object] = {
        "capacities": sorted(stored.items()),
        "default": capacities.DEFAULT_CAPACITY,
        "problem": problem,
    }
    return reader.page("admin_capacity.html", facts, here="capacity", status=status)


def _bases(reader: Reading, *, problem: str = "", form: FormData | None = None, status: int = 200) -> Response:
    with reader.wiring.database.read() as session:
        entries = legal.entries(session)
    facts: dict[str, object] = {
        "bases": basis_rows(reader.language, entries, reader.wiring.today()),
        "purposes": [(one.value, purpose_word(reader.language, one)) for one in Purpose],
        "problem": problem,
        "draft": {one: field(form, one) if form else "" for one in ("formaal", "grundlag", "dokument", "fra", "til")},
    }
    return reader.page("admin_legal.html", facts, here="legal", status=status)
