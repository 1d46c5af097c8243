"""What the score is made of: how much each feature, and each group of features, moves it.

The mean absolute contribution on rows of the test slice. Features of the documentation group say how much is written
and not how the citizen is: their share is reported by name, because it will change when a district changes its habits.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from models.scoring.score import RiskModel
from training.evaluation.findings import Weight
from training.matrix.rows import Rows

DOCUMENTATION = "documentation"
_SAMPLE = 1000


def weights(
    model: RiskModel, rows: Rows, group_of: Callable[[str], str]
) -> tuple[tuple[Weight, ...], tuple[Weight, ...]]:
    """Groups and features from the weightiest down, each as a share of all movement, on an even sample of the rows."""
    contributions = model.contributions(rows.values[:: max(1, len(rows) // _SAMPLE)])[:, :-1]
    groups = np.array([group_of(name) for name in rows.names])
    by_group = {str(group): np.abs(contributions[:, groups == group].sum(axis=1)).mean() for group in np.unique(groups)}
    by_feature = dict(zip(rows.names, np.abs(contributions).mean(axis=0), strict=True))
    return _shares(by_group), _shares(by_feature)


def _shares(moved: dict[str, float] | dict[str, NDArray[np.float64]]) -> tuple[Weight, ...]:
    total = float(sum(float(value) for value in moved.values())) or 1.0
    ranked = sorted(moved.items(), key=lambda pair: (-float(pair[1]), pair[0]))
    return tuple(Weight(name, float(value) / total) for name, value in ranked)
