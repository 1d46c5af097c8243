"""The leader's page: what was seen in time, what was done, and what happened to those listed; by district and week.

What is expected and what is known never stand in one figure, and no figure of an outcome stands here but those that may
be told (`service.weekly.withholding`).
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
from service.weekly.lists import ListHead, ListId
from service.weekly.reviews import ACTED, Action
from service.weekly.withholding import Told, told

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
    """The whole page; `parted` where bands and sides may be told, `left_out` says which lists' outcomes are not."""

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
    parted: bool
    left_out: str


@dataclass(frozen=True, slots=True)
class LeaderFacts:
    """What the page is made from; `heads` oldest first, one of each date; `figures` are of all her own districts."""

    heads: Sequence[ListHead]
    work: Mapping[Place, Work]
    figures: Mapping[Place, Figures]
    districts: Sequence[str]
    own_districts: Sequence[str]
    today: date

    @property
    def everything(self) -> bool:
        """Whether all her districts are looked at, and not one of several."""
        return set(self.districts) == set(self.own_districts)


def leader_page(language: Language, facts: LeaderFacts, chosen: Selection) -> LeaderPage:
    """The page of the districts chosen."""
    weeks = [_week(language, head.as_of) for head in facts.heads]
    worked = [_together(facts.work, [head], facts.districts) for head in facts.heads]
    outcomes = _outcomes(facts)
    became = [_became(outcomes.get(head.number), facts) for head in facts.heads]
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
            if head.number in outcomes
        ),
        outcome_districts=tuple(_of_districts(language, facts, outcomes.values())),
        bands=bands(language, known),
        sides=sides(language, known),
        told=any(one.told for one in facts.figures.values()),
        parted=facts.everything,
        left_out=_left_out(language, facts.heads),
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


def _outcomes(facts: LeaderFacts) -> Mapping[ListId, Told]:
    """What may be told of each list of which there are figures, to one who sees all her districts."""
    of_list: dict[ListId, dict[str, Figures]] = {}
    for (number, district), figures in facts.figures.items():
        of_list.setdefault(number, {})[district] = figures
    return {number: told(own) for number, own in of_list.items()}


def _became(outcome: Told | None, facts: LeaderFacts) -> Figures | None:
    """What may be told of a list in all her districts, or in the one that is chosen."""
    if outcome is None or facts.everything:
        return outcome and outcome.together
    return outcome.districts.get(facts.districts[0])


def _left_out(language: Language, heads: Iterable[ListHead]) -> str:
    weeks = ", ".join(_week(language, head.as_of) for head in heads if head.hindsight)
    return weeks and language.say(
        "Uden udfald: %(weeks)s. Den model, der lavede listen, havde lært af, hvad der skete bagefter.", weeks=weeks
    )


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


def _of_districts(language: Language, facts: LeaderFacts, outcomes: Iterable[Told]) -> Iterable[Line]:
    """Each district over the weeks that are known, of each what may be told."""
    for district in facts.districts:
        if any(one.told for (_, name), one in facts.figures.items() if name == district):
            own = [one.districts.get(district) for one in outcomes]
            known = [one for one in own if one is not None and one.told]
            yield came(language, district, reduce(Figures.after, known) if known else None)
