"""Fitting a model: the choices made on a later slice of time, then the two views fitted as chosen.

`choose` fits on the training slice and settles three numbers on the calibration slice: how many rounds, how strong a
ridge, how much the trees count. `fit` fits as settled, on whatever rows it is given. Neither sees the test slice unless
it is handed to `fit` for the final model, when the figures are made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from models.errors import DataWrong
from models.scoring.boosting import lgb
from models.scoring.calibration import Platt
from models.scoring.score import Additive, RiskModel, chunks, tree_log_odds
from training.evaluation.metrics import log_loss
from training.fitting import additive, allowance, calibrate, trees
from training.fitting.trees import Step
from training.matrix.rows import Rows, folds
from training.settings import Settings

_WEIGHTS = np.linspace(0.0, 1.0, 11)
_GAIN = 1e-3
"""By what share a weaker penalty must lose less to be taken."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What was settled on a later slice: rounds of each bag, the ridge, and the trees' share of the average.

    `room` is how much each family of features may say (`training.fitting.allowance`), learnt on the training slice.
    """

    rounds: int
    penalty: float
    tree_weight: float
    room: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Bags:
    """The two views, fitted once a fold of citizens, each without that fold; `fold` is that of the rows, shape (n,)."""

    boosters: tuple[lgb.Booster, ...]
    additives: tuple[Additive, ...]
    fold: NDArray[np.int64]

    def model(self, names: tuple[str, ...], tree_weight: float, calibration: calibrate.Map) -> RiskModel:
        """The average of the bags."""
        weight = tree_weight if self.boosters else 0.0
        return RiskModel(names, self.boosters, additive.average(self.additives), weight, calibration)

    def unseen_log_odds(self, rows: Rows, tree_weight: float, wanted: NDArray[np.bool_]) -> NDArray[np.float64]:
        """The raw log-odds of the wanted ones of the rows fitted on, each by the bag that never saw its citizen.

        `wanted` has shape (n,); the answer has the shape of what it holds on to.
        """
        found = np.empty(len(rows))
        whole = len(self.boosters) == len(self.additives)
        for left_out, curve in enumerate(self.additives):
            mine = np.flatnonzero(wanted & (self.fold == left_out))
            for part in chunks(mine.size):
                values = rows.values[mine[part]]
                trees_say = tree_log_odds((self.boosters[left_out],), values) if whole else 0.0
                weight = tree_weight if whole else 0.0
                found[mine[part]] = weight * trees_say + (1.0 - weight) * curve.log_odds(values)
        return found[wanted]


def choose(train: Rows, later: Rows, settings: Settings, step: Step) -> tuple[Recipe, RiskModel]:
    """Fit on the training rows, settle the recipe on the later rows, and calibrate there.

    Raises `DataWrong` when the training rows hold one outcome only.
    """
    _both_outcomes(train)
    fold = folds(train.citizen, settings.trees.bags, settings.seed)
    boosters = trees.fit_bags(
        train.values,
        train.outcome,
        fold,
        settings.trees,
        settings.seed,
        _rounds(later, settings),
        step,
        trees.directions(train.names, settings.trees),
    )
    room, candidates = _additives(train, settings, settings.additive.penalties)
    step()
    said = additive.log_odds_of(candidates, later.values)
    penalty = _least(said, later)
    curve, curve_says = candidates[penalty], said[penalty]
    trees_say = tree_log_odds(boosters, later.values)
    weight = _tree_weight(trees_say, curve_says, later) if boosters else 0.0
    raw = weight * trees_say + (1.0 - weight) * curve_says
    calibration = calibrate.calibrate(raw, later.outcome, later.citizen, settings.seed)
    chosen = sorted(settings.additive.penalties, reverse=True)[penalty]
    recipe = Recipe(trees.rounds_of(boosters), chosen, weight, MappingProxyType(room))
    return recipe, RiskModel(train.names, boosters, curve, weight, calibration)


def fit(rows: Rows, recipe: Recipe, settings: Settings, step: Step) -> Bags:
    """Fit both views on the rows as the recipe says, once a fold of citizens."""
    _both_outcomes(rows)
    fold = folds(rows.citizen, settings.trees.bags, settings.seed)
    boosters: tuple[lgb.Booster, ...] = ()
    if recipe.rounds:
        directions = trees.directions(rows.names, settings.trees)
        boosters = trees.fit_bags(
            rows.values, rows.outcome, fold, settings.trees, settings.seed, recipe.rounds, step, directions
        )
    apart, scale, design = _design(rows, settings)
    design = allowance.apply(design, rows.names, recipe.room)
    outcome, of_apart = rows.outcome[apart], fold[apart]
    fitted: list[Additive] = []
    for bag in range(settings.trees.bags):
        chosen = of_apart != bag
        fitted.append(_curve(scale, design.where(chosen), outcome[chosen], recipe.penalty))
        step()
    return Bags(boosters, tuple(fitted), fold)


def _additives(
    rows: Rows, settings: Settings, penalties: Sequence[float]
) -> tuple[dict[str, float], tuple[Additive, ...]]:
    """How much each family may say, and one model a penalty with that."""
    apart, scale, design = _design(rows, settings)
    outcome = rows.outcome[apart]
    middle = sorted(penalties)[len(penalties) // 2]
    room = allowance.learn(scale, design, rows.names, outcome, middle)
    return room, additive.fit(scale, allowance.apply(design, rows.names, room), outcome, penalties)


def _design(rows: Rows, settings: Settings) -> tuple[NDArray[np.bool_], additive.Scale, additive.Design]:
    """Which rows the additive model learns from, shape (n,), and what it sees of them.

    Rows between those a month apart look forward to admissions it sees already: they cost time and say little more.
    """
    apart = _a_month_apart(rows)
    values = rows.where(apart).values
    scale = additive.Scale.of(values, settings.additive.limit)
    return apart, scale, additive.Design.of(scale, values)


def _a_month_apart(rows: Rows) -> NDArray[np.bool_]:
    """Rows of every n-th week, the latest among them; all where those would hold one outcome only."""
    apart = np.isin(rows.as_of, np.unique(rows.as_of)[:: -round(rows.overlap)])
    return apart if np.unique(rows.outcome[apart]).size == 2 else np.ones(len(rows), dtype=np.bool_)


def _curve(scale: additive.Scale, design: additive.Design, outcome: NDArray[np.int8], penalty: float) -> Additive:
    if np.unique(outcome).size == 2:
        return additive.fit(scale, design, outcome, (penalty,))[0]
    # A fold so small that the other citizens have no admission: it can only say that there are none.
    base = calibrate.level(np.zeros(outcome.size), outcome).intercept
    nothing = np.zeros(scale.unit.size)
    return Additive(scale.unit, scale.centre, scale.scale, nothing, nothing, base, scale.limit)


def _rounds(later: Rows, settings: Settings) -> int | trees.Watch:
    """Where to stop is looked for on the later rows; without an admission there, a third of the way is guessed."""
    if np.unique(later.outcome).size == 2:
        return trees.Watch(later.values, later.outcome)
    return max(1, settings.trees.most_rounds // 3)


def _least(said: Sequence[NDArray[np.float64]], later: Rows) -> int:
    """The first candidate that none after it clearly beats on the later rows, levels put right.

    Candidates come the strongest penalty first: a few hundred admissions often like a weaker one by chance.
    """
    if np.unique(later.outcome).size < 2:
        return 0
    losses = [_loss(log_odds, later) for log_odds in said]
    clear = 1.0 - _GAIN
    return next(place for place, loss in enumerate(losses) if all(other >= clear * loss for other in losses[place:]))


def _tree_weight(trees_say: NDArray[np.float64], curve_says: NDArray[np.float64], later: Rows) -> float:
    """Half of the way from one half to the best weight on the later rows: a few hundred admissions cannot tell more."""
    if np.unique(later.outcome).size < 2:
        return 0.5
    losses = [_loss(weight * trees_say + (1.0 - weight) * curve_says, later) for weight in _WEIGHTS]
    return round(0.5 * (0.5 + float(_WEIGHTS[int(np.argmin(losses))])), 3)


def _loss(log_odds: NDArray[np.float64], rows: Rows) -> float:
    line = calibrate.platt(log_odds, rows.outcome) if np.ptp(log_odds) > 1e-9 else Platt(1.0, 0.0)
    return log_loss(line.log_odds(log_odds), rows.outcome, np.ones(len(rows)))


def _both_outcomes(rows: Rows) -> None:
    if np.unique(rows.outcome).size < 2:
        found = "no acute admission" if not rows.outcome.any() else "nothing but admissions"
        raise DataWrong(
            f"The weeks to learn from hold {len(rows)} rows and {found}.",
            "Load a longer history, or check that the hospital notifications were delivered.",
        )
