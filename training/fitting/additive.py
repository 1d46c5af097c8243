"""Fitting the additive model: a ridge-regularised logistic regression on squeezed features.

A municipality has a few thousand independent admissions at best, so what is shrunk matters more than what is counted.
The penalty is chosen by whoever calls, on rows of a later time.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from models.scoring.score import SQUEEZED_AT_ONCE, Additive, chunks
from training.fitting.one_thread import on_one_thread

_RARE = 20
_SAMPLE = 10_000
"""Rows that are enough to see how a feature is spread; ten thousand by a thousand features are 80 MB a copy."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How each feature is squeezed and standardised; arrays of shape (p,). `used` are features that vary."""

    unit: NDArray[np.float64]
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    used: NDArray[np.bool_]
    limit: float

    @classmethod
    def of(cls, values: NDArray[np.float32], limit: float) -> "Scale":
        """Learn the scale from training rows, shape (n, p); many rows are thinned out evenly."""
        thinned = values[:: max(1, len(values) // _SAMPLE)].astype(np.float64)
        present = ~np.isnan(thinned)
        unit = _typical(np.abs(thinned))
        squeezed = np.arcsinh(thinned / unit)
        count = np.maximum(present.sum(axis=0), 1)
        centre = np.nansum(squeezed, axis=0) / count
        spread = np.sqrt(np.nansum((squeezed - centre) ** 2, axis=0) / count)
        varies = (spread > 1e-6) & (present.sum(axis=0) >= _RARE)
        return cls(unit, centre, np.where(varies, spread, 1.0), varies, limit)


@dataclass(frozen=True, slots=True)
class Design:
    """The regression's columns, shape (n, k), and which of the 2p there could be each is, shape (k,).

    The first p are the features standardised, missing as 0, the others whether each is missing. Kept are those that
    vary and repeat no earlier one: features of one signal are missing together. Columns are multiplied by their
    `factor`, shape (k,): with a ridge on all alike, a column made larger is shrunk less.
    """

    columns: NDArray[np.float32]
    place: NDArray[np.int64]
    factor: NDArray[np.float32]

    @classmethod
    def of(cls, scale: Scale, values: NDArray[np.float32]) -> "Design":
        """The columns of rows, shape (n, p)."""
        place = _worth_keeping(_wide(scale, values[:: max(1, len(values) // _SAMPLE)]))
        columns = np.empty((len(values), place.size), dtype=np.float32)
        for rows in chunks(len(values)):
            columns[rows] = _wide(scale, values[rows])[:, place]
        return cls(columns, place, np.ones(place.size, dtype=np.float32))

    def where(self, mask: NDArray[np.bool_]) -> "Design":
        """The rows the mask, shape (n,), holds on to."""
        return Design(self.columns[mask], self.place, self.factor)

    def weighed(self, factor: NDArray[np.float32]) -> "Design":
        """The same rows with other factors, shape (k,)."""
        columns = np.multiply(self.columns, factor / self.factor, dtype=np.float32)
        return Design(columns, self.place, factor)


@on_one_thread
def fit(scale: Scale, design: Design, outcome: NDArray[np.int8], penalties: Sequence[float]) -> tuple[Additive, ...]:
    """One model a penalty, from a design and outcomes (n,) of both classes; the weakest penalty comes last.

    The penalty is `penalty / 2 * |b|^2` against the log-likelihood of the rows. With rows a month apart, which look
    forward to different admissions, it means the same whatever the rhythm of the weeks.
    """
    # An eighth of the error a weight has anyhow; ten times nearer takes a third longer and ranks the same.
    solver = LogisticRegression(solver="lbfgs", max_iter=400, tol=1e-4, warm_start=True)
    found: list[Additive] = []
    for penalty in sorted(penalties, reverse=True):
        solver.C = 1.0 / penalty
        with warnings.catch_warnings():
            # A ridge not fully walked up is a little more regularised, which is no fault here.
            warnings.simplefilter("ignore", ConvergenceWarning)
            solver.fit(design.columns, outcome)
        weights = np.zeros(2 * scale.unit.size)
        weights[design.place] = solver.coef_[0] * design.factor
        found.append(_additive(scale, weights, float(np.ravel(solver.intercept_)[0])))
    return tuple(found)


def log_odds_of(models: Sequence[Additive], values: NDArray[np.float32]) -> list[NDArray[np.float64]]:
    """The raw log-odds, shape (n,), by each of several models that share one scale: the rows are squeezed once."""
    said = [np.empty(len(values)) for _ in models]
    for rows in chunks(len(values), SQUEEZED_AT_ONCE):
        standardised = models[0].standardised(values[rows])
        for model, total in zip(models, said, strict=True):
            total[rows] = model.intercept + model.weighed(standardised).sum(axis=1)
    return said


def average(models: Sequence[Additive]) -> Additive:
    """The model whose log-odds are the mean of models that share one scale."""
    first = models[0]
    return Additive(
        first.unit,
        first.centre,
        first.scale,
        np.mean([model.coefficient for model in models], axis=0),
        np.mean([model.missing for model in models], axis=0),
        float(np.mean([model.intercept for model in models])),
        first.limit,
    )


def constant(width: int, log_odds: float) -> Additive:
    """The model that says the same of everyone, for `width` features."""
    one, nothing = np.ones(width), np.zeros(width)
    return Additive(one, nothing, one, nothing, nothing, log_odds, 1.0)


def _additive(scale: Scale, weights: NDArray[np.float64], intercept: float) -> Additive:
    width = scale.unit.size
    return Additive(scale.unit, scale.centre, scale.scale, weights[:width], weights[width:], intercept, scale.limit)


def _typical(size: NDArray[np.float64]) -> NDArray[np.float64]:
    """The median of the sizes that are not zero, shape (p,); 1 where there is none."""
    unit = np.ones(size.shape[1])
    for column in range(size.shape[1]):
        some = size[:, column]
        some = some[some > 0]
        unit[column] = np.median(some) if some.size else 1.0
    return unit


def _wide(scale: Scale, values: NDArray[np.float32]) -> NDArray[np.float32]:
    """All 2p columns of some rows, shape (n, 2p)."""
    width = values.shape[1]
    nothing = np.zeros(width)
    curve = Additive(scale.unit, scale.centre, scale.scale, nothing, nothing, 0.0, scale.limit)
    standardised = curve.standardised(values)
    missing = np.isnan(standardised)
    columns = np.empty((len(values), 2 * width), dtype=np.float32)
    columns[:, :width] = np.where(missing | ~scale.used, 0.0, standardised)
    columns[:, width:] = missing
    return columns


def _worth_keeping(sample: NDArray[np.float32]) -> NDArray[np.int64]:
    """Columns of the sample, shape (m, 2p), that vary and are not the copy of an earlier one."""
    seen: set[bytes] = set()
    kept: list[int] = []
    for column in np.flatnonzero(sample.std(axis=0) > 1e-6).tolist():
        content = sample[:, column].tobytes()
        if content not in seen:
            kept.append(column)
        seen.add(content)
    return np.array(kept, dtype=np.int64)
