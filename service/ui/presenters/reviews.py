"""Reviews as a page shows them: what was done, when and by whom, and what can be chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from service.clock import danish_date
from service.ui.language import Language
from service.ui.presenters.wording import action_word
from service.weekly.reviews import NEEDS_GROUNDS, SNOOZE_DAYS, Action, HandOver, Review

QUICK: Final = (Action.SEEN, Action.PHONED, Action.VISITED)
"""What one click on the list says; the rest stands on the citizen's page."""


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A review in words; `undone` ones are told as such and cannot be undone again.

    `reaches` says that it is of the list looked at, or still keeps a citizen back: an older one is history.
    """

    number: int
    action: str
    text: str
    when: str
    by: str
    snoozed: str
    undone: bool
    handed: bool
    reaches: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """An action that can be chosen; `needs` names the fields that belong to it: `grounds`, `colleague` or nothing."""

    value: str
    text: str
    needs: str


def quick_choices(language: Language) -> tuple[Choice, ...]:
    """The actions with a button of their own."""
    return tuple(_choice(language, action) for action in QUICK)


def choices(language: Language, *, with_colleagues: bool) -> tuple[Choice, ...]:
    """Every action, in order; handing over only where there is a colleague."""
    return tuple(_choice(language, action) for action in Action if with_colleagues or action is not Action.HANDED_OVER)


def common_grounds(language: Language) -> tuple[str, ...]:
    """What nothing done, or a list that is wrong, is mostly about; anything else can be written too."""
    say = language.say
    return (
        say("Kendt, og der er allerede en plan"),
        say("Tilstanden er som den plejer"),
        say("Borgeren er indlagt eller på aflastning"),
        say("Årsagerne er gamle eller løst"),
        say("Det skrevne handler om en anden"),
    )


def snoozes(language: Language) -> tuple[tuple[int, str], ...]:
    """For how many days a citizen may step back, and how that is said."""
    return tuple(
        (days, language.count("Vis først igen efter %(n)s dag", "Vis først igen efter %(n)s dage", days))
        for days in SNOOZE_DAYS
    )


def review_view(language: Language, review: Review, names: Mapping[int, str], now: datetime) -> ReviewView:
    """The review as told at an instant; `names` are the users' by number."""
    draft, until = review.draft, review.draft.snoozed_until
    return ReviewView(
        number=review.number,
        action=_action(language, review, names),
        text=" · ".join(part for part in (draft.grounds, draft.comment) if part),
        when=_when(language, review.made_at, now),
        by=names.get(review.user, ""),
        snoozed=_later(language, until, draft.hand_over),
        undone=review.undone_at is not None,
        handed=draft.action is Action.HANDED_OVER,
    )


def _action(language: Language, review: Review, names: Mapping[int, str]) -> str:
    handed = review.draft.hand_over
    if handed is None:
        return action_word(language, review.draft.action)
    return language.say("Overdraget til %(name)s", name=names.get(handed.to_user, ""))


def _later(language: Language, snoozed_until: date | None, handed: HandOver | None) -> str:
    """Until when it holds: a hand-over to and including its last day, a citizen who stepped back from a day on."""
    if handed is not None:
        return language.say("Til og med %(date)s", date=language.short_date(handed.until - timedelta(days=1)))
    if snoozed_until is not None:
        return language.say("Vises igen fra %(date)s", date=language.short_date(snoozed_until))
    return ""


def _choice(language: Language, action: Action) -> Choice:
    needs = "colleague" if action is Action.HANDED_OVER else "grounds" if action in NEEDS_GROUNDS else ""
    return Choice(action.value, action_word(language, action), needs)


def _when(language: Language, moment: datetime, now: datetime) -> str:
    clock = language.clock(moment)
    if danish_date(moment) == danish_date(now):
        return language.say("i dag kl. %(clock)s", clock=clock)
    return language.say("%(date)s kl. %(clock)s", date=language.weekday(moment), clock=clock)
