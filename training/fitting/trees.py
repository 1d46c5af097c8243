"""Fitting the boosted trees: LightGBM, kept small, bagged over citizens.

Each bag leaves out one fold of the citizens, so that every row has scores by trees that never saw its citizen; they
calibrate the final model. Deterministic: fixed seeds, and one thread a bag, so that sums are made in one order
everywhere.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.events import matches
from models.scoring.boosting import lgb
from training.settings import TreeSettings

Step = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Watch:
    """Rows of a later time on which boosting stops: values (m, p) and outcomes (m,)."""

    values: NDArray[np.float32]
    outcome: NDArray[np.int8]


def fit_bags(
    values: NDArray[np.float32],
    outcome: NDArray[np.int8],
    fold: NDArray[np.int64],
    settings: TreeSettings,
    seed: int,
    rounds: int | Watch,
    step: Step = lambda: None,
    directions: Sequence[int] = (),
) -> tuple[lgb.Booster, ...]:
    """One booster a fold, fitted on the rows (n, p) of the other folds, for fixed rounds or until the watch gains
    nothing.

    Watched boosters are cut to the same number of rounds, the median of where each stopped. `step` is called after each
    bag. A bag without both outcomes is left out. `directions` of the features, shape (p,), are 1 for those that may
    only raise what the trees say, -1 for those that may only lower it, 0 for all others; empty for no such wish.
    """
    # The rows are binned once; the bags are subsets of the same bins.
    parameters = _parameters(settings, seed, directions)
    binned = lgb.Dataset(values, label=outcome, params=parameters, free_raw_data=False).construct()

    until = _watched(rounds, binned, parameters) if isinstance(rounds, Watch) else rounds

    def one(bag: int) -> lgb.Booster | None:
        chosen = np.flatnonzero(fold != bag)
        told, own = np.unique(outcome[chosen]).size == 2, _parameters(settings, seed + bag, directions)
        booster = _boost(binned.subset(chosen.tolist()), settings, own, until) if told else None
        step()
        return booster

    # Whole bags side by side: threads within a bag wait for each other at every leaf.
    with ThreadPoolExecutor(settings.bags_at_once) as pool:
        boosters = [booster for booster in pool.map(one, range(settings.bags)) if booster is not None]
    return _cut_alike(boosters) if isinstance(rounds, Watch) else tuple(boosters)


def rounds_of(boosters: Sequence[lgb.Booster]) -> int:
    """How many rounds each of the boosters has; 0 without any."""
    return max((booster.num_trees() for booster in boosters), default=0)


def directions(names: Sequence[str], settings: TreeSettings) -> tuple[int, ...]:
    """The direction of each feature by the settings, as `fit_bags` takes them; empty where none is asked for."""
    if not settings.rising and not settings.falling:
        return ()
    return tuple(int(matches(name, settings.rising)) - int(matches(name, settings.falling)) for name in names)


def _watched(watch: Watch, binned: lgb.Dataset, parameters: dict[str, object]) -> lgb.Dataset:
    """The rows watched, binned once for all bags."""
    return lgb.Dataset(watch.values, label=watch.outcome, reference=binned, params=parameters).construct()


def _boost(
    subset: lgb.Dataset, settings: TreeSettings, parameters: dict[str, object], until: int | lgb.Dataset
) -> lgb.Booster:
    if isinstance(until, int):
        return lgb.train(parameters, subset, num_boost_round=until)
    return lgb.train(
        parameters,
        subset,
        num_boost_round=settings.most_rounds,
        valid_sets=[until],
        callbacks=[lgb.early_stopping(settings.patience, verbose=False)],
    )


def _cut_alike(boosters: Sequence[lgb.Booster]) -> tuple[lgb.Booster, ...]:
    """The boosters shortened to the median of their best rounds: one bag's luck is not a reason to stop early."""
    if not boosters:
        return ()
    rounds = max(1, int(np.median([booster.best_iteration for booster in boosters])))
    return tuple(_shortened(booster, rounds) for booster in boosters)


def _shortened(booster: lgb.Booster, rounds: int) -> lgb.Booster:
    return lgb.Booster(model_str=booster.model_to_string(num_iteration=rounds))


def _parameters(settings: TreeSettings, seed: int, directions: Sequence[int]) -> dict[str, object]:
    wished: dict[str, object] = {"monotone_constraints": list(directions)} if directions else {}
    return wished | {
        "objective": "binary",
        "num_leaves": settings.leaves,
        "learning_rate": settings.learning_rate,
        "min_data_in_leaf": settings.rows_in_leaf,
        "min_sum_hessian_in_leaf": 1e-3,
        "feature_fraction": settings.feature_share,
        "bagging_fraction": settings.row_share,
        "bagging_freq": 1,
        "lambda_l2": settings.ridge,
        "max_bin": settings.bins,
        "seed": seed,
        "data_random_seed": 1,
        "deterministic": True,
        "force_col_wise": True,
        "num_threads": 1,
        "verbose": -1,
    }
