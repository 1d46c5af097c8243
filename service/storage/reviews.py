"""Stored reviews: added, taken back, read by list and by citizen; and whom a citizen can be handed over to."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Select,
    Table,
    Text,
    func,
    insert,
    or_,
    select,
    update,
)

from models.errors import NotFound
from service.security.rights import Permission, Visitor
from service.storage.access_tables import USERS
from service.storage.database import ReadSession, WriteSession
from service.storage.keys import among
from service.storage.list_tables import CITIZEN_REFERENCES, LISTS, REVIEWS
from service.storage.persons import keys_of
from service.storage.tables import METADATA
from service.storage.times import moment, moment_or_none, stored
from service.storage.users import User, read_user
from service.weekly.lists import Entry, ListHead, ListId
from service.weekly.reviews import Action, Draft, HandOver, Overtaken, Review

HAND_OVERS: Final = Table(
    "hand_overs",
    METADATA,
    Column("review_id", Integer, ForeignKey("reviews.review_id", ondelete="CASCADE"), primary_key=True),
    Column("citizen", Integer, nullable=False),
    Column("to_user", Integer, nullable=False),
    Column("until", Text, nullable=False),
)
Index("hand_overs_citizen", HAND_OVERS.c.citizen)
Index("hand_overs_to_user", HAND_OVERS.c.to_user)


def add_review(
    session: WriteSession,
    citizen: int,
    number: ListId,
    user: int,
    draft: Draft,
    at: datetime,
    *,
    after: int | None = None,
) -> int:
    """Store a review of a citizen on a list and give its number.

    `after` is the newest one its maker saw on that list, 0 for none; raises `Overtaken` when there is a newer one.
    """
    if after is not None:
        _require_newest(session, citizen, number, after)
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
    review = session.scalars(insert(REVIEWS).returning(REVIEWS.c.review_id), row).one()
    if handed := draft.hand_over:
        to = {"review_id": review, "citizen": citizen, "to_user": handed.to_user, "until": handed.until.isoformat()}
        session.execute(insert(HAND_OVERS), to)
    return review


def _require_newest(session: WriteSession, citizen: int, number: ListId, after: int) -> None:
    # Two reviews of one citizen wait for each other here, or both would find nobody before them.
    person = select(CITIZEN_REFERENCES.c.citizen).where(CITIZEN_REFERENCES.c.citizen == citizen)
    session.execute(person.with_for_update())
    mine = REVIEWS.c.citizen.in_(keys_of(session, citizen))
    newest = session.scalar(select(func.max(REVIEWS.c.review_id)).where(mine, REVIEWS.c.list_id == number))
    if (newest or 0) != after:
        raise Overtaken("A colleague has reviewed the citizen in the meantime.", "Look at the citizen's page again.")


def undo_review(session: WriteSession, number: int, citizen: int, user: int, at: datetime) -> None:
    """Take back a review of the citizen. Raises `NotFound` when there is none of that number, or it was taken back."""
    undone = (
        update(REVIEWS)
        .where(
            REVIEWS.c.review_id == number,
            REVIEWS.c.citizen.in_(keys_of(session, citizen)),
            REVIEWS.c.undone_at.is_(None),
        )
        .values(undone_at=stored(at), undone_by=user)
    )
    if session.execute(undone).rowcount == 0:
        raise NotFound("There is no such review to undo.")


def reviews_of_list(
    session: ReadSession, head: ListHead, citizens: Collection[int]
) -> Mapping[int, tuple[Review, ...]]:
    """Of each citizen the reviews made on this list, and of earlier lists those that reach into it; oldest first.

    An earlier one reaches into it when it snoozes on the list's date, or hands over beyond it.
    """
    day = head.as_of.isoformat()
    earlier = REVIEWS.c.list_id.in_(select(LISTS.c.list_id).where(LISTS.c.as_of < day))
    reaching = earlier & or_(REVIEWS.c.snoozed_until > day, HAND_OVERS.c.until > day)
    asked = (
        _asked()
        .where(or_(REVIEWS.c.list_id == head.number, reaching), among(session, REVIEWS.c.citizen, citizens))
        .order_by(REVIEWS.c.review_id)
    )
    found: dict[int, tuple[Review, ...]] = {}
    for row in session.execute(asked).mappings():
        found[row["citizen"]] = (*found.get(row["citizen"], ()), _review(row))
    return found


def reviews_of(session: ReadSession, citizen: int) -> tuple[Review, ...]:
    """All reviews of a person, newest first, taken-back ones too; those under a key merged with theirs as well."""
    asked = _asked().where(REVIEWS.c.citizen.in_(keys_of(session, citizen))).order_by(REVIEWS.c.review_id.desc())
    return tuple(_review(row) for row in session.execute(asked).mappings())


def reviews_since(session: ReadSession, numbers: Collection[ListId]) -> tuple[Review, ...]:
    """All reviews made on these lists that were not taken back, oldest first: what a follow-up counts."""
    asked = _asked().where(REVIEWS.c.list_id.in_(sorted(numbers)), REVIEWS.c.undone_at.is_(None))
    return tuple(_review(row) for row in session.execute(asked.order_by(REVIEWS.c.review_id)).mappings())


def handed_to(session: ReadSession, user: int, day: date) -> frozenset[int]:
    """The citizens somebody handed over to this user, beyond this day, and did not take back."""
    asked = (
        select(HAND_OVERS.c.citizen)
        .join(REVIEWS, REVIEWS.c.review_id == HAND_OVERS.c.review_id)
        .where(HAND_OVERS.c.to_user == user, HAND_OVERS.c.until > day.isoformat(), REVIEWS.c.undone_at.is_(None))
    )
    return frozenset(session.scalars(asked))


def colleagues(session: ReadSession, entry: Entry, but: int) -> tuple[User, ...]:
    """Who else may review the citizen of an entry, by name."""
    users: Iterable[User] = map(read_user, session.execute(select(USERS).where(USERS.c.ended_at.is_(None))).mappings())
    may = (user for user in users if user.number != but and _may_review(user.visitor(), entry))
    return tuple(sorted(may, key=lambda user: user.name))


def _may_review(visitor: Visitor, entry: Entry) -> bool:
    if not visitor.may(Permission.REVIEW):
        return False
    try:
        visitor.require_reach(entry.district, entry.team)
    except NotFound:
        return False
    return True


def _asked() -> Select[Any]:
    """Reviews with whom they hand over to, if they do."""
    handed = HAND_OVERS.c.to_user, HAND_OVERS.c.until
    return select(REVIEWS, *handed).join(HAND_OVERS, HAND_OVERS.c.review_id == REVIEWS.c.review_id, isouter=True)


def _review(row: RowMapping) -> Review:
    until: str | None = row["snoozed_until"]
    draft = Draft(
        action=Action(row["action"]),
        grounds=row["grounds"],
        comment=row["comment"],
        snoozed_until=date.fromisoformat(until) if until else None,
        hand_over=HandOver(row["to_user"], date.fromisoformat(row["until"])) if row["until"] else None,
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
