"""Evaluation: every figure of a ranking on rows nothing was chosen on, with its interval, beside the baselines'.

The rows are a later time than all the model learnt from. What is said of a baseline is a *difference on the same draws
of citizens*, which is far sharper than comparing two intervals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.scoring.calibration import probability
from training.evaluation import baselines, metrics
from training.evaluation.capacity import Capacity, Cut, WeeklyOrder
from training.evaluation.metrics import Order
from training.evaluation.resampling import Draws, Figures, Interval
from training.matrix.rows import Rows
from training.settings import EvaluationSettings

REFERENCE = Capacity(share=0.05)
"""The list length at which a model is compared with baselines and with the champion: the top 5 %."""
FIGURES = (
    "auroc",
    "average_precision",
    "brier",
    "brier_skill",
    "log_loss",
    "calibration_slope",
    "calibration_intercept",
    "came_per_expected",
)
"""What is said of a ranking whatever the list's length, in this order."""


@dataclass(frozen=True, slots=True)
class AtCapacity:
    """A list length's figures with intervals, and the bounds that ties leave for precision."""

    capacity: Capacity
    precision: Interval
    recall: Interval
    lift: Interval
    cut: Cut


@dataclass(frozen=True, slots=True)
class Comparison:
    """A baseline on the same rows: its own figures, and how much more of the admissions the model's list catches."""

    name: str
    words: str
    auroc: Interval
    recall: Interval
    recall_gain: Interval

    @property
    def verdict(self) -> str:
        """In words: whether the model beats it."""
        if not self.recall_gain.told or self.recall_gain.low <= 0.0 <= self.recall_gain.high:
            return "cannot be told apart"
        return "beaten" if self.recall_gain.low > 0.0 else "the model is worse"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures of a model on one set of rows. `figures` are keyed by name; `rows` to `admissions` say how much there
    was.
    """

    policy: str
    rows: int
    citizens: int
    weeks: int
    positive_rows: int
    admissions: int
    figures: Mapping[str, Interval]
    capacities: tuple[AtCapacity, ...]
    comparisons: tuple[Comparison, ...]

    @property
    def base_rate(self) -> float:
        """The share of rows followed by an admission."""
        return self.positive_rows / self.rows if self.rows else float("nan")

    def at(self, capacity: Capacity) -> AtCapacity:
        """The figures at one of the capacities; `KeyError` when it was not measured."""
        for found in self.capacities:
            if found.capacity == capacity:
                return found
        raise KeyError(capacity.key)


def evaluate(
    log_odds: NDArray[np.float64],
    rows: Rows,
    rivals: Mapping[str, NDArray[np.float64]],
    settings: EvaluationSettings,
    policy: str,
    seed: int,
) -> Evaluation:
    """The figures of calibrated log-odds, shape (n,), on these rows, and of the rivals' scores, shape (n,) each."""
    draws = Draws.of(rows.citizen, settings.resamples, seed)
    capacities = capacities_of(settings)
    weekly = WeeklyOrder.of(rows.as_of, log_odds, rows.outcome)
    once = np.ones(len(rows))
    told = draws.together(_figures(log_odds, rows), _list_figures(weekly, capacities, _Rivals.of(rows, rivals)))
    return Evaluation(
        policy=policy,
        rows=len(rows),
        citizens=np.unique(rows.citizen).size,
        weeks=np.unique(rows.as_of).size,
        positive_rows=int(rows.outcome.sum()),
        admissions=rows.admissions,
        figures={name: told[name] for name in FIGURES}
        | {"ece": Interval(metrics.expected_calibration_error(probability(log_odds), rows.outcome), np.nan, np.nan)},
        capacities=tuple(
            AtCapacity(
                c, told[f"{c.key}.precision"], told[f"{c.key}.recall"], told[f"{c.key}.lift"], weekly.cut(c, once)
            )
            for c in capacities
        ),
        comparisons=tuple(
            Comparison(
                name,
                rival_words(name),
                told[f"{name}.auroc"],
                told[f"{name}.recall"],
                told[f"{name}.gain"],
            )
            for name in rivals
        ),
    )


def rival_words(name: str) -> str:
    """What a rival ranks by, as the report says it."""
    return "the champion in force" if name == "champion" else baselines.words(name)


def capacities_of(settings: EvaluationSettings) -> tuple[Capacity, ...]:
    """The list lengths that are measured, the reference among them."""
    fixed = [Capacity(citizens=count) for count in settings.capacities]
    shares = [Capacity(share=share) for share in settings.shares]
    return tuple(dict.fromkeys([*fixed, *shares, REFERENCE]))


def _figures(log_odds: NDArray[np.float64], rows: Rows) -> Figures:
    order, outcome = Order.of(log_odds, rows.outcome), rows.outcome
    chance = probability(log_odds)
    line = metrics.calibration_line(log_odds, outcome, np.ones(len(rows)))
    near = line if np.isfinite(line).all() else (1.0, 0.0)

    def told(weight: NDArray[np.float64]) -> dict[str, float]:
        slope, intercept = metrics.calibration_line(log_odds, outcome, weight, near)
        return {
            "auroc": metrics.auroc(order, weight),
            "average_precision": metrics.average_precision(order, weight),
            "brier": metrics.brier(chance, outcome, weight),
            "brier_skill": metrics.brier_skill(chance, outcome, weight),
            "log_loss": metrics.log_loss(log_odds, outcome, weight),
            "calibration_slope": slope,
            "calibration_intercept": intercept,
            "came_per_expected": metrics.calibration_in_the_large(chance, outcome, weight),
        }

    return told


@dataclass(frozen=True, slots=True)
class _Rivals:
    """How each rival ranks the rows: by week, and all of them."""

    weekly: Mapping[str, WeeklyOrder]
    whole: Mapping[str, Order]

    @classmethod
    def of(cls, rows: Rows, scores: Mapping[str, NDArray[np.float64]]) -> "_Rivals":
        return cls(
            {name: WeeklyOrder.of(rows.as_of, score, rows.outcome) for name, score in scores.items()},
            {name: Order.of(score, rows.outcome) for name, score in scores.items()},
        )


def _list_figures(weekly: WeeklyOrder, capacities: Sequence[Capacity], rivals: _Rivals) -> Figures:
    def told(weight: NDArray[np.float64]) -> dict[str, float]:
        ours = weekly.weighed(weight)
        found: dict[str, float] = {}
        for capacity in capacities:
            cut, key = ours.cut(capacity), capacity.key
            found |= {f"{key}.precision": cut.precision, f"{key}.recall": cut.recall, f"{key}.lift": cut.lift}
        for name, order in rivals.weekly.items():
            recall = order.cut(REFERENCE, weight).recall
            found |= {f"{name}.recall": recall, f"{name}.gain": ours.cut(REFERENCE).recall - recall}
            found[f"{name}.auroc"] = metrics.auroc(rivals.whole[name], weight)
        return found

    return told
