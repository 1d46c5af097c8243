"""The leader's follow-up: figures of her own districts, and nobody in them."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from service.security.rights import Permission
from service.storage import lists, outcomes, reviews
from service.storage.database import ReadSession
from service.ui.presenters.leader import WEEKS, LeaderFacts, leader_page
from service.ui.requests import Reader, Reading
from service.ui.selection import Selection
from service.weekly.follow_up import work
from service.weekly.lists import ListHead
from service.weekly.outcome_days import POLICY

router: Final = APIRouter()


@router.get("/opfolgning")
def follow_up(reader: Reader) -> Response:
    """What was seen in time, what was done, and what happened to those on the lists."""
    reader.visitor.require(Permission.FOLLOW_UP)
    chosen = Selection.read(reader.request.query_params)
    with reader.wiring.database.read() as session:
        facts = _facts(session, reader, chosen)
    reader.log("follow_up.view", search=chosen.address("/opfolgning"))
    page = leader_page(reader.language, facts, chosen)
    return reader.page("leader.html", {"page": page, "has_lists": bool(facts.heads)}, here="leader")


def _facts(session: ReadSession, reader: Reading, chosen: Selection) -> LeaderFacts:
    districts, today = sorted(reader.visitor.chosen(chosen.district)), reader.wiring.today()
    newest_of_date: dict[object, ListHead] = {}
    for head in lists.list_heads(session, limit=2 * WEEKS):
        if head.as_of <= today:
            newest_of_date.setdefault(head.as_of, head)
    heads = sorted(newest_of_date.values(), key=lambda head: head.as_of)[-WEEKS:]
    numbers = [head.number for head in heads]
    told = outcomes.told(session, numbers, POLICY, districts=districts)
    too_young = [number for number in numbers if number not in {place[0] for place in told}]
    return LeaderFacts(
        heads=heads,
        work=work(heads, lists.listed(session, numbers, districts), reviews.reviews_since(session, numbers)),
        figures={**outcomes.expected(session, too_young, districts), **told},
        districts=districts,
        own_districts=sorted(reader.visitor.districts),
        today=today,
    )
