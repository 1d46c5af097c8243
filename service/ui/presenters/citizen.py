"""The citizen as a page: why they are on the list, how it has gone, what speaks against, and what was done."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.storage.people import Person
from service.storage.stays import Stay
from service.ui.language import Language
from service.ui.presenters import wording
from service.ui.presenters.course import Course, course
from service.ui.presenters.reasons import ReasonView, reason_view
from service.ui.presenters.reviews import Choice, ReviewView, choices, common_grounds, review_view, snoozes
from service.ui.presenters.row import Risk, Surroundings, about, badges, display_name, risk
from service.ui.presenters.week import week_title
from service.ui.presenters.wording import Badge
from service.weekly.lists import Score, Status
from service.weekly.reviews import Review, newest_on

MOST_QUOTES = 6


@dataclass(frozen=True, slots=True)
class Past:
    """The citizen on one earlier list, as a line of a table."""

    day: str
    place: str
    risk: str


@dataclass(frozen=True, slots=True)
class StayView:
    """A stay in hospital in words: its days, and what kind of admission it was."""

    days: str
    kind: str


@dataclass(frozen=True, slots=True)
class CitizenPage:
    """The whole page; `risk` is None for one who is not ranked, and `status` then says why."""

    reference: str
    name: str
    district: str
    about: tuple[str, ...]
    week: str
    day: str
    risk: Risk | None
    place: str
    status: str
    badges: tuple[Badge, ...]
    course: Course | None
    reasons: tuple[ReasonView, ...]
    against: tuple[ReasonView, ...]
    choices: tuple[Choice, ...]
    grounds: tuple[str, ...]
    snoozes: tuple[tuple[int, str], ...]
    reviews: tuple[ReviewView, ...]
    last_review: int
    stays: tuple[StayView, ...]
    past: tuple[Past, ...]


def citizen_page(
    around: Surroundings,
    person: Person,
    scores: Sequence[Score],
    reviews: Sequence[Review],
    ranked: int,
    stays: Sequence[Stay] = (),
    *,
    with_colleagues: bool = False,
) -> CitizenPage:
    """The page of the newest of the scores, which come newest first; `ranked` citizens are in the district."""
    language, entry = around.language, scores[0].entry
    return CitizenPage(
        reference=person.reference,
        name=display_name(language, person),
        district=entry.district,
        about=about(language, entry, person),
        week=week_title(language, around.as_of),
        day=language.long_date(around.as_of),
        risk=risk(language, entry) if entry.status is Status.RANKED else None,
        place=_place(language, scores[0], ranked),
        status=wording.status_reason(language, entry.status),
        badges=badges(around, entry),
        course=course(language, scores, reviews, stays),
        reasons=tuple(reason_view(language, reason, quotes=MOST_QUOTES) for reason in entry.reasons),
        against=tuple(reason_view(language, reason, quotes=MOST_QUOTES) for reason in entry.against),
        choices=choices(language, with_colleagues=with_colleagues),
        grounds=common_grounds(language),
        snoozes=snoozes(language),
        reviews=tuple(_review(around, one) for one in reviews),
        last_review=newest_on(reviews, around.list_number),
        stays=tuple(_stay(language, one) for one in reversed(stays)),
        past=tuple(_past(language, score) for score in scores),
    )


def _place(language: Language, score: Score, ranked: int) -> str:
    if score.entry.rank is None:
        return wording.status_word(language, score.entry.status)
    return language.say("Nr. %(rank)s af %(ranked)s i distriktet", rank=score.entry.rank, ranked=ranked)


def _review(around: Surroundings, review: Review) -> ReviewView:
    reaches = review.list_number == around.list_number or review.snoozes(around.day) or review.hands_over(around.day)
    return replace(review_view(around.language, review, around.names, around.now), reaches=reaches)


def _stay(language: Language, stay: Stay) -> StayView:
    start = language.short_date(stay.start)
    kinds = {True: language.say("Indlagt akut"), False: language.say("Indlagt planlagt"), None: language.say("Indlagt")}
    if stay.end is None:
        return StayView(language.say("siden %(date)s", date=start), kinds[stay.acute])
    return StayView(f"{start} – {language.short_date(stay.end)}", kinds[stay.acute])


def _past(language: Language, score: Score) -> Past:
    entry = score.entry
    return Past(
        day=language.short_date(score.head.as_of),
        place=language.say("nr. %(rank)s", rank=entry.rank)
        if entry.rank
        else wording.status_word(language, entry.status),
        risk=wording.odds(language, entry.probability) if entry.probability is not None else "",
    )
