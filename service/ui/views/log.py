"""The auditor's pages: the look-up log searched, verified and taken out. Citizens are keys; each use is logged."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Final

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import Response, StreamingResponse

from models.errors import NotFound
from service.audit import first_broken
from service.security.rights import Permission
from service.storage import audit, identities, users
from service.storage.audit import Search
from service.storage.database import ReadSession
from service.ui.presenters.log import log_rows
from service.ui.presenters.looks import action_words
from service.ui.requests import Form, Reader, Reading, field, require_proof
from service.wiring import Wiring

router: Final = APIRouter()
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class _Asked:
    """A search as filled in: `found` is False when it names a user or a citizen there is none of."""

    search: Search
    found: bool


@router.get("/log")
def newest(reader: Reader) -> Response:
    """The newest records."""
    reader.visitor.require(Permission.READ_LOG)
    return _shown(reader, _Asked(Search(), found=True))


@router.post("/log")
def search(reader: Reader, form: Form) -> Response:
    """The records asked for. By form and not by address: a citizen's own id must not stand in one."""
    reader.visitor.require(Permission.READ_LOG)
    require_proof(form, reader.secret)
    with reader.wiring.database.read() as session:
        asked = _asked(session, form)
    return _shown(reader, asked, form)


@router.post("/log/efterproev")
def verify(reader: Reader, form: Form) -> Response:
    """Recompute the whole chain, and tell what came of it."""
    reader.visitor.require(Permission.READ_LOG)
    require_proof(form, reader.secret)
    with reader.wiring.database.read() as session:
        broken, last = first_broken(audit.records(session), audit.start(session)), audit.last(session)
    say = reader.language.say
    if broken is not None:
        verdict = say(
            "Kæden er brudt ved nummer %(number)s. Sammenlign med en kopi, der er gemt et andet sted.", number=broken
        )
    else:
        verdict = (
            say("Kæden er hel til og med nummer %(number)s: %(hash)s", number=last.number, hash=last.hash)
            if last
            else ""
        )
    reader.log("log.verify")
    return _shown(reader, _Asked(Search(), found=True), verdict=verdict, whole=broken is None)


@router.post("/log/udtraek")
def export(reader: Reader, form: Form) -> Response:
    """The whole log as JSON lines."""
    reader.visitor.require(Permission.READ_LOG)
    require_proof(form, reader.secret)
    reader.log("log.export")
    headers = {"Content-Disposition": 'attachment; filename="log.jsonl"'}
    return StreamingResponse(_lines(reader.wiring), media_type="application/x-ndjson", headers=headers)


def _lines(wiring: Wiring) -> Iterator[str]:
    with wiring.database.read() as session:
        for record in audit.records(session):
            yield json.dumps(asdict(record), default=str, ensure_ascii=False) + "\n"


def _asked(session: ReadSession, form: FormData) -> _Asked:
    name, citizen_id, before = (field(form, one).strip() for one in ("bruger", "borger", "foer"))
    number = users.number_called(session, name) if name else None
    citizen: int | None = None
    found = not name or number is not None
    if citizen_id:
        try:
            citizen = identities.key_of(session, citizen_id)
        except NotFound:
            found = False
    asked = Search(
        actor=f"user:{number}" if number is not None else "",
        action=field(form, "handling").strip()[:50],
        refused=bool(field(form, "afvist")),
        citizen=citizen,
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None,
    )
    return _Asked(asked, found)


def _shown(
    reader: Reading, asked: _Asked, form: FormData | None = None, *, verdict: str = "", whole: bool = True
) -> Response:
    with reader.wiring.database.read() as session:
        records = audit.search(session, asked.search, _MOST) if asked.found else ()
        actors = [record.look.actor for record in records]
        names = users.names_of(session, [int(one[5:]) for one in actors if one.startswith("user:")])
    looked_for = (asked.search.citizen,) if asked.search.citizen is not None else ()
    reader.log("log.view", citizens=looked_for, search=asked.search.told())
    drafted = ("bruger", "borger", "handling", "afvist")
    facts: dict[str, object] = {
        "actions": action_words(reader.language),
        "records": log_rows(reader.language, records, names),
        "older": records[-1].number if len(records) == _MOST else None,
        "draft": {one: field(form, one) if form else "" for one in drafted},
        "verdict": verdict,
        "whole": whole,
    }
    return reader.page("log.html", facts, here="log")
