"""Reviews: what nurses did about an entry, as plain data.

A review is added and at most undone, never changed: two nurses at the same citizen both stay readable. What it says is
the nurse's; the list is not changed by it, only shown differently.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from models.errors import RequestWrong
from service.weekly.lists import ListId

LONGEST_COMMENT: Final = 1000
SNOOZE_DAYS: Final = (7, 14, 30)
"""After how many days a citizen who steps back may be shown as usual again."""
HAND_OVER_DAYS: Final = 7
"""How long a citizen is a colleague's when nobody says otherwise, and how many days may be said at most."""
LONGEST_HAND_OVER: Final = 30


class Action(StrEnum):
    """What was done, in the order offered (field 8, point 10)."""

    SEEN = "seen"
    PHONED = "phoned"
    VISITED = "visited"
    TOBS = "tobs"
    DOCTOR = "doctor"
    CARE_CHANGED = "care_changed"
    NO_ACTION = "no_action"
    WRONG = "wrong"
    HANDED_OVER = "handed_over"


ACTED: Final = frozenset({Action.PHONED, Action.VISITED, Action.TOBS, Action.DOCTOR, Action.CARE_CHANGED})
"""What may have prevented an admission: outcomes are shown with and without those it was done for."""
NEEDS_GROUNDS: Final = frozenset({Action.NO_ACTION, Action.WRONG})
"""Nothing done, or the list was wrong: both teach us most when it is said why."""


class Overtaken(RequestWrong):
    """Somebody else has reviewed the citizen on this list since the form was made."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """Whom a citizen was handed over to, a user's number, and the first date that is no longer so."""

    to_user: int
    until: date


@dataclass(frozen=True, slots=True)
class Draft:
    """A review as a nurse fills it in; `snoozed_until` steps the citizen back on the lists before that date.

    `hand_over` belongs to the action of that name and to no other.
    """

    action: Action
    grounds: str = ""
    comment: str = ""
    snoozed_until: date | None = None
    hand_over: HandOver | None = None

    def __post_init__(self) -> None:
        if (self.action is Action.HANDED_OVER) is not (self.hand_over is not None):
            raise RequestWrong("A colleague and a date belong to handing over.", "Choose both, or another action.")
        if self.action in NEEDS_GROUNDS and not self.grounds.strip():
            raise RequestWrong("A reason is missing.", "Say in a few words why.")
        if max(len(self.grounds), len(self.comment)) > LONGEST_COMMENT:
            raise RequestWrong(f"The text is longer than {LONGEST_COMMENT} characters.", "Shorten it.")


@dataclass(frozen=True, slots=True)
class Review:
    """A stored review: by which user, when (UTC), of which list; `undone_at` when it was taken back."""

    number: int
    citizen: int
    list_number: ListId
    user: int
    made_at: datetime
    draft: Draft
    undone_at: datetime | None

    def snoozes(self, as_of: date) -> bool:
        """Whether it still steps the citizen back on a list of this date."""
        until = self.draft.snoozed_until
        return self.undone_at is None and until is not None and as_of < until

    def hands_over(self, on: date) -> bool:
        """Whether it makes the citizen a colleague's on this day."""
        handed = self.draft.hand_over
        return self.undone_at is None and handed is not None and on < handed.until


def standing(reviews: Iterable[Review]) -> Review | None:
    """The newest review that has not been undone, of one citizen's; or None."""
    return max((one for one in reviews if one.undone_at is None), key=lambda one: one.number, default=None)


def newest_on(reviews: Iterable[Review], list_number: ListId) -> int:
    """The number of the newest review made on a list, taken back or not; 0 when there is none.

    A form carries it, so that a review a colleague made in the meantime is noticed before another is stored.
    """
    return max((one.number for one in reviews if one.list_number == list_number), default=0)


def settles(review: Review, on: date) -> bool:
    """Whether the review leaves nothing to do on this day: one handed over comes back when the colleague's days end."""
    return review.draft.action is not Action.HANDED_OVER or review.hands_over(on)


def snooze_until(today: date, days: int) -> date:
    """The date a citizen snoozed today is shown as usual again. Raises `RequestWrong` for days nobody offers."""
    if days not in SNOOZE_DAYS:
        raise RequestWrong("So many days cannot be chosen.", f"Choose one of {', '.join(map(str, SNOOZE_DAYS))}.")
    return today + timedelta(days=days)


def handed_over(today: date, to_user: int, last_day: date) -> HandOver:
    """A hand-over from today to and including `last_day`. Raises `RequestWrong` for a day outside what may be."""
    if not today <= last_day <= today + timedelta(days=LONGEST_HAND_OVER):
        raise RequestWrong("That day is past, or too far ahead.", f"Choose one within {LONGEST_HAND_OVER} days.")
    return HandOver(to_user, last_day + timedelta(days=1))
