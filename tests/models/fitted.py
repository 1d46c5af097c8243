"""A small model that was really fitted, for tests of what holds of any model."""

from datetime import date

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from models.scoring.bundle import Manifest
from models.scoring.calibration import Beta, Isotonic, Platt
from models.scoring.score import Additive, RiskModel

NAMES = ("falls", "minutes", "weight", "nothing")


def rows(count: int = 400, seed: int = 1) -> NDArray[np.float32]:
    """Feature values, shape (count, 4), a fifth of the third column missing."""
    generator = np.random.default_rng(seed)
    values = generator.gamma(1.0, 3.0, (count, len(NAMES))).astype(np.float32)
    values[generator.random(count) < 0.2, 2] = np.nan
    return values


def boosters(count: int = 2) -> tuple[lgb.Booster, ...]:
    """Boosters that learnt that falls are dangerous."""
    values = rows()
    outcome = (values[:, 0] + np.random.default_rng(2).normal(0, 2, len(values)) > 5).astype(int)
    parameters = {"objective": "binary", "num_leaves": 4, "verbose": -1, "num_threads": 1, "min_data_in_leaf": 20}
    return tuple(
        lgb.train(parameters | {"seed": seed}, lgb.Dataset(values, label=outcome), num_boost_round=8)
        for seed in range(count)
    )


def additive() -> Additive:
    """A logistic part in which falls add, weight takes away, and a missing weight adds."""
    return Additive(
        unit=np.array([2.0, 30.0, 70.0, 1.0]),
        centre=np.array([0.5, 1.0, 0.0, 0.0]),
        scale=np.array([1.0, 0.5, 0.1, 1.0]),
        coefficient=np.array([0.8, 0.1, -0.3, 0.0]),
        missing=np.array([0.0, 0.0, 0.4, 0.0]),
        intercept=-3.0,
        limit=3.5,
    )


def model(calibration: Platt | Beta | Isotonic | None = None, tree_weight: float = 0.4, count: int = 2) -> RiskModel:
    """The two parts together."""
    return RiskModel(NAMES, boosters(count), additive(), tree_weight, calibration or Platt(0.9, -0.2))


def manifest(fingerprint: str = "f" * 64, count: int = 2, tree_weight: float = 0.4) -> Manifest:
    """A manifest for `model`."""
    return Manifest(
        features=NAMES,
        fingerprint=fingerprint,
        label_policy="acute_broad@1",
        horizon_days=30,
        first_as_of=date(2024, 1, 1),
        last_as_of=date(2024, 12, 30),
        known_before=date(2025, 2, 3),
        rows=400,
        admissions=21,
        snapshot="a" * 64,
        invented=True,
        boosters=count,
        tree_weight=tree_weight,
        seed=7,
        configuration={"trees": {"bags": 2}},
        code=None,
        libraries={"lightgbm": "4.7.0"},
    )
