"""Reviews as a page shows them: what was done, when and by whom, and what can be chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.clock import danish_date
from service.reviews import NEEDS_GROUNDS, Action, Review
from service.ui.language import Language
from service.ui.presenters.wording import action_word

QUICK: Final = (Action.SEEN, Action.PHONED, Action.VISITED)
"""What one click on the list says; the rest stands on the citizen's page."""


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A review in words; `undone` ones are told as such and cannot be undone again."""

    number: int
    action: str
    text: str
    when: str
    by: str
    snoozed: str
    undone: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """An action that can be chosen, and whether it must be said why."""

    value: str
    text: str
    needs_grounds: bool


def quick_choices(language: Language) -> tuple[Choice, ...]:
    """The actions with a button of their own."""
    return tuple(_choice(language, action) for action in QUICK)


def choices(language: Language) -> tuple[Choice, ...]:
    """Every action, in order."""
    return tuple(_choice(language, action) for action in Action)


def review_view(language: Language, review: Review, names: Mapping[int, str], now: datetime) -> ReviewView:
    """The review as told at an instant; `names` are the users' by number."""
    draft, until = review.draft, review.draft.snoozed_until
    return ReviewView(
        number=review.number,
        action=action_word(language, draft.action),
        text=" · ".join(part for part in (draft.grounds, draft.comment) if part),
        when=_when(language, review.made_at, now),
        by=names.get(review.user, ""),
        snoozed=language.say("Vises igen fra %(date)s", date=language.short_date(until)) if until else "",
        undone=review.undone_at is not None,
    )


def _choice(language: Language, action: Action) -> Choice:
    return Choice(action.value, action_word(language, action), action in NEEDS_GROUNDS)


def _when(language: Language, moment: datetime, now: datetime) -> str:
    clock = language.clock(moment)
    if danish_date(moment) == danish_date(now):
        return language.say("i dag kl. %(clock)s", clock=clock)
    return language.say("%(date)s kl. %(clock)s", date=language.weekday(moment), clock=clock)
