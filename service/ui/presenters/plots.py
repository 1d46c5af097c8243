"""Plots of weeks as numbers: where columns, marks and intervals go in an SVG. No colours, and words only as given."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

WIDTH: Final = 640
HEIGHT: Final = 190
LEFT: Final = 40
TOP: Final = 22
_STEPS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True, slots=True)
class Tick:
    """A word along an axis, at a distance from the left or the top."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a column: `kind` names its look, `text` stands in it where there is room."""

    y: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True)
class Column:
    """A week's pieces from the floor up, and what stands above them."""

    x: float
    width: float
    parts: tuple[Part, ...]
    above: Tick


@dataclass(frozen=True, slots=True)
class Span:
    """A week's expectation with its interval, and what happened where it is known (the distance from the top)."""

    x: float
    low: float
    high: float
    expected: float
    actual: float | None


@dataclass(frozen=True, slots=True)
class Frame:
    """What both kinds of plot stand in."""

    width: int
    height: int
    left: int
    top: int
    total_height: int
    grid: tuple[Tick, ...]
    weeks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of counts, week by week."""

    frame: Frame
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Spans:
    """Expectations and what happened, week by week."""

    frame: Frame
    spans: tuple[Span, ...]
    half: float


def columns(
    weeks: Sequence[str], counts: Sequence[Sequence[int]], kinds: Sequence[str], above: Sequence[str]
) -> Columns:
    """Stacked columns: of each week one count a kind, the first at the floor; `above` is written over each."""
    top = max((sum(week) for week in counts), default=0)
    frame, scale = _frame(weeks, float(top))
    step = _step(weeks)
    made: list[Column] = []
    for at, week in enumerate(counts):
        parts: list[Part] = []
        floor = 0
        for count, kind in zip(week, kinds, strict=True):
            height = round(count * scale, 1)
            parts.append(Part(round(HEIGHT - floor * scale - height, 1), height, kind))
            floor += count
        x, width = round(LEFT + step * (at + 0.16), 1), round(step * 0.68, 1)
        made.append(Column(x, width, tuple(parts), Tick(round(HEIGHT - floor * scale - 6, 1), above[at])))
    return Columns(frame, tuple(made))


def spans(weeks: Sequence[str], found: Sequence[tuple[float, float, float, float | None]]) -> Spans:
    """Marks of each week: expected, low, high, and what happened or None; in the unit they are counted in."""
    frame, scale = _frame(weeks, max((max(high, actual or 0.0) for _, _, high, actual in found), default=0.0))
    step = _step(weeks)

    def y(value: float) -> float:
        return round(HEIGHT - value * scale, 1)

    made = tuple(
        Span(round(LEFT + step * (at + 0.5), 1), y(low), y(high), y(expected), None if actual is None else y(actual))
        for at, (expected, low, high, actual) in enumerate(found)
    )
    return Spans(frame, made, round(min(step * 0.3, 14.0), 1))


def _frame(weeks: Sequence[str], top: float) -> tuple[Frame, float]:
    """The frame, and how many units of the drawing one counted takes."""
    step = next((one for one in _STEPS if top / one <= 5), _STEPS[-1])
    lines = max(1, ceil(top / step))
    scale = HEIGHT / (lines * step)
    grid = tuple(Tick(round(HEIGHT - step * at * scale, 1), str(step * at)) for at in range(lines + 1))
    between = _step(weeks)
    # Where weeks stand close, every other one is named, the newest always.
    every = 1 if between >= 34 else 2
    named = tuple(
        Tick(round(LEFT + between * (at + 0.5), 1), text)
        for at, text in enumerate(weeks)
        if (len(weeks) - 1 - at) % every == 0
    )
    return Frame(WIDTH, HEIGHT, LEFT, TOP, TOP + HEIGHT + 26, grid, named), scale


def _step(weeks: Sequence[str]) -> float:
    return (WIDTH - LEFT) / max(len(weeks), 1)
