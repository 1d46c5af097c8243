"""What the pages of a list are made from, asked of the store in one sitting.

Rights are judged here: only the visitor's own districts are ever asked for.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from models.errors import NotFound
from service.storage import lists, people, reviews, users
from service.storage.database import ReadSession
from service.storage.people import Person
from service.storage.stays import Stay, stays_of
from service.ui.presenters.row import Surroundings
from service.ui.presenters.week import WeekFacts
from service.ui.requests import Reading
from service.ui.selection import Selection
from service.weekly.lists import Entry, ListHead, Score, Status
from service.weekly.reviews import Review

WEEK = timedelta(days=6)
"""From a list's date to the last day of its week."""
COURSE_LISTS = 27
"""Half a year of weekly lists, and the one before."""


def chosen_list(session: ReadSession, reader: Reading, chosen: Selection) -> ListHead | None:
    """The list of the date chosen, or the newest one; None when none may be shown yet. Raises `NotFound`."""
    if chosen.as_of is None:
        return lists.latest_list(session, reader.wiring.today())
    head = lists.find_list(session, chosen.as_of)
    if head is None:
        raise NotFound("There is no list of that date.")
    return head


def week_facts(session: ReadSession, reader: Reading, head: ListHead, chosen: Selection) -> WeekFacts:
    """Everything a page of this list shows of the districts chosen."""
    districts = reader.visitor.chosen(chosen.district)
    teams = reader.visitor.teams
    entries = lists.entries(session, head.number, districts, shown=True, teams=teams)
    handed = _handed(session, reader, head, districts)
    citizens = [entry.citizen for entry in (*entries, *handed)]
    next_week = min(reader.wiring.today(), head.as_of + timedelta(days=7))
    earlier, later = lists.dates_beside(session, head, next_week)
    return WeekFacts(
        head=head,
        counts=lists.counts(session, head.number, districts, teams=teams),
        entries=entries,
        handed=handed,
        persons=people.of(session, citizens),
        reviews=reviews.reviews_of_list(session, head, citizens),
        own_districts=sorted(reader.visitor.districts),
        earlier=earlier,
        later=later,
    )


def _handed(session: ReadSession, reader: Reading, head: ListHead, districts: Collection[str]) -> tuple[Entry, ...]:
    """Whom a colleague handed to the reader, of those this list ranks below its cut."""
    citizens = reviews.handed_to(session, reader.visitor.number, min(reader.wiring.today(), head.as_of + WEEK))
    if not citizens:
        return ()
    ranked, teams = [Status.RANKED], reader.visitor.teams
    return lists.entries(session, head.number, districts, shown=False, status=ranked, citizens=citizens, teams=teams)


def surroundings(session: ReadSession, reader: Reading, head: ListHead, made: list[Review]) -> Surroundings:
    """What rows are made with; the users are those who made the reviews."""
    return Surroundings(
        language=reader.language,
        as_of=head.as_of,
        list_number=head.number,
        today=reader.wiring.today(),
        now=reader.wiring.clock(),
        names=users.names_of(session, _named(made)) if made else {},
        reader=reader.visitor.number,
    )


def _named(made: Sequence[Review]) -> set[int]:
    """The users whom reviews name: who made them, and whom they hand over to."""
    handed = (review.draft.hand_over for review in made)
    return {review.user for review in made} | {one.to_user for one in handed if one}


@dataclass(frozen=True, slots=True)
class CitizenFacts:
    """One citizen as of a list: `scores` newest first, the first of them the one the page is about."""

    person: Person
    scores: tuple[Score, ...]
    reviews: tuple[Review, ...]
    ranked: int
    colleagues: tuple[users.User, ...]
    stays: tuple[Stay, ...]


def citizen_facts(session: ReadSession, reader: Reading, reference: str, as_of: date | None) -> CitizenFacts:
    """The citizen behind the word in an address; raises `NotFound` unless their district is the visitor's now."""
    citizen = people.citizen_of(session, reference)
    found = lists.scores_of(session, citizen, limit=COURSE_LISTS * 2) if citizen is not None else ()
    if citizen is None or not found:
        raise NotFound("There is no such citizen among those you may see.")
    reader.visitor.require_reach(found[0].entry.district, found[0].entry.team)
    today = reader.wiring.today()  # a list made ahead is nobody's yet, as on the list's own page
    last = min(as_of or today, today)
    scores = tuple(one for one in _one_a_date(found) if one.head.as_of <= last)[:COURSE_LISTS]
    if not scores:
        raise NotFound("The citizen was on no list at that date.")
    first = scores[0]
    counted = lists.counts(session, first.head.number, [first.entry.district])
    return CitizenFacts(
        person=people.of(session, [citizen])[citizen],
        scores=scores,
        reviews=reviews.reviews_of(session, citizen),
        ranked=sum(one.ranked for one in counted if first.entry.status is Status.RANKED),
        colleagues=reviews.colleagues(session, found[0].entry, reader.visitor.number),
        stays=_stays(session, reader, citizen, scores),
    )


def _stays(session: ReadSession, reader: Reading, citizen: int, scores: Sequence[Score]) -> tuple[Stay, ...]:
    """The stays the page's half year reaches, as known now: also the one that began this morning."""
    known = stays_of(session, citizen, reader.wiring.clock())
    first, last = scores[-1].head.as_of, max(scores[0].head.as_of, reader.wiring.today())
    return tuple(stay for stay in known if stay.start <= last and (stay.end is None or stay.end >= first))


def _one_a_date(scores: tuple[Score, ...]) -> list[Score]:
    """Of several models' lists of one date the one made last, which comes first."""
    return list({one.head.as_of: one for one in reversed(scores)}.values())[::-1]
