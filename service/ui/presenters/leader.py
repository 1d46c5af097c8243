"""The leader's page: what was seen in time, what was done, and what happened to those listed; by district and week.

What is expected and what is known never stand in one figure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Final

from models.outcomes import Figures, expected_admissions
from service.ui.language import Language
from service.ui.presenters import wording
from service.ui.presenters.figures import Line, bands, came, percent, sides
from service.ui.presenters.plots import Columns, Spans, columns, spans
from service.ui.presenters.week import Chip
from service.ui.selection import Selection
from service.weekly.follow_up import Place, Work
from service.weekly.lists import ListHead
from service.weekly.reviews import ACTED, Action

WEEKS: Final = 12
"""So many lists back: a quarter, which a screen holds and a leader remembers."""


@dataclass(frozen=True, slots=True)
class Done:
    """How often something was done: `length` of its bar in hundredths."""

    text: str
    count: int
    length: int
    by_district: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """A number at the head of the page, and what it is of."""

    number: str
    what: str
    of: str


@dataclass(frozen=True, slots=True)
class LeaderPage:
    """The whole page."""

    title: str
    period: str
    districts: tuple[Chip, ...]
    sums: tuple[Sum, ...]
    seen: Columns
    seen_weeks: tuple[Line, ...]
    seen_districts: tuple[Line, ...]
    done: tuple[Done, ...]
    done_districts: tuple[str, ...]
    outcome: Spans
    outcome_weeks: tuple[Line, ...]
    outcome_districts: tuple[Line, ...]
    bands: tuple[Line, ...]
    sides: tuple[Line, ...]
    told: bool


@dataclass(frozen=True, slots=True)
class LeaderFacts:
    """What the page is made from; `heads` oldest first, of each date the list made last."""

    heads: Sequence[ListHead]
    work: Mapping[Place, Work]
    figures: Mapping[Place, Figures]
    districts: Sequence[str]
    own_districts: Sequence[str]
    today: date


def leader_page(language: Language, facts: LeaderFacts, chosen: Selection) -> LeaderPage:
    """The page of the districts chosen."""
    weeks = [_week(language, head.as_of) for head in facts.heads]
    worked = [_together(facts.work, [head], facts.districts) for head in facts.heads]
    became = [_beside(facts.figures, head, facts.districts) for head in facts.heads]
    known = [one for one in became if one and one.told]
    return LeaderPage(
        title=language.say("Opfølgning"),
        period=_period(language, facts.heads),
        districts=_chips(language, facts, chosen),
        sums=_sums(language, facts, worked, known),
        seen=columns(
            weeks,
            [(one.in_time, one.late, one.stepped_back, one.unseen) for one in worked],
            ("in-time", "late", "back", "unseen"),
            [f"{one.in_time}/{one.listed}" if one.listed else "" for one in worked],
        ),
        seen_weeks=tuple(
            _seen(language, week, one, open_=facts.today < head.as_of)
            for week, one, head in reversed(list(zip(weeks, worked, facts.heads, strict=True)))
        ),
        seen_districts=tuple(
            _seen(language, district, _together(facts.work, facts.heads, [district])) for district in facts.districts
        ),
        done=_done(language, facts),
        done_districts=tuple(facts.districts) if len(facts.districts) > 1 else (),
        outcome=spans(weeks, [_span(one) for one in became]),
        outcome_weeks=tuple(
            came(language, week, one, head.as_of)
            for week, one, head in reversed(list(zip(weeks, became, facts.heads, strict=True)))
            if one
        ),
        outcome_districts=tuple(_of_districts(language, facts)),
        bands=bands(language, known),
        sides=sides(language, known),
        told=bool(known),
    )


def _week(language: Language, as_of: date) -> str:
    return language.say("uge %(week)s", week=as_of.isocalendar().week)


def _period(language: Language, heads: Sequence[ListHead]) -> str:
    if not heads:
        return ""
    first, last = (language.short_date(head.as_of) for head in (heads[0], heads[-1]))
    return language.say("Lister fra %(first)s til %(last)s", first=first, last=last)


def _together(found: Mapping[Place, Work], heads: Iterable[ListHead], districts: Iterable[str]) -> Work:
    names = list(districts)
    return sum((found.get((head.number, name), Work()) for head in heads for name in names), start=Work())


def _beside(found: Mapping[Place, Figures], head: ListHead, districts: Iterable[str]) -> Figures | None:
    own = [found[head.number, name] for name in districts if (head.number, name) in found]
    return reduce(Figures.beside, own) if own else None


def _chips(language: Language, facts: LeaderFacts, chosen: Selection) -> tuple[Chip, ...]:
    if len(facts.own_districts) < 2:
        return ()
    path = "/opfolgning"
    everything = Chip(
        language.say("Alle mine distrikter"), 0, chosen.with_district(None).address(path), chosen.district is None
    )
    each = (
        Chip(name, 0, chosen.with_district(name).address(path), chosen.district == name) for name in facts.own_districts
    )
    return (everything, *each)


def _sums(language: Language, facts: LeaderFacts, worked: Sequence[Work], known: Sequence[Figures]) -> tuple[Sum, ...]:
    say = language.say
    # The newest list whose seven days are over; this week's is still being worked on.
    over = [one for head, one in zip(facts.heads, worked, strict=True) if (facts.today - head.as_of).days >= 7]
    seen = sum(over, start=Work())
    acted = sum(one.done.get(action, 0) for one in worked for action in ACTED)
    found = [
        Sum(
            percent(language, seen.in_time, seen.expected_to_be_seen),
            say("set inden for 7 dage"),
            say("%(n)s af %(all)s på afsluttede ugers lister", n=seen.in_time, all=seen.expected_to_be_seen),
        ),
        Sum(language.number(acted), say("handlinger"), say("opkald, besøg, TOBS, læge, ændret indsats")),
    ]
    if known:
        listed = [one.everyone.listed for one in known]
        admitted, citizens = sum(one.admitted for one in listed), sum(one.citizens for one in listed)
        expected = sum(one.expected for one in listed)
        found.append(
            Sum(
                language.number(admitted),
                say("akut indlagt af dem på listen"),
                say("af %(all)s pladser, %(n)s ventet", all=citizens, n=language.number(expected, 1)),
            )
        )
    return tuple(found)


def _seen(language: Language, head: str, one: Work, *, open_: bool = False) -> Line:
    number = language.number
    cells = (
        number(one.listed),
        number(one.in_time),
        number(one.late),
        number(one.stepped_back),
        number(one.unseen),
        percent(language, one.in_time, one.expected_to_be_seen),
    )
    return Line(head, cells, open_)


def _done(language: Language, facts: LeaderFacts) -> tuple[Done, ...]:
    by_district = [_together(facts.work, facts.heads, [district]).done for district in facts.districts]
    counts = {action: [done.get(action, 0) for done in by_district] for action in Action}
    most = max((sum(several) for several in counts.values()), default=0) or 1
    return tuple(
        Done(wording.action_word(language, action), sum(several), round(100 * sum(several) / most), tuple(several))
        for action, several in counts.items()
    )


def _span(one: Figures | None) -> tuple[float, float, float, float | None]:
    if one is None:
        return 0.0, 0.0, 0.0, None
    expected = expected_admissions(one.everyone.listed)
    return expected.value, expected.low, expected.high, float(one.everyone.listed.admitted) if one.told else None


def _of_districts(language: Language, facts: LeaderFacts) -> Iterable[Line]:
    """Each district over the weeks that are known."""
    for district in facts.districts:
        own = [facts.figures.get((head.number, district)) for head in facts.heads]
        known = [one for one in own if one is not None and one.told]
        if known:
            yield came(language, district, reduce(Figures.after, known))
