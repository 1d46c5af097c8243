"""The leader's follow-up: figures of her own districts, and nobody in them."""

from collections.abc import Iterable
from datetime import date
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
    districts, own = sorted(reader.visitor.chosen(chosen.district)), sorted(reader.visitor.districts)
    today = reader.wiring.today()
    heads = _one_of_each_date(head for head in lists.list_heads(session, limit=2 * WEEKS) if head.as_of <= today)
    numbers = [head.number for head in heads]
    foretelling = [head.number for head in heads if not head.hindsight]
    told = outcomes.told(session, foretelling, POLICY, districts=own)
    too_young = [number for number in foretelling if number not in {place[0] for place in told}]
    return LeaderFacts(
        heads=heads,
        work=work(heads, lists.listed(session, numbers, districts), reviews.reviews_since(session, numbers)),
        figures={**outcomes.expected(session, too_young, own), **told},
        districts=districts,
        own_districts=own,
        today=today,
    )


def _one_of_each_date(newest_first: Iterable[ListHead]) -> list[ListHead]:
    """Of each of the last weeks the list made last, one in hindsight only where there is no other; oldest first."""
    found: dict[date, ListHead] = {}
    for head in sorted(newest_first, key=lambda head: head.hindsight):
        found.setdefault(head.as_of, head)
    return sorted(found.values(), key=lambda head: head.as_of)[-WEEKS:]
