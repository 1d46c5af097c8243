"""The decision curve: whether acting on the score does more good than looking at everyone, or at nobody.

Net benefit (Vickers and Elkin 2006) at a threshold p is what is gained by the admitted who are looked at, less what the
others cost, where a threshold of p says that one admission found is worth `(1 - p) / p` looks in vain. A list is cut by
capacity and not by a threshold; the curve tells over which stretch of thresholds its probabilities are of any use.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.scoring.calibration import probability
from training.evaluation.resampling import Draws, Interval, interval
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
    chance, admitted = probability(log_odds)[:, np.newaxis], rows.outcome.astype(np.float64)[:, np.newaxis]
    chosen = np.column_stack([chance >= np.array(THRESHOLDS), np.ones(len(rows))])
    columns = np.column_stack([chosen * admitted, chosen * (1.0 - admitted)])
    found, in_vain = np.split(Draws.of(rows.citizen, resamples, seed).sums(columns), 2, axis=1)
    whole = found[:, -1] + in_vain[:, -1]
    curve: list[NetBenefit] = []
    for place, threshold in enumerate(THRESHOLDS):
        model = net_benefit(found[:, place], in_vain[:, place], whole, threshold)
        everyone = net_benefit(found[:, -1], in_vain[:, -1], whole, threshold)
        gain = model - np.maximum(everyone, 0.0)
        curve.append(NetBenefit(threshold, interval(model), interval(everyone), interval(gain)))
    return tuple(curve)


def net_benefit(
    found: NDArray[np.float64], in_vain: NDArray[np.float64], whole: NDArray[np.float64] | float, threshold: float
) -> NDArray[np.float64]:
    """The net benefit for so many admitted found and so many looked at in vain, of so many in all; of one shape."""
    return (found - in_vain * threshold / (1.0 - threshold)) / whole
