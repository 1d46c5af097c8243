"""The data scientist's page: the newest list by pseudonymous keys, with no name, no note and nobody's own id."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from service.security.rights import Permission
from service.storage import lists
from service.ui.facts import chosen_list
from service.ui.presenters import wording
from service.ui.requests import Reader
from service.ui.selection import Selection

router: Final = APIRouter()


@router.get("/pseudonymer")
def pseudonyms(reader: Reader) -> Response:
    """Keys, scores and which feature groups spoke for them; never the words of a reason or a quote."""
    reader.visitor.require(Permission.SEE_PSEUDONYMS)
    chosen = Selection.read(reader.request.query_params)
    with reader.wiring.database.read() as session:
        head = chosen_list(session, reader, chosen)
        districts, teams = reader.visitor.chosen(chosen.district), reader.visitor.teams
        entries = lists.entries(session, head.number, districts, teams=teams) if head else ()
    reader.log("pseudonyms.view", citizens=tuple(e.citizen for e in entries), search=chosen.address("/pseudonymer"))
    rows = [
        (
            entry.citizen,
            entry.district,
            entry.rank or "",
            f"{entry.probability:.4f}" if entry.probability is not None else "",
            wording.band_word(reader.language, entry.band) if entry.band else "",
            wording.status_word(reader.language, entry.status),
            ", ".join(reason.group for reason in entry.reasons),
        )
        for entry in entries
    ]
    facts: dict[str, object] = {
        "head": head,
        "day": reader.language.long_date(head.as_of) if head else "",
        "rows": rows,
    }
    return reader.page("pseudonyms.html", facts, here="pseudonyms")
