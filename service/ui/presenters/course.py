"""The risk over the past lists as a drawing: line, stays in hospital, homecomings and reviews along one time axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from service.clock import danish_date
from service.storage.stays import Stay
from service.ui.language import Language
from service.ui.presenters.charts import RiskScale, lines
from service.ui.presenters.wording import odds
from service.weekly.lists import Score, Status
from service.weekly.reviews import Review

WIDTH: Final = 640
HEIGHT: Final = 132
LEFT: Final = 70
_FOOT: Final = 46
_GRID: Final = (1 / 3, 1 / 10, 1 / 30)


@dataclass(frozen=True, slots=True)
class Label:
    """A word at a place along an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Course:
    """The drawing, in its own units: `marks` are reviews, `homes` discharges, `stays` left edge and width of stays."""

    width: int
    height: int
    left: int
    total_height: int
    lines: tuple[str, ...]
    now: tuple[float, float] | None
    grid: tuple[Label, ...]
    months: tuple[Label, ...]
    stays: tuple[tuple[float, float], ...]
    homes: tuple[Label, ...]
    marks: tuple[Label, ...]
    told: str


def course(
    language: Language, scores: Sequence[Score], reviews: Sequence[Review], stays: Sequence[Stay] = ()
) -> Course | None:
    """The drawing of scores, newest first; None where fewer than two lists have ranked the citizen."""
    ranked = [(one.head.as_of, one.entry.probability) for one in scores if one.entry.probability is not None]
    if len(ranked) < 2:
        return None
    axis = _Axis(first=scores[-1].head.as_of, last=scores[0].head.as_of)
    scale = RiskScale.over([probability for _, probability in ranked], HEIGHT)
    points = [_point(one, axis, scale) for one in reversed(scores)]
    return Course(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        total_height=HEIGHT + _FOOT,
        lines=lines(points),
        now=points[-1],
        grid=tuple(Label(scale.y(p), odds_label(language, p)) for p in _GRID if p <= scale.top),
        months=axis.months(language),
        stays=tuple(_stays(axis, scores, stays)),
        homes=tuple(_homes(language, axis, scores, stays)),
        marks=tuple(_marks(language, axis, reviews)),
        told=_told(language, ranked),
    )


def odds_label(language: Language, probability: float) -> str:
    """`1 ud af 10`, for a line of the grid."""
    return language.say("1 ud af %(n)s", n=round(1 / probability))


@dataclass(frozen=True, slots=True)
class _Axis:
    first: date
    last: date

    def x(self, day: date) -> float:
        whole = max((self.last - self.first).days, 1)
        return round(LEFT + (WIDTH - LEFT - 12) * (day - self.first).days / whole, 1)

    def week(self, monday: date) -> tuple[float, float]:
        """Left edge and width of the week that a list dated `monday` ends."""
        left = max(self.x(monday - timedelta(days=4)), LEFT)
        return left, round(max(self.x(monday + timedelta(days=3)) - left, 4.0), 1)

    def stretch(self, start: date, end: date) -> tuple[float, float]:
        """Left edge and width from one day to another, cut to the drawing; never too thin to be seen."""
        left = self.x(min(max(start, self.first), self.last))
        return left, round(max(self.x(min(end, self.last)) - left, 3.0), 1)

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last

    def months(self, language: Language) -> tuple[Label, ...]:
        """The first of each month inside, every other one where they stand close."""
        days = (self.first + timedelta(days=ahead) for ahead in range((self.last - self.first).days + 1))
        firsts = [day for day in days if day.day == 1]
        return tuple(Label(self.x(day), language.month(day)) for day in firsts if self.x(day) < WIDTH - 30)


def _point(score: Score, axis: _Axis, scale: RiskScale) -> tuple[float, float] | None:
    probability = score.entry.probability
    return None if probability is None else (axis.x(score.head.as_of), scale.y(probability))


def _stays(axis: _Axis, scores: Sequence[Score], stays: Sequence[Stay]) -> list[tuple[float, float]]:
    """Where the citizen was in hospital; without messages the weeks whose lists found them there."""
    if not stays:
        return [axis.week(one.head.as_of) for one in scores if one.entry.status is Status.IN_HOSPITAL]
    return [axis.stretch(one.start, one.end or axis.last) for one in stays if (one.end or axis.last) >= axis.first]


def _homes(language: Language, axis: _Axis, scores: Sequence[Score], stays: Sequence[Stay]) -> list[Label]:
    days = {one.entry.discharged_on for one in scores if one.entry.discharged_on}
    days |= {one.end for one in stays if one.end}
    return [
        Label(axis.x(day), language.say("udskrevet %(date)s", date=language.short_date(day)))
        for day in sorted(days)
        if axis.holds(day)
    ]


def _marks(language: Language, axis: _Axis, reviews: Sequence[Review]) -> list[Label]:
    days = sorted({danish_date(one.made_at) for one in reviews if one.undone_at is None})
    return [
        Label(min(axis.x(day), WIDTH - 12.0), language.say("gennemgået %(date)s", date=language.short_date(day)))
        for day in days
        if day >= axis.first
    ]


def _told(language: Language, ranked: Sequence[tuple[date, float]]) -> str:
    """The drawing in a sentence, for those who do not see it."""
    (newest, now), (oldest, then) = ranked[0], ranked[-1]
    return language.say(
        "Risikoen var %(then)s den %(oldest)s og er %(now)s den %(newest)s.",
        then=odds(language, then),
        oldest=language.short_date(oldest),
        now=odds(language, now),
        newest=language.short_date(newest),
    )
