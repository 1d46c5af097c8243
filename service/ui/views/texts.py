"""Pages of words: what the list is and is not, and the accessibility statement."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.clock import danish_date
from service.storage import lists
from service.ui.requests import Reader, pages_of

router: Final = APIRouter()


@router.get("/om")
def about(reader: Reader) -> Response:
    """What the list is and is not, and what this week's was made with."""
    with reader.wiring.database.read() as session:
        head = lists.latest_list(session, reader.wiring.today())
    facts: dict[str, object] = {
        "head": head,
        "made": reader.language.long_date(danish_date(head.made_at)) if head else "",
        "data_until": reader.language.day_and_clock(head.data_until) if head else "",
    }
    return reader.page("about.html", facts, here="about")


@router.get("/tilgaengelighed")
def accessibility(request: Request) -> Response:
    """The accessibility statement, open to everyone."""
    return pages_of(request).answer(request, "accessibility.html", {})
