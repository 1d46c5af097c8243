"""The weekly list as a page: what it comes to, what can be chosen, and a section for each district."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from service.clock import danish_date
from service.storage.people import Person
from service.ui.language import Language
from service.ui.presenters.row import Row, Surroundings, row
from service.ui.selection import Selection, Show
from service.weekly.lists import Counts, Entry, ListHead
from service.weekly.reviews import Review

STALE_DATA: Final = timedelta(days=2)
OLD_LIST: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Chip:
    """A choice with how many rows it gives."""

    text: str
    count: int
    address: str
    current: bool


@dataclass(frozen=True, slots=True)
class Section:
    """One district's rows, those chosen; `reviewed` of `shown` are done, whatever is chosen."""

    district: str
    rows: tuple[Row, ...]
    ranked: int
    shown: int
    reviewed: int


@dataclass(frozen=True, slots=True)
class WeekPage:
    """The whole page; `districts` is empty where there is but one."""

    title: str
    day: str
    data_until: str
    warnings: tuple[str, ...]
    ranked: int
    shown: int
    new: int
    reviewed: int
    unranked: int
    filters: tuple[Chip, ...]
    teams: tuple[Chip, ...]
    districts: tuple[Chip, ...]
    sections: tuple[Section, ...]
    earlier: str | None
    later: str | None


@dataclass(frozen=True, slots=True)
class WeekFacts:
    """What the page is made from: a stored list in the districts chosen, and all that belongs to its rows.

    `handed` are citizens a colleague handed to the reader who stand below the cut of this list.
    """

    head: ListHead
    counts: Sequence[Counts]
    entries: Sequence[Entry]
    handed: Sequence[Entry]
    persons: Mapping[int, Person]
    reviews: Mapping[int, Sequence[Review]]
    own_districts: Sequence[str]
    earlier: date | None
    later: date | None


def week_page(around: Surroundings, facts: WeekFacts, chosen: Selection) -> WeekPage:
    """The page of the list in its language."""
    rows = [(entry.district, _row(around, facts, entry)) for entry in facts.entries]
    handed = [(entry.district, _row(around, facts, entry)) for entry in facts.handed]
    in_team = [(district, one) for district, one in _mine_first([*handed, *rows]) if chosen.team in {None, one.team}]
    counts = facts.counts
    return WeekPage(
        title=week_title(around.language, facts.head.as_of),
        day=_sentence_case(around.language.long_date(facts.head.as_of)),
        data_until=around.language.day_and_clock(facts.head.data_until),
        warnings=_warnings(around, facts.head),
        ranked=sum(one.ranked for one in counts),
        shown=len(rows),
        new=sum(one.is_new for _, one in rows),
        reviewed=sum(not one.is_open for _, one in rows),
        unranked=sum(sum(one.unranked.values()) for one in counts),
        filters=_filters(around.language, chosen, [one for _, one in in_team]),
        teams=_teams(around.language, chosen, rows),
        districts=_districts(around.language, chosen, facts),
        sections=tuple(_section(one, in_team, rows, _wanted(chosen.show)) for one in counts),
        earlier=chosen.with_date(facts.earlier).address() if facts.earlier else None,
        later=chosen.with_date(facts.later).address() if facts.later else None,
    )


def _mine_first(rows: Sequence[tuple[str, Row]]) -> list[tuple[str, Row]]:
    """The rows with those first that a colleague handed to the reader."""
    return sorted(rows, key=lambda one: one[1].handed is None)


def week_title(language: Language, as_of: date) -> str:
    """`Ugeliste, uge 48`."""
    return language.say("Ugeliste, uge %(week)s", week=as_of.isocalendar().week)


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def _row(around: Surroundings, facts: WeekFacts, entry: Entry) -> Row:
    return row(around, entry, facts.persons[entry.citizen], facts.reviews.get(entry.citizen, ()))


def _wanted(show: Show) -> Callable[[Row], bool]:
    tests: Mapping[Show, Callable[[Row], bool]] = {
        Show.ALL: lambda _: True,
        Show.NEW: lambda one: one.is_new,
        Show.OPEN: lambda one: one.is_open,
        Show.MINE: lambda one: one.handed is not None,
    }
    return tests[show]


def _section(
    counts: Counts,
    in_team: Sequence[tuple[str, Row]],
    rows: Sequence[tuple[str, Row]],
    wanted: Callable[[Row], bool],
) -> Section:
    own = [one for district, one in rows if district == counts.district]
    return Section(
        district=counts.district,
        rows=tuple(one for district, one in in_team if district == counts.district and wanted(one)),
        ranked=counts.ranked,
        shown=len(own),
        reviewed=sum(not one.is_open for one in own),
    )


def _warnings(around: Surroundings, head: ListHead) -> tuple[str, ...]:
    """What makes this list less than today's: old data, or no list since."""
    language, found = around.language, list[str]()
    if around.today >= head.as_of + OLD_LIST:
        found.append(
            language.say(
                "Det er en ældre liste, fra %(date)s. Brug den ikke til denne uges arbejde.",
                date=language.long_date(head.as_of),
            )
        )
    if danish_date(head.data_until) < head.as_of - STALE_DATA:
        found.append(
            language.say(
                "Listen er lavet på gamle data: det nyeste er fra %(date)s. Hvad der er sket siden, er ikke med.",
                date=language.day_and_clock(head.data_until),
            )
        )
    return tuple(found)


def _filters(language: Language, chosen: Selection, rows: Sequence[Row]) -> tuple[Chip, ...]:
    names = {Show.ALL: language.say("Alle"), Show.NEW: language.say("Nye"), Show.OPEN: language.say("Mangler")}
    if chosen.show is Show.MINE or any(one.handed for one in rows):
        names[Show.MINE] = language.say("Overdraget til mig")
    return tuple(
        Chip(text, sum(map(_wanted(show), rows)), chosen.with_show(show).address(), chosen.show is show)
        for show, text in names.items()
    )


def _teams(language: Language, chosen: Selection, rows: Sequence[tuple[str, Row]]) -> tuple[Chip, ...]:
    """A chip for each team, where there is more than one."""
    names = sorted({one.team for _, one in rows})
    if len(names) < 2:
        return ()
    everyone = Chip(language.say("Alle teams"), len(rows), chosen.with_team(None).address(), chosen.team is None)
    each = (
        Chip(name, sum(one.team == name for _, one in rows), chosen.with_team(name).address(), chosen.team == name)
        for name in names
    )
    return (everyone, *each)


def _districts(language: Language, chosen: Selection, facts: WeekFacts) -> tuple[Chip, ...]:
    if len(facts.own_districts) < 2:
        return ()
    everything = Chip(
        language.say("Alle mine distrikter"), 0, chosen.with_district(None).address(), chosen.district is None
    )
    each = (
        Chip(name, 0, chosen.with_district(name).address(), chosen.district == name) for name in facts.own_districts
    )
    return (everything, *each)
