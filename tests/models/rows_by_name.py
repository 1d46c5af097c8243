"""Rows of the matrix written by feature name: what is not named is as it would be of somebody with no events."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from models.features.catalogue import CATALOGUE
from models.features.spec import ZERO_WHEN_NONE, Aggregate
from models.reasons.telling import Explained

SETTLED = {"care.since.ever": 900.0, "minutes.count.90d": 200.0, "minutes.count.30d": 60.0}
"""Somebody long in care, whose record reaches back."""


def values(named: Mapping[str, float]) -> NDArray[np.float32]:
    """The row, shape (p,)."""
    row = np.full(len(CATALOGUE.names), np.nan, dtype=np.float32)
    for place, feature in enumerate(CATALOGUE.features):
        if isinstance(feature.definition, Aggregate) and feature.definition.aggregation in ZERO_WHEN_NONE:
            row[place] = 0.0
    for name, value in named.items():
        row[CATALOGUE.column(name)] = value
    return row


def explained(named: Mapping[str, float], shares: Mapping[str, float]) -> Explained:
    """The row, and what each feature added to the log-odds; what is not named added nothing."""
    contributions = np.zeros(len(CATALOGUE.names) + 1)
    for name, share in shares.items():
        contributions[CATALOGUE.column(name)] = share
    return Explained(values(named), contributions, CATALOGUE)
