"""Stored reviews: added, taken back, read by list and by citizen."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import RowMapping, insert, or_, select, update

from models.errors import NotFound
from service.lists import ListHead, ListId
from service.reviews import Action, Draft, Review
from service.storage.database import ReadSession, WriteSession
from service.storage.list_tables import REVIEWS
from service.storage.times import moment, moment_or_none, stored


def add_review(session: WriteSession, citizen: int, number: ListId, user: int, draft: Draft, at: datetime) -> int:
    """Store a review of a citizen on a list and give its number."""
    row = {
        "citizen": citizen,
        "list_id": number,
        "user_id": user,
        "made_at": stored(at),
        "action": draft.action.value,
        "grounds": draft.grounds.strip(),
        "comment": draft.comment.strip(),
        "snoozed_until": draft.snoozed_until.isoformat() if draft.snoozed_until else None,
    }
    return session.scalars(insert(REVIEWS).returning(REVIEWS.c.review_id), row).one()


def undo_review(session: WriteSession, number: int, citizen: int, user: int, at: datetime) -> None:
    """Take back a review of the citizen. Raises `NotFound` when there is none of that number, or it was taken back."""
    undone = (
        update(REVIEWS)
        .where(REVIEWS.c.review_id == number, REVIEWS.c.citizen == citizen, REVIEWS.c.undone_at.is_(None))
        .values(undone_at=stored(at), undone_by=user)
    )
    if session.execute(undone).rowcount == 0:
        raise NotFound("There is no such review to undo.")


def reviews_of_list(
    session: ReadSession, head: ListHead, citizens: Collection[int]
) -> Mapping[int, tuple[Review, ...]]:
    """Of each citizen the reviews made on this list, and earlier ones that still snooze on its date; oldest first."""
    snoozing = REVIEWS.c.snoozed_until > head.as_of.isoformat()
    asked = (
        select(REVIEWS)
        .where(or_(REVIEWS.c.list_id == head.number, snoozing), REVIEWS.c.citizen.in_(sorted(citizens)))
        .order_by(REVIEWS.c.review_id)
    )
    found: dict[int, tuple[Review, ...]] = {}
    for row in session.execute(asked).mappings():
        found[row["citizen"]] = (*found.get(row["citizen"], ()), _review(row))
    return found


def reviews_of(session: ReadSession, citizen: int) -> tuple[Review, ...]:
    """All reviews of a citizen, newest first, taken-back ones too."""
    asked = select(REVIEWS).where(REVIEWS.c.citizen == citizen).order_by(REVIEWS.c.review_id.desc())
    return tuple(_review(row) for row in session.execute(asked).mappings())


def _review(row: RowMapping) -> Review:
    until: str | None = row["snoozed_until"]
    draft = Draft(
        action=Action(row["action"]),
        grounds=row["grounds"],
        comment=row["comment"],
        snoozed_until=date.fromisoformat(until) if until else None,
    )
    return Review(
        number=row["review_id"],
        citizen=row["citizen"],
        list_number=ListId(row["list_id"]),
        user=row["user_id"],
        made_at=moment(row["made_at"]),
        draft=draft,
        undone_at=moment_or_none(row["undone_at"]),
    )
