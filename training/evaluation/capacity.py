"""What the nurses get: precision, recall and lift of a list that is as long as they can work through.

The list is cut every week by itself, as in operation: the k highest, or a share of those ranked that week. Where the
cut falls among equal scores, the figure is bounded by the best and the worst luck, and its expectation is exact, not
drawn.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Capacity:
    """How long a week's list is: `citizens` of them, or a `share` of those ranked."""

    citizens: int | None = None
    share: float | None = None

    @property
    def name(self) -> str:
        """As it stands in figures and reports."""
        return f"{self.citizens} a week" if self.citizens is not None else f"{100 * (self.share or 0):g} %"

    @property
    def key(self) -> str:
        """As it stands in the names of metrics."""
        return f"top_{self.citizens}" if self.citizens is not None else f"top_{100 * (self.share or 0):g}_percent"

    def places(self, ranked: NDArray[np.float64]) -> NDArray[np.float64]:
        """The places on the list of each week, for how many are ranked in it, shape (w,)."""
        if self.citizens is not None:
            return np.minimum(float(self.citizens), ranked)
        return np.minimum(np.maximum((self.share or 0.0) * ranked, 1.0), ranked)


@dataclass(frozen=True, slots=True)
class Cut:
    """What a list catches: `listed` places, the admitted among them expected, at worst and best, and all admitted."""

    listed: float
    expected: float
    worst: float
    best: float
    admitted: float
    ranked: float

    @property
    def precision(self) -> float:
        """The share of the listed who are admitted within the horizon."""
        return self.expected / self.listed if self.listed else float("nan")

    @property
    def recall(self) -> float:
        """The share of the admitted who are on the list."""
        return self.expected / self.admitted if self.admitted else float("nan")

    @property
    def lift(self) -> float:
        """How many times more admissions than on a list drawn by lot."""
        base = self.admitted / self.ranked if self.ranked else 0.0
        return self.precision / base if base else float("nan")


@dataclass(frozen=True, slots=True)
class WeeklyOrder:
    """Rows by week and from the highest score down, equal scores of a week as one group of `starts`, shape (g,)."""

    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    week_of_group: NDArray[np.int64]
    weeks: int
    outcome: NDArray[np.float64]

    @classmethod
    def of(
        cls, as_of: NDArray[np.int32], score: NDArray[np.float64], outcome: NDArray[np.int8] | NDArray[np.float64]
    ) -> "WeeklyOrder":
        """Sort once: as-of days, scores, and outcomes (or amounts), each shape (n,), at least one row."""
        order = np.lexsort((-score, as_of))
        day, ranked = as_of[order], score[order]
        new_week = np.r_[True, day[1:] != day[:-1]]
        starts = np.flatnonzero(new_week | np.r_[True, ranked[1:] != ranked[:-1]])
        week = (np.cumsum(new_week) - 1)[starts]
        return cls(order, starts, week, int(new_week.sum()), outcome[order].astype(np.float64))

    def cut(self, capacity: Capacity, weight: NDArray[np.float64]) -> Cut:
        """What the lists of all weeks catch together, for row weights, shape (n,)."""
        weighted = weight[self.order]
        size = np.add.reduceat(weighted, self.starts)
        admitted = np.add.reduceat(weighted * self.outcome, self.starts)
        inside = self._places_of_groups(capacity, size)
        share = np.divide(inside, size, out=np.zeros_like(size), where=size > 0.0)
        return Cut(
            listed=float(inside.sum()),
            expected=float((share * admitted).sum()),
            worst=float(np.maximum(inside - (size - admitted), 0.0).sum()),
            best=float(np.minimum(inside, admitted).sum()),
            admitted=float(admitted.sum()),
            ranked=float(size.sum()),
        )

    def inside(self, capacity: Capacity, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """How much of each row is on its week's list, shape (n,): 1, 0, or a share where the cut falls among equals."""
        size = np.add.reduceat(weight[self.order], self.starts)
        share = np.divide(self._places_of_groups(capacity, size), size, out=np.zeros_like(size), where=size > 0.0)
        rows = np.empty(weight.size)
        rows[self.order] = np.repeat(share, np.diff(np.r_[self.starts, weight.size]))
        return rows

    def _places_of_groups(self, capacity: Capacity, size: NDArray[np.float64]) -> NDArray[np.float64]:
        """The places each group of equal scores has on its week's list, for the groups' weights, both shape (g,)."""
        ranked = np.bincount(self.week_of_group, weights=size, minlength=self.weeks).astype(np.float64)
        before = np.cumsum(size) - size - np.r_[0.0, np.cumsum(ranked)[:-1]][self.week_of_group]
        return np.clip(capacity.places(ranked)[self.week_of_group] - before, 0.0, size)


@dataclass(frozen=True, slots=True)
class Capture:
    """The share of the risk on an all-knowing list that is on this one, for invented citizens whose risk is known."""

    ours: WeeklyOrder
    best: WeeklyOrder

    @classmethod
    def of(cls, as_of: NDArray[np.int32], score: NDArray[np.float64], risk: NDArray[np.float64]) -> "Capture":
        """Sort once: as-of day, score and true risk of each row, shape (n,) each."""
        return cls(WeeklyOrder.of(as_of, score, risk), WeeklyOrder.of(as_of, risk, risk))

    def at(self, capacity: Capacity, weight: NDArray[np.float64]) -> float:
        """The share at a list length, for row weights, shape (n,); NaN where there is no risk to capture."""
        possible = self.best.cut(capacity, weight).expected
        return self.ours.cut(capacity, weight).expected / possible if possible else float("nan")
