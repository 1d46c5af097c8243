"""Fitting the calibration: from raw log-odds of rows the model has not learnt from, to a map that makes them true.

Platt's line unless a more bending map is clearly better on citizens it was not fitted on: with few admissions a bend is
noise. With too few of either outcome only the level is set.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from models.scoring.calibration import Beta, Isotonic, Platt, probability
from training.fitting.one_thread import on_one_thread
from training.matrix.rows import folds

Map = Platt | Beta | Isotonic
Fit = Callable[[NDArray[np.float64], NDArray[np.int8]], Map]

FEW = 30
"""Fewer positive rows than this say nothing of a slope."""
MANY = 1000
"""A bending map is tried from this many positive rows on."""
_GAIN = 1e-3
_FOLDS = 5


def calibrate(raw: NDArray[np.float64], outcome: NDArray[np.int8], citizen: NDArray[np.int32], seed: int) -> Map:
    """The map for raw log-odds, outcomes and citizens of the same rows, each shape (n,)."""
    positive = int(outcome.sum())
    if min(positive, outcome.size - positive) < FEW or np.ptp(raw) < 1e-9:
        return level(raw, outcome)
    if positive < MANY:
        return platt(raw, outcome)
    fold = folds(citizen, _FOLDS, seed)
    losses = {fit: _held_out_loss(fit, raw, outcome, fold) for fit in (platt, beta, isotonic)}
    best = min(losses, key=lambda fit: losses[fit])
    clearly = losses[best] < losses[platt] * (1.0 - _GAIN)
    return (best if clearly else platt)(raw, outcome)


def undone(found: Map, negatives: float) -> Map:
    """The map for all rows, from one fitted on rows of which only this share without an admission were kept.

    Leaving some out by lot adds the same to everybody's log-odds, whatever the model (King and Zeng 2001).
    """
    shift = float(np.log(negatives))
    if isinstance(found, Isotonic):
        return Isotonic(found.raw, tuple(knot + shift for knot in found.calibrated), found.slope)
    return replace(found, intercept=found.intercept + shift)


def level(raw: NDArray[np.float64], outcome: NDArray[np.int8]) -> Platt:
    """The shift that gives the rows' share of admissions, the slope left alone; half an admission stands for none."""
    wanted = (outcome.sum() + 0.5) / (outcome.size + 1.0)
    low, high = -30.0, 30.0
    for _ in range(80):
        middle = (low + high) / 2.0
        mean = probability(raw + middle).mean() if raw.size else probability(np.array([middle]))[0]
        low, high = (middle, high) if mean < wanted else (low, middle)
    return Platt(1.0, (low + high) / 2.0)


def platt(raw: NDArray[np.float64], outcome: NDArray[np.int8]) -> Map:
    """The line by maximum likelihood, of both outcomes; a falling one (a model worse than none) gives a level."""
    weights, intercept = _logistic(raw[:, np.newaxis], outcome)
    return Platt(float(weights[0]), intercept) if weights[0] > 0.05 else level(raw, outcome)


def beta(raw: NDArray[np.float64], outcome: NDArray[np.int8]) -> Map:
    """Beta calibration by maximum likelihood; Platt's line where one of its ends would fall."""
    below, above = -np.logaddexp(0.0, -raw), np.logaddexp(0.0, raw)
    weights, intercept = _logistic(np.column_stack([below, above]), outcome)
    if min(weights) <= 0.0:
        return platt(raw, outcome)
    return Beta(float(weights[0]), float(weights[1]), intercept)


def isotonic(raw: NDArray[np.float64], outcome: NDArray[np.int8]) -> Map:
    """Isotonic regression, its steps' middles joined by lines; Platt's line where there are fewer than two steps."""
    line = platt(raw, outcome)
    stairs = IsotonicRegression(out_of_bounds="clip").fit_transform(raw, outcome)
    _, step = np.unique(stairs, return_inverse=True)
    share = np.bincount(step, weights=outcome) / np.bincount(step)
    middle = np.bincount(step, weights=raw) / np.bincount(step)
    kept = (share > 0.0) & (share < 1.0)
    if np.count_nonzero(kept) < 2 or not isinstance(line, Platt):
        return line
    middle, share = middle[kept], share[kept]
    return Isotonic(tuple(middle.tolist()), tuple(np.log(share / (1.0 - share)).tolist()), line.slope)


def _held_out_loss(fit: Fit, raw: NDArray[np.float64], outcome: NDArray[np.int8], fold: NDArray[np.int64]) -> float:
    losses: list[float] = []
    for left_out in range(_FOLDS):
        inside, outside = fold != left_out, fold == left_out
        log_odds = fit(raw[inside], outcome[inside]).log_odds(raw[outside])
        losses.extend((np.logaddexp(0.0, log_odds) - outcome[outside] * log_odds).tolist())
    return float(np.mean(losses))


@on_one_thread
def _logistic(columns: NDArray[np.float64], outcome: NDArray[np.int8]) -> tuple[Sequence[float], float]:
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", max_iter=100).fit(columns, outcome)
    return tuple(float(weight) for weight in model.coef_[0]), float(model.intercept_[0])
