"""Figures of a ranking and of probabilities, each for rows that may count more than once.

Every figure takes a weight a row, so that drawing citizens again costs a weighted pass and no sorting: an interval is
the same function called with other weights. A figure that cannot be told (one outcome only) is NaN, never a guess.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.scoring.calibration import probability


@dataclass(frozen=True, slots=True)
class Order:
    """Rows from the highest score down, equal scores as one group; arrays are in that order, shape (n,).

    `order` are the rows, `starts` the first place of each group of equal scores, shape (g,).
    """

    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    outcome: NDArray[np.float64]

    @classmethod
    def of(cls, score: NDArray[np.float64], outcome: NDArray[np.int8]) -> "Order":
        """Sort once: scores and outcomes, both shape (n,)."""
        order = np.argsort(-score, kind="stable")
        ranked = score[order]
        starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]]) if ranked.size else np.zeros(0, np.int64)
        return cls(order, starts, outcome[order].astype(np.float64))

    def groups(self, weight: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The weight of the admitted and of the others in each group, shape (g,) each, for weights (n,)."""
        weighted = weight[self.order]
        if self.starts.size == weighted.size:  # everyone a group of their own, or nobody there
            positive = weighted * self.outcome
            return positive, weighted - positive
        positive = np.add.reduceat(weighted * self.outcome, self.starts)
        return positive, np.add.reduceat(weighted, self.starts) - positive


def auroc(order: Order, weight: NDArray[np.float64]) -> float:
    """The chance that someone admitted stands above someone who was not, ties counting half."""
    positive, negative = order.groups(weight)
    pairs = positive.sum() * negative.sum()
    if pairs == 0.0:
        return float("nan")
    below = negative.sum() - np.cumsum(negative)
    return float((positive * (below + 0.5 * negative)).sum() / pairs)


def average_precision(order: Order, weight: NDArray[np.float64]) -> float:
    """The mean precision over the admitted, a group of equal scores taken as a whole."""
    positive, negative = order.groups(weight)
    if positive.sum() == 0.0:
        return float("nan")
    caught = np.cumsum(positive)
    precision = caught / np.maximum(caught + np.cumsum(negative), 1e-12)
    return float((positive * precision).sum() / positive.sum())


def brier(chance: NDArray[np.float64], outcome: NDArray[np.int8], weight: NDArray[np.float64]) -> float:
    """The mean squared distance of probability and outcome."""
    return float(np.average((chance - outcome) ** 2, weights=weight))


def brier_skill(chance: NDArray[np.float64], outcome: NDArray[np.int8], weight: NDArray[np.float64]) -> float:
    """How much of the distance is saved against saying the base rate of everyone: 0 nothing, 1 everything."""
    rate = float(np.average(outcome, weights=weight))
    spread = rate * (1.0 - rate)
    return 1.0 - brier(chance, outcome, weight) / spread if spread > 0.0 else float("nan")


def log_loss(log_odds: NDArray[np.float64], outcome: NDArray[np.int8], weight: NDArray[np.float64]) -> float:
    """The mean negative log-likelihood."""
    return float(np.average(np.logaddexp(0.0, log_odds) - outcome * log_odds, weights=weight))


def calibration_line(
    log_odds: NDArray[np.float64],
    outcome: NDArray[np.int8],
    weight: NDArray[np.float64],
    near: tuple[float, float] = (1.0, 0.0),
) -> tuple[float, float]:
    """Slope and intercept of the outcome on the log-odds (Cox 1958): 1 and 0 when the probabilities are true.

    A slope below 1: the model promises more difference than there is. NaN where one outcome is missing. `near` is where
    it is looked for first: the line of all rows lies near that of any draw of them.
    """
    positive = float((weight * outcome).sum())
    if positive == 0.0 or positive == float(weight.sum()) or np.ptp(log_odds) < 1e-9:
        return float("nan"), float("nan")
    line = np.array(near)
    loss = log_loss(_on(line, log_odds), outcome, weight)
    for _ in range(40):
        step = _newton(_on(line, log_odds), log_odds, outcome, weight)
        # A whole Newton step may jump over the valley when the line is far from true: halved until it gains.
        while (reached := log_loss(_on(line + step, log_odds), outcome, weight)) > loss and np.abs(step).max() > 1e-9:
            step = step / 2.0
        line, gained, loss = line + step, loss - reached, min(loss, reached)
        if gained < 1e-12:
            break
    return float(line[0]), float(line[1])


def _on(line: NDArray[np.float64], log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return line[0] * log_odds + line[1]


def _newton(
    said: NDArray[np.float64], log_odds: NDArray[np.float64], outcome: NDArray[np.int8], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The step of slope and intercept, shape (2,), from what a line says of the rows, shape (n,)."""
    chance = probability(said)
    missed, spread = weight * (outcome - chance), weight * chance * (1.0 - chance)
    leaning = spread * log_odds
    # Sums, and not inner products: those wake a second thread for each, and wait for it wherever others are at work.
    curvature = np.array([[(leaning * log_odds).sum(), leaning.sum()], [leaning.sum(), spread.sum()]])
    gradient = np.array([(missed * log_odds).sum(), missed.sum()])
    return np.asarray(np.linalg.solve(curvature + 1e-9 * np.eye(2), gradient), dtype=np.float64)


def calibration_in_the_large(
    chance: NDArray[np.float64], outcome: NDArray[np.int8], weight: NDArray[np.float64]
) -> float:
    """Admissions that came for each that was expected: 1 when the level is right."""
    expected = float((weight * chance).sum())
    return float((weight * outcome).sum()) / expected if expected > 0.0 else float("nan")


def calibration_bins(
    chance: NDArray[np.float64], outcome: NDArray[np.int8], bins: int = 10
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Mean probability, share admitted and rows of equally full bins by probability, shape (b,) each, b <= bins."""
    order = np.argsort(chance, kind="stable")
    parts = [part for part in np.array_split(order, bins) if part.size]
    expected = np.array([chance[part].mean() for part in parts])
    came = np.array([outcome[part].mean() for part in parts])
    return expected, came, np.array([part.size for part in parts], dtype=np.int64)


def expected_calibration_error(chance: NDArray[np.float64], outcome: NDArray[np.int8], bins: int = 10) -> float:
    """The mean distance of what was said and what came, over equally full bins."""
    if not chance.size:
        return float("nan")
    expected, came, rows = calibration_bins(chance, outcome, bins)
    return float(np.average(np.abs(expected - came), weights=rows))
