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
from service.lists import ListId

LONGEST_COMMENT: Final = 1000
SNOOZE_DAYS: Final = 14


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


NEEDS_GROUNDS: Final = frozenset({Action.NO_ACTION, Action.WRONG})
"""Nothing done, or the list was wrong: both teach us most when it is said why."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A review as a nurse fills it in; `snoozed_until` steps the citizen back on the lists before that date."""

    action: Action
    grounds: str = ""
    comment: str = ""
    snoozed_until: date | None = None

    def __post_init__(self) -> None:
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


def standing(reviews: Iterable[Review]) -> Review | None:
    """The newest review that has not been undone, of one citizen's; or None."""
    return max((one for one in reviews if one.undone_at is None), key=lambda one: one.number, default=None)


def newest_on(reviews: Iterable[Review], list_number: ListId) -> int:
    """The number of the newest review made on a list, taken back or not; 0 when there is none.

    A form carries it, so that a review a colleague made in the meantime is noticed before another is stored.
    """
    return max((one.number for one in reviews if one.list_number == list_number), default=0)


def snooze_from(today: date) -> date:
    """The date a citizen snoozed today is shown as usual again."""
    return today + timedelta(days=SNOOZE_DAYS)
