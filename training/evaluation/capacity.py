"""What the nurses get: precision, recall and lift of a list that is as long as they can work through.

The list is cut every week by itself, as in operation: the k highest, or a share of those ranked that week. Where the
cut falls among equal scores, the figure is bounded by the best and the worst luck, and its expectation is exact, not
drawn.
"""

from collections.abc import Sequence
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
        return self.weighed(weight).cut(capacity)

    def weighed(self, weight: NDArray[np.float64]) -> "Weighed":
        """The lists for row weights, shape (n,), to be cut at any length."""
        size = weight[self.order]
        admitted = size * self.outcome
        if self.starts.size < size.size:
            size, admitted = np.add.reduceat(size, self.starts), np.add.reduceat(admitted, self.starts)
        ends = np.searchsorted(self.week_of_group, np.arange(self.weeks + 1))
        return Weighed(np.r_[0.0, np.cumsum(size)], np.r_[0.0, np.cumsum(admitted)], ends)

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
class Weighed:
    """Every week's list from its top down, as running totals over the groups, shape (g + 1,) each, the first 0.

    `ends` are the groups a week begins and the next begins with, shape (weeks + 1,). A list ends within one group of
    each week: what is above it is read off the totals, so a length costs no walk through the rows.
    """

    size: NDArray[np.float64]
    admitted: NDArray[np.float64]
    ends: NDArray[np.int64]

    def cut(self, capacity: Capacity) -> Cut:
        """What the lists of this length catch."""
        begins = self.size[self.ends[:-1]]
        ranked = self.size[self.ends[1:]] - begins
        places = capacity.places(ranked)
        # The group the list's last place falls into; above it all are listed.
        last = np.minimum(np.searchsorted(self.size, begins + places, side="right") - 1, self.ends[1:] - 1)
        above = self.size[last] - begins
        caught = self.admitted[last] - self.admitted[self.ends[:-1]]
        inside = np.clip(places - above, 0.0, None)
        size, admitted = self.size[last + 1] - self.size[last], self.admitted[last + 1] - self.admitted[last]
        share = np.divide(inside, size, out=np.zeros_like(size), where=size > 0.0)
        return Cut(
            listed=float(places.sum()),
            expected=float((caught + share * admitted).sum()),
            worst=float((caught + np.maximum(inside - (size - admitted), 0.0)).sum()),
            best=float((caught + np.minimum(inside, admitted)).sum()),
            admitted=float(self.admitted[-1]),
            ranked=float(self.size[-1]),
        )


@dataclass(frozen=True, slots=True)
class Capture:
    """The share of the risk on an all-knowing list that is on this one, for invented citizens whose risk is known."""

    ours: WeeklyOrder
    best: WeeklyOrder

    @classmethod
    def of(cls, as_of: NDArray[np.int32], score: NDArray[np.float64], risk: NDArray[np.float64]) -> "Capture":
        """Sort once: as-of day, score and true risk of each row, shape (n,) each."""
        return cls(WeeklyOrder.of(as_of, score, risk), WeeklyOrder.of(as_of, risk, risk))

    def at(self, capacities: Sequence[Capacity], weight: NDArray[np.float64]) -> list[float]:
        """The share at each list length, for row weights, shape (n,); NaN where there is no risk to capture."""
        ours, best = self.ours.weighed(weight), self.best.weighed(weight)
        pairs = [(ours.cut(capacity).expected, best.cut(capacity).expected) for capacity in capacities]
        return [found / possible if possible else float("nan") for found, possible in pairs]
