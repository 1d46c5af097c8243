"""Drift: how far what is seen today has moved from what a model learnt from. Arithmetic only; nothing is judged here.

The population stability index compares shares over bins, with the missing as a bin of their own; Kolmogorov and
Smirnov's distance compares the values that are there. Both are computed column by column in one sorted pass, and
nothing is sent to anybody: the tools that do this for others phone home.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 10
_LEAST_SHARE = 1e-4
"""An empty bin counts as this share: one citizen where there was none is no infinite change."""
_CHANCE = 3.29
"""Standard deviations that chance exceeds once in a thousand."""

Numbers = NDArray[np.float32 | np.float64]


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """How far each of p columns has moved, shape (p,) each: both measures, and the missing shares before and now."""

    psi: NDArray[np.float64]
    ks: NDArray[np.float64]
    missing_before: NDArray[np.float64]
    missing_now: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RateChange:
    """A rate now as a multiple of the rate before, and how many standard deviations of chance lie between them."""

    ratio: NDArray[np.float64]
    z: NDArray[np.float64]


def columns(before: Numbers, now: Numbers) -> ColumnDrift:
    """The drift of every column from rows (n, p) to rows (m, p), missing as NaN."""
    found = [_column(before[:, place], now[:, place]) for place in range(before.shape[1])]
    told = np.array(found, dtype=np.float64).reshape(-1, 4).T
    return ColumnDrift(*told)


def psi_of_shares(before: NDArray[np.float64], now: NDArray[np.float64]) -> float:
    """The population stability index of counts in the same bins, shape (b,) each; 0 where either side is empty."""
    if not before.sum() or not now.sum():
        return 0.0
    earlier, later = (np.maximum(counts / counts.sum(), _LEAST_SHARE) for counts in (before, now))
    return float(((later - earlier) * np.log(later / earlier)).sum())


def psi_by_chance(before: int, now: int, bins: int = BINS + 1) -> float:
    """The index that two samples of one and the same distribution exceed once in a thousand times, about.

    It is a chi-square statistic of `bins - 1` degrees of freedom, scaled by the sizes; Wilson and Hilferty's cube root
    makes it a normal one.
    """
    if not before or not now:
        return float("inf")
    freedom = bins - 1
    spread = 2.0 / (9.0 * freedom)
    return freedom * (1.0 - spread + _CHANCE * spread**0.5) ** 3 * (1.0 / before + 1.0 / now)


def ks(before: Numbers, now: Numbers) -> float:
    """The greatest distance of the two shares at or below a value, over all values, shapes (n,) and (m,), no NaN."""
    return _distance(np.sort(before), np.sort(now))


def rates(
    before: NDArray[np.float64], now: NDArray[np.float64], exposure_before: float, exposure_now: float
) -> RateChange:
    """The change of counts, shape (k,), each over its exposure (citizen-days); half an event is added to each side.

    The distance is that of Poisson counts by their square roots (Anscombe), which is even for few and for many.
    """
    if exposure_before <= 0.0 or exposure_now <= 0.0:
        return RateChange(np.ones(before.size), np.zeros(before.size))
    earlier, later = (before + 0.5) / exposure_before, (now + 0.5) / exposure_now
    roots = np.sqrt((now + 0.375) / exposure_now) - np.sqrt((before + 0.375) / exposure_before)
    return RateChange(later / earlier, roots / (0.5 * np.sqrt(1.0 / exposure_before + 1.0 / exposure_now)))


def late_shares(days_late: NDArray[np.int32], borders: Sequence[int] = (1, 2, 4, 8)) -> NDArray[np.float64]:
    """How many events were written down within a day, two, four, a week, or later; shape (len(borders) + 1,)."""
    place = np.searchsorted(np.asarray(borders), days_late, side="right")
    return np.bincount(place, minlength=len(borders) + 1).astype(np.float64)


def _column(before: Numbers, now: Numbers) -> tuple[float, float, float, float]:
    earlier, later = (np.sort(values) for values in (before, now))
    # NaN is sorted last, so what is there is a beginning of the sorted column.
    there_before, there_now = (int(values.size - np.isnan(values).sum()) for values in (earlier, later))
    missing = (1.0 - there_before / max(before.size, 1), 1.0 - there_now / max(now.size, 1))
    earlier, later = earlier[:there_before], later[:there_now]
    counts = [_binned(earlier, values, size) for values, size in ((earlier, before.size), (later, now.size))]
    return psi_of_shares(counts[0], counts[1]), _distance(earlier, later), *missing


def _binned(reference: Numbers, values: Numbers, size: int) -> NDArray[np.float64]:
    """Counts of sorted values between the reference's quantiles, and last the missing; shape (b + 1,)."""
    inside = np.zeros(1)
    if reference.size:
        place = np.linspace(0, reference.size - 1, BINS + 1)[1:-1].astype(np.int64)
        # A value that fills several bins is one border: equal values never lie on both sides of it.
        borders = np.unique(reference[place])
        below = np.searchsorted(values, borders, side="right")
        inside = np.diff(np.r_[0, below, values.size]).astype(np.float64)
    elif values.size:
        inside = np.array([float(values.size)])
    return np.r_[inside, float(size - values.size)]


def _distance(before: Numbers, now: Numbers) -> float:
    """`ks` of sorted values."""
    if not before.size or not now.size:
        return 0.0
    both = np.concatenate([before, now])
    # Two sorted runs are merged by a stable sort in one pass; searching each value in the other takes several times it.
    order = np.argsort(both, kind="stable")
    apart = np.cumsum(np.where(order < before.size, 1.0 / before.size, -1.0 / now.size))
    ranked = both[order]
    last_of_equals = np.append(ranked[1:] != ranked[:-1], True)
    return float(np.abs(apart[last_of_equals]).max())
