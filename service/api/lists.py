"""Lists and scores over the API, within the token's districts."""

from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query
from starlette.requests import Request

from models.errors import NotFound
from service.api.contracts import CountsSent, EntrySent, HeadSent, ListSent, ListsSent, ScoreSent, ScoresSent
from service.api.requests import Call, ListReader, ScoreReader
from service.storage import lists
from service.storage.database import ReadSession
from service.weekly.lists import ListHead

router: Final = APIRouter()

AsOf = Annotated[date, Path(description="The list's as-of date.", examples=["2026-11-23"])]
Most = Annotated[int, Query(ge=1, le=500, description="At most so many.")]
Whole = Annotated[bool, Query(description="Also who is ranked below the capacity, or not ranked.")]
Key = Annotated[int, Path(ge=0, le=2**63 - 1, description="Pseudonymous key.", examples=[10412])]


@router.get("/lists", summary="The lists there are")
def every_list(call: ListReader, limit: Most = 52) -> ListsSent:
    """The lists that may be shown, newest first. It holds no citizen."""
    with call.wiring.database.read() as session:
        heads = lists.list_heads(session, limit=limit)
    return ListsSent(lists=tuple(HeadSent.of(head) for head in heads))


@router.get("/lists/latest", summary="The newest list")
def latest_list(call: ListReader, request: Request, whole: Whole = False) -> ListSent:
    """The newest list in the token's districts: those shown, or everyone."""
    with call.wiring.database.read() as session:
        head = lists.latest_list(session, call.wiring.today())
        if head is None:
            raise NotFound("There is no list yet.")
        sent = _list_sent(session, call, head, whole=whole)
    return _logged(call, request, sent)


@router.get("/lists/{as_of}", summary="The list of a date")
def list_of_date(call: ListReader, request: Request, as_of: AsOf, whole: Whole = False) -> ListSent:
    """The list of this date in the token's districts: those shown, or everyone."""
    with call.wiring.database.read() as session:
        head = lists.find_list(session, as_of)
        if head is None:
            raise NotFound("There is no list of that date.", "GET /api/v1/lists names those there are.")
        sent = _list_sent(session, call, head, whole=whole)
    return _logged(call, request, sent)


@router.get("/citizens/{citizen}/scores", summary="One citizen on the newest lists")
def scores_of_citizen(call: ScoreReader, request: Request, citizen: Key, limit: Most = 26) -> ScoresSent:
    """How one citizen stood on the newest lists. 404 when the citizen is in none of the token's districts."""
    with call.wiring.database.read() as session:
        scores = lists.scores_of(session, citizen, limit=limit)
    try:
        if not scores:
            raise NotFound("There is no such citizen among those you may see.")  # noqa: TRY301 - one answer for both
        call.visitor.require_reach(scores[0].entry.district, scores[0].entry.team)
    except NotFound:
        call.refused(request.url.path)
        raise
    call.log("scores.read", citizens=(citizen,))
    return ScoresSent(citizen=citizen, scores=tuple(ScoreSent.of_score(score) for score in scores))


def _list_sent(session: ReadSession, call: Call, head: ListHead, *, whole: bool) -> ListSent:
    districts, teams = call.visitor.districts, call.visitor.teams
    entries = lists.entries(session, head.number, districts, shown=None if whole else True, teams=teams)
    return ListSent(
        **HeadSent.of(head).model_dump(),
        districts=tuple(CountsSent.of(counts) for counts in lists.counts(session, head.number, districts, teams=teams)),
        entries=tuple(EntrySent.of(entry) for entry in entries),
    )


def _logged(call: Call, request: Request, sent: ListSent) -> ListSent:
    citizens = tuple(entry.citizen for entry in sent.entries)
    call.log("list.read", citizens=citizens, search=request.url.path)
    return sent
