"""Small drawings as numbers: where bars and lines go in an SVG. No colours, no words."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median
from typing import Final

BARS_WIDTH: Final = 132
BARS_HEIGHT: Final = 34
_TOP_RISK: Final = 0.5
"""The top of the risk chart, unless a citizen has been higher."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in the drawing's own units; `last` is the newest."""

    x: float
    y: float
    width: float
    height: float
    last: bool


@dataclass(frozen=True, slots=True)
class Bars:
    """A course as bars, oldest first, and the height of the citizen's usual (the median of all but the newest)."""

    width: int
    height: int
    bars: tuple[Bar, ...]
    usual: float | None


def bars(values: Sequence[float | None]) -> Bars | None:
    """The drawing of a course; None when nothing is known. A value that is not known leaves a gap, zero a thin line."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    low, high = min(0.0, *known), max(*known, 0.0)
    # Weights and temperatures hardly move against zero: from a floor just below the lowest, the change can be seen.
    if min(known) > 0.6 * high:
        low = min(known) - 0.35 * (high - min(known) or high)
    span = (high - low) or 1.0
    step = BARS_WIDTH / len(values)
    drawn = tuple(
        Bar(
            x=round(at * step + step * 0.14, 1),
            y=round(BARS_HEIGHT - _height(value, low, span), 1),
            width=round(step * 0.72, 1),
            height=round(_height(value, low, span), 1),
            last=at == len(values) - 1,
        )
        for at, value in enumerate(values)
        if value is not None
    )
    before = [value for value in values[:-1] if value is not None]
    usual = round(BARS_HEIGHT - _height(median(before), low, span), 1) if before else None
    return Bars(BARS_WIDTH, BARS_HEIGHT, drawn, usual)


def _height(value: float, low: float, span: float) -> float:
    return max(1.2, (value - low) / span * (BARS_HEIGHT - 2))


@dataclass(frozen=True, slots=True)
class RiskScale:
    """Where a probability stands in the risk chart: by its square root, which keeps low risks off the floor."""

    top: float
    height: float

    @classmethod
    def over(cls, probabilities: Sequence[float], height: float) -> "RiskScale":
        """A scale that holds all of them."""
        return cls(max(_TOP_RISK, *probabilities) if probabilities else _TOP_RISK, height)

    def y(self, probability: float) -> float:
        """The distance from the top of the drawing."""
        return round(self.height * (1 - sqrt(probability / self.top)), 1)


def lines(points: Sequence[tuple[float, float] | None]) -> tuple[str, ...]:
    """The `points` attributes of polylines through the points, a new one after each gap; lone points are left out."""
    stretches: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            stretches.append([])
        else:
            stretches[-1].append(point)
    return tuple(" ".join(f"{x},{y}" for x, y in one) for one in stretches if len(one) > 1)
