"""The back-test: what the figures would have been, had the model been trained and used again and again in the past.

One good stretch of weeks may be luck. Here the whole procedure is repeated fold by fold, each knowing only what was
known on the first day it is measured on, outcomes included: late messages and corrections that came after are not there
yet. What all folds said is then measured together.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from models.engines.local import labels
from models.errors import DataWrong
from models.snapshot import Snapshot
from models.truth.label import POLICIES, UNTOLD
from models.windows import day_of
from training.evaluation import baselines, metrics
from training.evaluation.capacity import WeeklyOrder
from training.evaluation.evaluate import REFERENCE, Evaluation, evaluate
from training.evaluation.metrics import Order
from training.evaluation.oracle import AgainstOracle, Oracle, against_oracle
from training.fitting.fit import Recipe, choose
from training.matrix import data, folds, use
from training.matrix.folds import Fold
from training.matrix.rows import Rows
from training.settings import Settings
from training.stages import Stage


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted: at most `count` folds, over time with `weeks` weeks each, or each on a district held out."""

    count: int
    weeks: int
    held_out: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What a fold's model said: its test rows without their features, log-odds (n,), rivals' scores (n,) each."""

    rows: Rows
    log_odds: NDArray[np.float64]
    rivals: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Week:
    """One weekly list of a fold: its day, how it ranked, and the share of the admitted on the reference list."""

    day: int
    auroc: float
    recall: float


@dataclass(frozen=True, slots=True)
class Tested:
    """A fold and what came of it, under both label policies; `set_apart` are rows not learnt from because an admission
    they look forward to is one that is measured on.
    """

    fold: Fold
    recipe: Recipe
    learnt_rows: int
    set_apart: int
    evaluation: Evaluation
    second: Evaluation
    weeks: tuple[Week, ...]
    said: Said


@dataclass(frozen=True, slots=True)
class Whole:
    """All folds together: what they said, measured on all their weeks at once."""

    evaluation: Evaluation
    second: Evaluation
    oracle: AgainstOracle | None


class BackTest:
    """A back-test over one snapshot: who the rows are of is told once, the folds are then run one by one."""

    def __init__(self, snapshot: Snapshot, settings: Settings, until: date | None, asked: Asked, stage: Stage) -> None:
        """Build the rows and lay out the folds. Raises `DataWrong` where there is too little for one fold."""
        self._snapshot, self._settings, self._stage = snapshot, settings, stage
        covered = data.span(snapshot, until)
        self._rows = use.everyone(snapshot, covered, settings, stage)
        self.known_before = covered.known_before
        self.folds = self._laid_out(asked)

    @property
    def size(self) -> tuple[int, int]:
        """How many labelled rows there are, and how many independent admissions at least."""
        return len(self._rows), self._rows.admissions

    def run(self) -> Iterator[Tested]:
        """The folds, each when it is done."""
        for fold in self.folds:
            yield self._tested(fold, self._stage(f"Fold {fold.name}", self._settings.trees.bags + 3))

    def whole(self, tested: Sequence[Tested], oracle: Oracle | None) -> Whole:
        """All folds together. The same citizen may be in several, so the intervals draw citizens, not folds."""
        said = joined([one.said for one in tested])
        first, second = self._evaluations(said)
        measured = self._settings.evaluation
        known = against_oracle(oracle, said.log_odds, said.rows, measured, self._settings.seed) if oracle else None
        return Whole(first, second, known)

    def _laid_out(self, asked: Asked) -> tuple[Fold, ...]:
        if asked.held_out:
            return folds.by_district(self._rows, self._settings.split, asked.count)
        days = np.unique(self._rows.as_of).tolist()
        return folds.rolling(days, self._settings.split, asked.count, asked.weeks)

    def _tested(self, fold: Fold, step: Callable[[], None]) -> Tested:
        settings = self._settings
        learnt, later, test = fold.parts(self._rows)
        learnt, later = self._as_known(learnt, fold), self._as_known(later, fold)
        mask = folds.shared(self._snapshot, learnt, test, POLICIES[settings.data.label_policy], self.known_before)
        learnt = use.to_learn(learnt.where(~mask), settings)
        if not len(later) or not len(test):
            raise DataWrong(f"Fold {fold.name} has nothing to calibrate or to measure on.", "Ask for other folds.")
        chosen = learnt, use.to_measure(later, settings), use.to_measure(test, settings)
        learnt, later, test = use.with_features(self._snapshot, chosen, self._stage)
        recipe, model = choose(learnt, later, settings, step)
        log_odds = model.calibration.log_odds(model.log_odds(test.values))
        said = Said(test.bare(), log_odds, baselines.scores(learnt, test))
        step()
        first, second = self._evaluations(said)
        step()
        return Tested(fold, recipe, len(learnt), int(mask.sum()), first, second, _weeks(said), said)

    def _as_known(self, rows: Rows, fold: Fold) -> Rows:
        """The rows whose outcome could be told on the first day the fold is measured on, with it as it was then."""
        policy = POLICIES[self._settings.data.label_policy]
        outcome = labels(self._snapshot, rows.citizen, rows.as_of, policy, fold.slices.test[0])
        return replace(rows, outcome=outcome).where(outcome != UNTOLD)

    def _evaluations(self, said: Said) -> tuple[Evaluation, Evaluation]:
        settings, found = self._settings, list[Evaluation]()
        chosen = settings.data.label_policy, settings.data.second_policy
        for policy, outcome in zip(chosen, (said.rows.outcome, said.rows.second), strict=True):
            rows = replace(said.rows, outcome=outcome)
            found.append(evaluate(said.log_odds, rows, said.rivals, settings.evaluation, policy, settings.seed))
        return found[0], found[1]


def joined(parts: Sequence[Said]) -> Said:
    """What several folds said, as if one had said it; rivals that not every fold knows are left out."""
    first = parts[0].rows
    names = [name for name in parts[0].rivals if all(name in part.rivals for part in parts)]
    arrays = {
        name: np.concatenate([getattr(part.rows, name) for part in parts])
        for name in ("citizen", "as_of", "district", "outcome", "second", "values")
    }
    return Said(
        replace(first, **arrays),
        np.concatenate([part.log_odds for part in parts]),
        {name: np.concatenate([part.rivals[name] for part in parts]) for name in names},
    )


def _weeks(said: Said) -> tuple[Week, ...]:
    found: list[Week] = []
    for day in np.unique(said.rows.as_of).tolist():
        mine = said.rows.as_of == day
        score, outcome = said.log_odds[mine], said.rows.outcome[mine]
        once = np.ones(outcome.size)
        cut = WeeklyOrder.of(said.rows.as_of[mine], score, outcome).cut(REFERENCE, once)
        found.append(Week(day, metrics.auroc(Order.of(score, outcome), once), cut.recall))
    return tuple(found)


def title(asked: Asked) -> str:
    """What a back-test is called."""
    return "Back-test by district held out" if asked.held_out else f"Rolling back-test, {asked.weeks} weeks a fold"


def dates(tested: Tested) -> tuple[str, str]:
    """First and last as-of date a fold was measured on, ISO."""
    return day_of(tested.fold.slices.test[0]).isoformat(), day_of(tested.fold.slices.test[-1]).isoformat()
