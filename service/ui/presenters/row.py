"""One row of the list: who, how likely, what changed, why, and what has been done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from service.storage.people import Person
from service.ui.language import Language
from service.ui.presenters import wording
from service.ui.presenters.reasons import LONGEST_SHOWN, ReasonView, reason_view
from service.ui.presenters.reviews import ReviewView, review_view
from service.ui.presenters.wording import Badge
from service.weekly.lists import Band, Change, Entry, ListId
from service.weekly.reviews import Review, newest_on, settles, standing

MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class Risk:
    """A probability as bar, shape, word and share; `level` 1 to 4."""

    level: int
    word: str
    odds: str
    length: int


@dataclass(frozen=True, slots=True)
class Row:
    """One citizen on the list as the page shows them; `last_review` guards against reviewing unseen.

    `handed` is the review by which a colleague handed the citizen to the reader: still theirs to do, and first.
    """

    reference: str
    rank: int
    name: str
    about: tuple[str, ...]
    risk: Risk
    badges: tuple[Badge, ...]
    reasons: tuple[ReasonView, ...]
    review: ReviewView | None
    handed: ReviewView | None
    last_review: int
    is_new: bool
    team: str

    @property
    def is_open(self) -> bool:
        """Whether nobody has reviewed it yet."""
        return self.review is None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all rows of a page are made with: the language, the list and its date, today, now, and who users are.

    `reader` is the number of the user who looks.
    """

    language: Language
    as_of: date
    list_number: ListId
    today: date
    now: datetime
    names: Mapping[int, str]
    reader: int = 0

    @property
    def day(self) -> date:
        """The day what was done is judged on: today, or the last one of an older list's week."""
        return min(self.today, self.as_of + timedelta(days=6))


def row(around: Surroundings, entry: Entry, person: Person, reviews: Sequence[Review]) -> Row:
    """The row of a ranked entry; reviews are the citizen's on this list."""
    language, done = around.language, standing(reviews)
    told = review_view(language, done, around.names, around.now) if done and settles(done, around.day) else None
    handed = done.draft.hand_over if done else None
    mine = told is not None and handed is not None and handed.to_user == around.reader
    return Row(
        reference=person.reference,
        rank=entry.rank or 0,
        name=display_name(language, person),
        about=about(language, entry, person),
        risk=risk(language, entry),
        badges=badges(around, entry),
        reasons=tuple(
            reason_view(language, reason, quotes=1, longest=LONGEST_SHOWN) for reason in entry.reasons[:MOST_REASONS]
        ),
        review=None if mine else told,
        handed=told if mine else None,
        last_review=newest_on(reviews, around.list_number),
        is_new=entry.change is Change.NEW,
        team=entry.team,
    )


def display_name(language: Language, person: Person) -> str:
    """The name, or where none was delivered the number of the citizen in this system."""
    return person.name or language.say("Borger %(number)s", number=person.citizen)


def about(language: Language, entry: Entry, person: Person) -> tuple[str, ...]:
    """Year of birth, team and hours of care, those that are known."""
    facts = (
        wording.born(language, person.birth_year),
        entry.team,
        wording.care_hours(language, entry.weekly_minutes),
    )
    return tuple(fact for fact in facts if fact)


def badges(around: Surroundings, entry: Entry) -> tuple[Badge, ...]:
    """What has changed and when the citizen came home, as of the list's date: its reasons count their days from it."""
    both = (
        wording.change_badge(around.language, entry),
        wording.discharge_badge(around.language, entry.discharged_on, around.as_of),
    )
    return tuple(badge for badge in both if badge)


def risk(language: Language, entry: Entry) -> Risk:
    """The risk of a ranked entry."""
    probability, band = entry.probability or 0.0, entry.band or Band.USUAL
    return Risk(
        level=wording.LEVELS[band],
        word=wording.band_word(language, band),
        odds=wording.odds(language, probability),
        length=wording.bar_length(probability),
    )
