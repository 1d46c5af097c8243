"""What became of those on stored lists, over the API: figures of the token's districts, and nobody in them."""

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from service.api.requests import ListReader
from service.storage import lists, outcomes
from service.weekly.lists import ListHead
from service.weekly.outcome_days import POLICY, told_from
from service.weekly.outcome_report import left_out, rows

router: Final = APIRouter()

AsOf = Annotated[date | None, Query(description="Only the list of this date.", examples=["2026-10-19"])]
KnownAt = Annotated[date | None, Query(description="As it was known before this day.")]
Most = Annotated[int, Query(ge=1, le=200, description="At most so many lists.")]


class OutcomesSent(BaseModel):
    """Figures of lists, the newest first. A share is an object of `value`, `low` and `high`, its 95 % interval."""

    model_config = ConfigDict(frozen=True)
    policy: Annotated[str, Field(description="The label policy the admissions were counted by.")]
    outcomes: Annotated[
        tuple[dict[str, Any], ...],
        Field(description="`state` is `told` or `expected`; `district` null is all of the token's together."),
    ]
    hindsight: Annotated[
        tuple[dict[str, Any], ...],
        Field(description="Lists left out: the models they are by had learnt from what came after them."),
    ]


@router.get("/outcomes", summary="What became of those on the lists")
def outcomes_of_lists(call: ListReader, as_of: AsOf = None, known_at: KnownAt = None, limit: Most = 26) -> OutcomesSent:
    """By list and district what was realised once it is known, and before that what the scores make one expect.

    It holds no citizen, and of fewer than five together nothing is told.
    """
    with call.wiring.database.read() as session:
        every = [head for head in lists.list_heads(session, limit=500) if as_of in {None, head.as_of}][:limit]
        heads = [head for head in every if not head.hindsight]
        numbers, districts = [head.number for head in heads], call.visitor.districts
        told = outcomes.told(session, numbers, POLICY, districts=districts, known_by=known_at)
        open_lists = [number for number in numbers if number not in {place[0] for place in told}]
        figures = {**outcomes.expected(session, open_lists, districts), **told}
    call.log("outcomes.read")
    return OutcomesSent(
        policy=POLICY,
        outcomes=tuple(rows(heads, figures, _told_from, protected=True)),
        hindsight=tuple(left_out(head) for head in every if head.hindsight),
    )


def _told_from(head: ListHead) -> date:
    return told_from(head.as_of)
