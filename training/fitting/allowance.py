"""How much each family of features may say in the additive model, learnt from the rows themselves.

A ridge shrinks all weights alike, as if a count of one concern last week were as likely to tell something as age is. So
it is fitted, each family is given the room its weights took up (empirical Bayes: the variance of a family's weights is
estimated by their mean square), and fitted again. Few numbers are learnt, one a family, so little can be over-read.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from training.fitting import additive
from training.fitting.families import families

_MISSING = "missing"
"""The one family of all columns that tell whether a feature is missing."""
_TIMES = 2
"""A third time changes little, and begins to leave families out altogether."""
_PRIOR_COLUMNS = 5.0
"""A family of few columns leans on what all columns say, as if it had this many average ones more."""


def learn(
    scale: additive.Scale,
    design: additive.Design,
    names: Sequence[str],
    outcome: NDArray[np.int8],
    penalty: float,
) -> dict[str, float]:
    """The factor of each family, their mean square over all columns 1, from rows of both outcomes."""
    family = _family_of_columns(design, names)
    room: dict[str, float] = {}
    for _ in range(_TIMES):
        # A weighed design is as large as the rows themselves: made where it is used, and gone again.
        weighed = design.weighed(_factors(room, family)) if room else design
        curve = additive.fit(scale, weighed, outcome, (penalty,))[0]
        weight = np.concatenate([curve.coefficient, curve.missing])[design.place]
        room = _room(weight, family)
    return room


def apply(design: additive.Design, names: Sequence[str], room: Mapping[str, float]) -> additive.Design:
    """The design with each column's factor set to its family's; a family nothing is known of has 1."""
    return design.weighed(_factors(room, _family_of_columns(design, names)))


def _room(weight: NDArray[np.float64], family: NDArray[np.str_]) -> dict[str, float]:
    square = weight**2
    usual = max(float(square.mean()), 1e-12)
    room: dict[str, float] = {}
    for name in np.unique(family).tolist():
        own = square[family == name]
        room[name] = (float(own.sum()) + _PRIOR_COLUMNS * usual) / (own.size + _PRIOR_COLUMNS)
    mean = float(np.mean([room[name] for name in family.tolist()]))
    return {name: float(np.sqrt(variance / mean)) for name, variance in room.items()}


def _factors(room: Mapping[str, float], family: NDArray[np.str_]) -> NDArray[np.float32]:
    return np.array([room.get(name, 1.0) for name in family.tolist()], dtype=np.float32)


def _family_of_columns(design: additive.Design, names: Sequence[str]) -> NDArray[np.str_]:
    return np.array([*families(names), *(_MISSING for _ in names)])[design.place]
