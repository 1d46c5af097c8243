"""The oracle of features: every number straight from its definition, one event after another, in plain Python.

It shares nothing with the kernel but the definitions: windows are told by comparing instants with midnights, never by
day numbers, and every aggregation is written out as a textbook would. Slow, and meant to be.
"""

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from models.features.spec import (
    EVER,
    Aggregate,
    Aggregation,
    Catalogue,
    Compared,
    Comparison,
    Definition,
    Season,
    Signal,
)
from tests.models.happenings import Happening
from tests.models.oracle.monitoring import judged
from tests.models.oracle.times import days_before, is_visible, local_date


@dataclass(frozen=True, slots=True)
class Seen:
    """An event as a signal sees it: when, how many whole days before the day before T, and with which value."""

    happening: Happening
    age: int
    value: float


def features(found: Iterable[Happening], citizen: int, as_of: date, catalogue: Catalogue) -> dict[str, float]:
    """Every feature of one citizen on one day, by name; missing is NaN."""
    own = [each for each in judged(each for each in found if each.citizen == citizen) if is_visible(each, as_of)]
    own.sort(key=lambda each: (each.occurred_at, each.known_from, each.sequence))
    return {feature.name: number(feature.definition, own, as_of, catalogue) for feature in catalogue.features}


def number(definition: Definition, visible: Sequence[Happening], as_of: date, catalogue: Catalogue) -> float:
    """One feature from the events visible on T, in order."""
    if isinstance(definition, Season):
        turn = 2 * math.pi * as_of.timetuple().tm_yday / 365.25
        return math.sin(turn) if definition is Season.SIN else math.cos(turn)
    if isinstance(definition, Aggregate):
        return aggregated(definition, visible, as_of, catalogue)
    left = aggregated(definition.left, visible, as_of, catalogue)
    return _compared(definition, left, aggregated(definition.right, visible, as_of, catalogue))


def aggregated(part: Aggregate, visible: Sequence[Happening], as_of: date, catalogue: Catalogue) -> float:
    """One aggregate from the events visible on T, in order."""
    signal = catalogue.signal(part.signal)
    window = [each for each in visible if _wanted(each, signal) and _inside(each, part, as_of)]
    seen = [Seen(each, _age(each, as_of), _value(each, signal)) for each in window]
    if part.aggregation is Aggregation.DECAYED:
        return math.fsum(2.0 ** (-each.age / part.half_life) for each in seen)
    return _RULES[part.aggregation](seen)


def _wanted(happening: Happening, signal: Signal) -> bool:
    if not any(_is(happening.code, pattern) for pattern in signal.codes):
        return False
    return not (signal.found_only and _value(happening, signal) <= 0)


def _is(code: str, pattern: str) -> bool:
    return code == pattern or (pattern[-1:] == "*" and code[: len(pattern) - 1] == pattern[:-1])


def _value(happening: Happening, signal: Signal) -> float:
    """The value the signal gives the code, or else the event's own; NaN where there is neither."""
    own = math.nan if happening.value is None else happening.value
    return signal.scores.get(happening.code, own)


def _inside(happening: Happening, part: Aggregate, as_of: date) -> bool:
    starts = part.window.end == EVER or days_before(as_of, part.window.end) <= happening.occurred_at
    return starts and happening.occurred_at < days_before(as_of, part.window.first)


def _age(happening: Happening, as_of: date) -> int:
    """Whole days from the event's day to the day before T."""
    return (as_of - local_date(happening.occurred_at)).days - 1


def _count(seen: Sequence[Seen]) -> float:
    return len(seen)


def _days(seen: Sequence[Seen]) -> float:
    return len({each.age for each in seen})


def _since(seen: Sequence[Seen]) -> float:
    return min(each.age for each in seen) + 1 if seen else math.nan


def _sum(seen: Sequence[Seen]) -> float:
    return math.fsum(_values(seen))


def _values(seen: Iterable[Seen]) -> list[float]:
    return [each.value for each in seen if not math.isnan(each.value)]


def _of_values(rule: Callable[[list[float]], float], least: int = 1) -> Callable[[Sequence[Seen]], float]:
    return lambda seen: rule(_values(seen)) if len(_values(seen)) >= least else math.nan


def _slope(seen: Sequence[Seen]) -> float:
    points = [(-each.age, each.value) for each in seen if not math.isnan(each.value)]
    if len(points) < 3 or len({day for day, _ in points}) < 2:
        return math.nan
    middle_day, middle = statistics.fmean(day for day, _ in points), statistics.fmean(value for _, value in points)
    joint = math.fsum((day - middle_day) * (value - middle) for day, value in points)
    return joint / math.fsum((day - middle_day) ** 2 for day, _ in points)


_RULES: Mapping[Aggregation, Callable[[Sequence[Seen]], float]] = {
    Aggregation.COUNT: _count,
    Aggregation.DAYS: _days,
    Aggregation.SINCE: _since,
    Aggregation.SUM: _sum,
    Aggregation.MEAN: _of_values(statistics.fmean),
    Aggregation.MIN: _of_values(min),
    Aggregation.MAX: _of_values(max),
    Aggregation.STD: _of_values(statistics.stdev, least=2),
    Aggregation.LAST: _of_values(lambda values: values[-1]),
    Aggregation.SLOPE: _slope,
}


def _compared(definition: Compared, left: float, right: float) -> float:
    scaled = definition.scale * right
    if math.isnan(left) or math.isnan(right):
        return math.nan
    if definition.comparison is Comparison.DIFFERENCE:
        return left - scaled
    above, below = left + definition.prior, scaled + definition.prior
    if definition.comparison is Comparison.RATIO:
        return left / below if below else math.nan
    return math.log(above / below) if below and above / below > 0 else math.nan
