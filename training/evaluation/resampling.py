"""Intervals: the same figure for citizens drawn again and again.

Weekly rows of a citizen say nearly the same, so drawing rows would make every interval far too narrow: citizens are
drawn, each with all its weeks. Percentile intervals; a figure that could not be told in most draws has none.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Figure = Callable[[NDArray[np.float64]], float]
Figures = Callable[[NDArray[np.float64]], Mapping[str, float]]
"""Several figures of one weighing of the rows, by name: what they have in common is worked out once."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and the middle 95 % of it when citizens are drawn again; NaN where it cannot be told."""

    value: float
    low: float
    high: float

    @property
    def told(self) -> bool:
        """Whether the figure and its interval could be computed."""
        return not any(np.isnan([self.value, self.low, self.high]))

    def __str__(self) -> str:
        if np.isnan(self.value):
            return "cannot be told"
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})" if self.told else f"{self.value:.3f}"


@dataclass(frozen=True, slots=True)
class Draws:
    """How often each citizen's rows count in each draw: `person` of the row, shape (n,), `count` (draws, people)."""

    person: NDArray[np.int64]
    count: NDArray[np.uint8]

    @classmethod
    def of(cls, citizen: NDArray[np.int32], resamples: int, seed: int) -> "Draws":
        """Draw the citizens of rows, shape (n,), with replacement."""
        people, person = np.unique(citizen, return_inverse=True)
        generator = np.random.default_rng(seed)
        count = np.stack(
            [
                np.bincount(generator.integers(0, people.size, people.size), minlength=people.size)
                for _ in range(resamples)
            ]
        )
        return cls(person.astype(np.int64), count.astype(np.uint8))

    def weights(self) -> Iterator[NDArray[np.float64]]:
        """The weight of each row, shape (n,), draw by draw."""
        for count in self.count:
            yield count[self.person].astype(np.float64)

    def sums(self, columns: NDArray[np.float64]) -> NDArray[np.float64]:
        """The weighted sums of columns, shape (n, k): of the rows as they are, then of each draw; (1 + draws, k).

        A citizen's rows count alike in every draw, so they are summed once.
        """
        people = self.count.shape[1]
        own = np.stack([np.bincount(self.person, column, people) for column in columns.T], axis=1)
        drawn = [(self.count * column).sum(axis=1) for column in own.T]
        return np.vstack([own.sum(axis=0), np.stack(drawn, axis=1)])

    def intervals(self, figures: Mapping[str, Figure]) -> dict[str, Interval]:
        """Each figure of the rows, with its interval."""
        return self.together(lambda weight: {name: figure(weight) for name, figure in figures.items()})

    def together(self, *figures: Figures) -> dict[str, Interval]:
        """As `intervals`, of figures that are told several at a time."""

        def all_of(weight: NDArray[np.float64]) -> dict[str, float]:
            return {name: value for several in figures for name, value in several(weight).items()}

        value = all_of(np.ones(self.person.size))
        drawn = [all_of(weight) for weight in self.weights()]
        return {name: interval(np.array([value[name], *(each[name] for each in drawn)])) for name in value}


def interval(values: NDArray[np.float64]) -> Interval:
    """The interval of a figure of the rows as they are, then of each draw, shape (1 + draws,)."""
    value, drawn = float(values[0]), values[1:]
    told = drawn[~np.isnan(drawn)]
    if np.isnan(value) or told.size < 0.8 * drawn.size:
        return Interval(value, float("nan"), float("nan"))
    low, high = np.quantile(told, [0.025, 0.975])
    return Interval(value, float(low), float(high))
