"""The decision curve: whether acting on the score does more good than looking at everyone, or at nobody.

Net benefit (Vickers and Elkin 2006) at a threshold p is what is gained by the admitted who are looked at, less what the
others cost, where a threshold of p says that one admission found is worth `(1 - p) / p` looks in vain. A list is cut by
capacity and not by a threshold; the curve tells over which stretch of thresholds its probabilities are of any use.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.scoring.calibration import probability
from training.evaluation.resampling import Draws, Figure, Interval
from training.matrix.rows import Rows

THRESHOLDS = (0.02, 0.05, 0.07, 0.10, 0.12, 0.15, 0.20, 0.30)
"""From half the usual base rate up to the highest band; 0.07, 0.12 and 0.20 are where the bands begin."""


@dataclass(frozen=True, slots=True)
class NetBenefit:
    """Net benefit at a threshold, per citizen and list: the model's, everyone's, and the gain over the better of
    looking at everyone and at nobody.
    """

    threshold: float
    model: Interval
    everyone: Interval
    gain: Interval


def decision_curve(log_odds: NDArray[np.float64], rows: Rows, resamples: int, seed: int) -> tuple[NetBenefit, ...]:
    """The curve of calibrated log-odds, shape (n,), of the rows."""
    chance, outcome = probability(log_odds), rows.outcome.astype(np.float64)
    figures: dict[str, Figure] = {}
    for threshold in THRESHOLDS:
        figures |= _figures(threshold, chance, outcome)
    told = Draws.of(rows.citizen, resamples, seed).intervals(figures)
    return tuple(NetBenefit(at, told[f"model {at}"], told[f"everyone {at}"], told[f"gain {at}"]) for at in THRESHOLDS)


def net_benefit(
    chosen: NDArray[np.float64], outcome: NDArray[np.float64], threshold: float, weight: NDArray[np.float64]
) -> float:
    """The net benefit of looking at the chosen (1 or 0), for outcomes and weights, shape (n,) each."""
    found = float((weight * chosen * outcome).sum())
    in_vain = float((weight * chosen * (1.0 - outcome)).sum())
    return (found - in_vain * threshold / (1.0 - threshold)) / float(weight.sum())


def _figures(threshold: float, chance: NDArray[np.float64], outcome: NDArray[np.float64]) -> dict[str, Figure]:
    chosen, everyone = (chance >= threshold).astype(np.float64), np.ones(chance.size)

    def model(weight: NDArray[np.float64]) -> float:
        return net_benefit(chosen, outcome, threshold, weight)

    def all_of_them(weight: NDArray[np.float64]) -> float:
        return net_benefit(everyone, outcome, threshold, weight)

    return {
        f"model {threshold}": model,
        f"everyone {threshold}": all_of_them,
        f"gain {threshold}": lambda weight: model(weight) - max(all_of_them(weight), 0.0),
    }
