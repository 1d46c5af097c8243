"""Hypothesis strategies: events that crowd around the borders where mistakes are made, and catalogues to look at them.

Most times lie on, a microsecond before, or a microsecond after a Danish midnight, near as-of dates at the turns of
summer time and the leap day; many share their time; many are late, corrected or retracted.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from hypothesis import strategies as st

from models.features.spec import (
    EVER,
    Aggregate,
    Aggregation,
    Catalogue,
    Compared,
    Comparison,
    Definition,
    Feature,
    Season,
    Signal,
    Window,
)
from tests.models.happenings import Happening
from tests.models.oracle.times import midnight

TURNS = (date(2024, 2, 29), date(2024, 3, 31), date(2024, 10, 27), date(2025, 1, 1), date(2025, 3, 30))
"""A leap day, last Sundays of March and October, a New Year."""
CODES = ("a", "b", "b:x", "c", "d", "nobody looks at this")
SIGNALS = (
    Signal("one", ("a",), "g", "", ""),
    Signal("many", ("b*",), "g", "", ""),
    Signal("shared", ("a", "c"), "g", "", ""),
    Signal("found", ("d", "b"), "g", "", "", found_only=True),
    Signal("scored", ("c", "d"), "g", "", "", scores=MappingProxyType({"c": 0.0, "d": 2.0})),
    Signal("found and scored", ("c", "b:x"), "g", "", "", found_only=True, scores=MappingProxyType({"c": 0.0})),
)

_MICRO = timedelta(microseconds=1)
_LATER = (timedelta(0), -_MICRO, _MICRO, timedelta(hours=2, minutes=30), timedelta(hours=12), timedelta(hours=23))
_LAG = st.sampled_from([timedelta(0)] * 4 + [timedelta(hours=5), timedelta(days=1), timedelta(days=9)])
_DAYS_BACK = st.one_of(st.integers(-8, 12), st.integers(-8, 12), st.sampled_from([29, 30, 31, 89, 364, 365, 366, 2000]))
_PLAIN = st.sampled_from([0.0, 1.0, 1.0, 2.0, -1.5, 36.5, 62.25])
_FINE = st.floats(-500, 500, width=32, allow_subnormal=False)


@st.composite
def instants_near(draw: st.DrawFn, day: date) -> datetime:
    """An instant on or beside a midnight within reach of the day, or within one of those days."""
    return midnight(day - timedelta(days=draw(_DAYS_BACK))) + draw(st.sampled_from(_LATER))


@st.composite
def _happening(draw: st.DrawFn, day: date, codes: Sequence[str]) -> Happening:
    occurred_at = draw(instants_near(day))
    # Mostly written down at once or late; now and then planned ahead, or written at a border of its own.
    lagging = st.builds(lambda lag: occurred_at + lag, _LAG)
    known_from = draw(st.one_of(lagging, lagging, instants_near(day)))
    standing = st.none()
    superseded_at = draw(
        st.one_of(standing, standing, st.builds(lambda lag: known_from + lag, _LAG), instants_near(day))
    )
    return Happening(
        citizen=draw(st.integers(1, 3)),
        code=draw(st.sampled_from(codes)),
        occurred_at=occurred_at,
        known_from=known_from,
        superseded_at=superseded_at,
        value=draw(st.one_of(st.none(), _PLAIN, _FINE)),
    )


@st.composite
def histories(draw: st.DrawFn, day: date, codes: Sequence[str] = CODES, most: int = 40) -> list[Happening]:
    """Events of three citizens around a day; a few of them twice over, each with its place in the order of arrival."""
    found = draw(st.lists(_happening(day, codes), max_size=most))
    again = draw(st.lists(st.sampled_from(found), max_size=4)) if found else []
    return [replace(each, sequence=place) for place, each in enumerate([*found, *again])]


def turning_days() -> st.SearchStrategy[date]:
    """As-of dates on and around the days where days are not what they usually are."""
    return st.builds(lambda turn, days: turn + timedelta(days=days), st.sampled_from(TURNS), st.integers(-3, 8))


@st.composite
def windows(draw: st.DrawFn, from_today: bool = False) -> Window:
    """A window of any usual length, from today on or not."""
    end = draw(st.sampled_from([1, 2, 3, 7, 30, 90, 365, EVER]))
    first = 0 if from_today else draw(st.sampled_from([first for first in (0, 0, 1, 2, 7, 30) if first < end]))
    return Window(end, first)


@st.composite
def aggregates(draw: st.DrawFn) -> Aggregate:
    """Any aggregate that can be defined over `SIGNALS`."""
    kind = draw(st.sampled_from(Aggregation))
    signal = draw(st.sampled_from(SIGNALS)).name
    if kind is Aggregation.DECAYED:
        end = draw(st.sampled_from([1, 3, 30, 365]))
        return Aggregate(signal, kind, Window(end), half_life=draw(st.sampled_from([1, 4, 30])))
    return Aggregate(signal, kind, draw(windows(kind in (Aggregation.LAST, Aggregation.SINCE))))


def _compared() -> st.SearchStrategy[Compared]:
    return st.builds(
        Compared,
        comparison=st.sampled_from(Comparison),
        left=aggregates(),
        right=aggregates(),
        scale=st.sampled_from([1.0, 0.25]),
        prior=st.sampled_from([0.5, 60.0]),
    )


def definitions() -> st.SearchStrategy[Definition]:
    """Any definition there can be."""
    return st.one_of(aggregates(), aggregates(), _compared(), st.sampled_from(Season))


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    """A handful of features of distinct names."""
    chosen = draw(st.lists(definitions(), min_size=1, max_size=12, unique_by=str))
    return Catalogue(SIGNALS, [Feature(definition, "g", "", "") for definition in chosen])


@st.composite
def another_future(
    draw: st.DrawFn, found: Sequence[Happening], listed: datetime, later: st.SearchStrategy[list[Happening]]
) -> list[Happening]:
    """What was known before an instant, followed by another future: new facts, and other changes of the old ones."""
    after = st.one_of(st.none(), st.builds(lambda hours: listed + timedelta(hours=hours), st.integers(0, 400)))
    kept = [
        each
        if each.superseded_at is not None and each.superseded_at < listed
        else replace(each, superseded_at=draw(after))
        for each in found
        if each.known_from < listed
    ]
    new = [
        replace(each, known_from=max(each.known_from, listed), sequence=1_000 + place)
        for place, each in enumerate(draw(later))
    ]
    return draw(st.permutations([*kept, *new]))
