"""Scoring: from a row of features to a calibrated probability, and to what each feature contributed to it.

A model is two views of the same features, both in log-odds and averaged: boosted trees, which find thresholds and
interactions, and an additive model, which does not over-read the few hundred admissions a municipality has. What a
feature adds to the additive model is a rising or falling curve of its value, so both can be taken apart feature by
feature. Nothing is fitted here, no file is read, and no row depends on another.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.scoring.boosting import lgb
from models.scoring.calibration import Beta, Isotonic, Platt, probability

FEW_ROWS = 256
"""Up to here one thread is faster than waking others up (8 ms against 0.1 ms for a row)."""
_CHUNK = 16_384
SQUEEZED_AT_ONCE = 1024
"""Rows whose squeezed values are made and used up at a time: of more, memory is fetched and given back all along."""


@dataclass(frozen=True, slots=True)
class Additive:
    """A logistic regression on squeezed features; all arrays have shape (p,).

    A value x adds `coefficient * clip((asinh(x / unit) - centre) / scale, -limit, limit)`, a missing one adds
    `missing`. asinh is a logarithm that takes zero and negative numbers: ten visits more mean less to someone who has
    forty than to someone who has four.
    """

    unit: NDArray[np.float64]
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    coefficient: NDArray[np.float64]
    missing: NDArray[np.float64]
    intercept: float
    limit: float

    def standardised(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """The squeezed values, shape (n, p), missing as NaN; one standard deviation of the training rows is 1."""
        squeezed = np.arcsinh(values / self.unit)
        return np.clip((squeezed - self.centre) / self.scale, -self.limit, self.limit)

    def terms(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """What each feature adds in log-odds, shape (n, p)."""
        return self.weighed(self.standardised(values))

    def weighed(self, standardised: NDArray[np.float64]) -> NDArray[np.float64]:
        """What each of the squeezed values, shape (n, p), adds in log-odds; the same shape."""
        terms = standardised * self.coefficient
        return np.where(np.isnan(terms), self.missing, terms)

    def log_odds(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """Raw log-odds, shape (n,)."""
        total = np.empty(len(values))
        for rows in chunks(len(values), SQUEEZED_AT_ONCE):
            total[rows] = self.intercept + self.terms(values[rows]).sum(axis=1)
        return total


@dataclass(frozen=True, slots=True)
class RiskModel:
    """A fitted model: what a bundle holds, put together.

    `names` are the features in column order, `tree_weight` the share of the trees in the average. With no boosters the
    additive model stands alone.
    """

    names: tuple[str, ...]
    boosters: tuple[lgb.Booster, ...]
    additive: Additive
    tree_weight: float
    calibration: Platt | Beta | Isotonic

    def score(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """The calibrated probability of an acute admission within the horizon, shape (n,), of features (n, p)."""
        return probability(self.calibration.log_odds(self.log_odds(values)))

    def log_odds(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """The log-odds before calibration, shape (n,), of features (n, p), missing as NaN."""
        total = np.empty(len(values))
        for rows in chunks(len(values)):
            part = values[rows]
            total[rows] = (1.0 - self.tree_weight) * self.additive.log_odds(part)
            total[rows] += self.tree_weight * tree_log_odds(self.boosters, part)
        return total

    def contributions(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """What each feature, and last the base, adds to the log-odds before calibration, shape (n, p + 1).

        A row's contributions sum to its `log_odds`. The trees' part is TreeSHAP (Lundberg et al. 2020): dear, meant for
        the listed citizens and not for everyone.
        """
        width = values.shape[1]
        total = np.empty((len(values), width + 1))
        for rows in chunks(len(values)):
            part = values[rows]
            total[rows, :width] = (1.0 - self.tree_weight) * self.additive.terms(part)
            total[rows, width] = (1.0 - self.tree_weight) * self.additive.intercept
            for booster in self.boosters:
                shares = booster.predict(part, pred_contrib=True, num_threads=_threads(len(part)))
                total[rows] += self.tree_weight / len(self.boosters) * np.asarray(shares)
        return total


def tree_log_odds(boosters: Sequence[lgb.Booster], values: NDArray[np.float32]) -> NDArray[np.float64]:
    """The mean raw log-odds of the boosters, shape (n,); 0 without any."""
    total = np.zeros(len(values))
    for booster in boosters:
        total += np.asarray(booster.predict(values, raw_score=True, num_threads=_threads(len(values))))
    return total / max(len(boosters), 1)


def chunks(rows: int, at_once: int = _CHUNK) -> Iterator[slice]:
    """Stretches of rows that together are all of them, so that memory does not grow with the municipality."""
    for start in range(0, rows, at_once):
        yield slice(start, min(start + at_once, rows))


def _threads(rows: int) -> int:
    return 1 if rows <= FEW_ROWS else 0
