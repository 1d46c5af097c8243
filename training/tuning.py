"""Tuning: settings tried on earlier weeks, by what nurses get from a list, with the test weeks never looked at.

Each trial trains and measures on a few folds in time order, all before the weeks the training's figures come from. A
trial that is worse than the usual one after its first fold is not finished. The study is a file under `OMHU_HOME`, so
a search that was stopped goes on. The default settings are the first trial: what is found has them to beat, and with a
few hundred admissions a small lead is luck.
"""

import hashlib
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from models.features.catalogue import CATALOGUE
from models.home import Home
from models.snapshot import Snapshot
from training import tracking
from training.evaluation import metrics
from training.evaluation.capacity import Capacity, WeeklyOrder
from training.evaluation.metrics import Order
from training.fitting.fit import choose
from training.matrix import data, folds, use
from training.matrix.folds import Fold
from training.matrix.rows import Rows
from training.matrix.splits import slices
from training.release import publishing
from training.settings import Settings
from training.stages import Stage
from training.tracking import Run

if TYPE_CHECKING:
    from optuna import Study, Trial

FOLDS, WEEKS = 2, 6
_TIE_BREAK = 1e-3
"""What AUROC counts beside the recall: it decides only between trials whose lists catch the same."""
_WARM_UP = 5


@dataclass(frozen=True, slots=True)
class Range:
    """What a setting of the trees may be: from `low` to `high`, whole numbers or not, evenly or by its logarithm."""

    low: float
    high: float
    whole: bool = False
    by_logarithm: bool = True


SPACE: Mapping[str, Range] = {
    "leaves": Range(3, 16, whole=True),
    "learning_rate": Range(0.02, 0.12),
    "rows_in_leaf": Range(50, 400, whole=True),
    "feature_share": Range(0.03, 0.5),
    "row_share": Range(0.4, 0.9, by_logarithm=False),
    "ridge": Range(3.0, 150.0),
}
"""Settings of `[trees]` that are tried; rounds, penalty and blend are settled anew in every fold anyhow."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """What a search came to: trials over, the first one's value and the best one's, its settings, and its run."""

    trials: int
    default: float
    best: float
    settings: Mapping[str, float]
    run_id: str


class Search:
    """A search over one snapshot: who the rows are of is told once, a trial trains on each fold's."""

    def __init__(self, snapshot: Snapshot, settings: Settings, until: date | None, stage: Stage) -> None:
        """Build the rows and lay out the folds. Raises `DataWrong` where there is too little for one fold."""
        covered = data.span(snapshot, until)
        rows = use.everyone(snapshot, covered, settings, stage)
        days = np.unique(rows.as_of).tolist()
        earlier = [day for day in days if day <= slices(days, settings.split).calibration[-1]]
        self.size = len(rows), rows.admissions
        self._snapshot, self._settings = snapshot, settings
        self._folds = folds.rolling(earlier, settings.split, FOLDS, WEEKS)
        self._rows = rows.on(earlier)

    @property
    def folds(self) -> tuple[Fold, ...]:
        """Where the trials are measured, oldest first."""
        return self._folds

    def value(self, chosen: Mapping[str, float], worth_going_on: Callable[[int, float], bool]) -> float | None:
        """The mean value over the folds with these settings of the trees; None when it was not worth going on.

        `worth_going_on` is asked after each fold but the last, with its number and the mean so far.
        """
        settings = with_trees(self._settings, chosen)
        found: list[float] = []
        for number, fold in enumerate(self._folds):
            used = use.slices_of(fold.parts(self._rows), settings)
            # Of a large municipality nothing is held between trials: its features are computed for each anew.
            learnt, later, test = use.with_features(self._snapshot, used, _unseen)
            _, model = choose(learnt, later, settings, lambda: None)
            found.append(value_of(model.log_odds(test.values), test, settings.evaluation.shares))
            last = number + 1 == len(self._folds)
            if not last and not worth_going_on(number, float(np.mean(found))):
                return None
        return float(np.mean(found))


def _unseen(_words: str, _steps: int) -> Callable[[], None]:
    """A stage within a trial, which the search's own progress stands for."""
    return lambda: None


def value_of(log_odds: NDArray[np.float64], rows: Rows, shares: tuple[float, ...]) -> float:
    """The share of the admitted on the lists, over all list lengths, and a hair of AUROC to break ties."""
    once, weekly = np.ones(len(rows)), WeeklyOrder.of(rows.as_of, log_odds, rows.outcome)
    caught = [weekly.cut(Capacity(share=share), once).recall for share in shares]
    found = float(np.mean(caught)) + _TIE_BREAK * metrics.auroc(Order.of(log_odds, rows.outcome), once)
    return found if np.isfinite(found) else 0.0


def with_trees(settings: Settings, chosen: Mapping[str, float]) -> Settings:
    """The settings with these of the trees, checked as a file's would be."""
    plain = settings.model_dump()
    typed = {name: int(value) if SPACE[name].whole else float(value) for name, value in chosen.items()}
    return Settings.model_validate(plain | {"trees": plain["trees"] | typed})


def tune(
    home: Home, snapshot: Snapshot, settings: Settings, until: date | None, trials: int, out: Path, stage: Stage
) -> Tuned:
    """Search until `trials` are over, earlier ones of the same snapshot, catalogue and settings counted; write the
    best settings to `out`, as a file for `omhu train --config`.
    """
    search = Search(snapshot, settings, until, stage)
    with _quiet_optuna():
        study = _study(home, study_name(snapshot, settings, until), settings)
        step = stage("Trials", max(trials - _over(study), 0))
        run_id = tracking.log_nested(
            home,
            "tuning",
            _runs(study, search, trials, step),
            lambda: _common(study, snapshot, settings, search),
        )
        best = {name: float(study.best_params[name]) for name in SPACE}
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(config_text(best, study.study_name, study.best_value), encoding="utf-8")
        return Tuned(_over(study), _default_value(study, settings), float(study.best_value), best, run_id)


def study_name(snapshot: Snapshot, settings: Settings, until: date | None) -> str:
    """Trials are only comparable on the same data, features and other settings: their digest is the study's name."""
    parts = (snapshot.hash, CATALOGUE.fingerprint, settings.model_dump_json(), str(until))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def config_text(best: Mapping[str, float], name: str, value: float) -> str:
    """The settings as TOML."""
    found = f"# Found by `omhu tune` (study {name}): recall {value:.4f} over all lists, on weeks before the test weeks."
    lines = [found, "[trees]"]
    return "\n".join([*lines, *(f"{name} = {_number(name, each)}" for name, each in best.items())]) + "\n"


def _number(name: str, value: float) -> str:
    return str(int(value)) if SPACE[name].whole else repr(round(value, 6))


def _study(home: Home, name: str, settings: Settings) -> "Study":
    import optuna  # noqa: PLC0415 - a second to import, and only tuning needs it

    home.folder.mkdir(parents=True, exist_ok=True)
    storage = f"sqlite:///{home.folder / 'tuning.db'}"
    study = optuna.create_study(storage=storage, study_name=name, direction="maximize", load_if_exists=True)
    # A seed that went with the study would draw the same settings again after each stop.
    study.sampler = optuna.samplers.TPESampler(seed=settings.seed + len(study.trials), n_startup_trials=_WARM_UP)
    study.pruner = optuna.pruners.MedianPruner(n_startup_trials=_WARM_UP)
    for trial in study.get_trials(states=(optuna.trial.TrialState.RUNNING,)):
        study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
    if np.isnan(_default_value(study, settings)):
        study.enqueue_trial(_usual(settings), skip_if_exists=True)
    return study


def _usual(settings: Settings) -> dict[str, float]:
    trees = settings.trees.model_dump()
    return {name: trees[name] for name in SPACE}


def _default_value(study: "Study", settings: Settings) -> float:
    """What the settings to start from came to; NaN as long as nobody has tried them to the end."""
    usual = _usual(settings)
    found = [
        trial.value
        for trial in study.trials
        if trial.value is not None and all(np.isclose(trial.params[name], usual[name]) for name in SPACE)
    ]
    return max(found, default=float("nan"))


def _runs(study: "Study", search: Search, trials: int, step: Callable[[], None]) -> Iterator[Run]:
    import optuna  # noqa: PLC0415

    while _over(study) < trials:
        trial = study.ask()
        chosen = _suggested(trial)

        def worth_going_on(number: int, value: float, trial: "Trial" = trial) -> bool:
            trial.report(value, number)
            return not trial.should_prune()

        value = search.value(chosen, worth_going_on)
        state = optuna.trial.TrialState.PRUNED if value is None else None
        study.tell(trial, value, state=state)
        step()
        yield Run(
            name=f"trial {trial.number}",
            parameters={name: _number(name, each) for name, each in chosen.items()},
            metrics={} if value is None else {"value": value},
            tags={"pruned": str(value is None).lower()},
        )


def _suggested(trial: "Trial") -> dict[str, float]:
    found: dict[str, float] = {}
    for name, wanted in SPACE.items():
        if wanted.whole:
            found[name] = trial.suggest_int(name, int(wanted.low), int(wanted.high), log=wanted.by_logarithm)
        else:
            found[name] = trial.suggest_float(name, wanted.low, wanted.high, log=wanted.by_logarithm)
    return found


def _over(study: "Study") -> int:
    import optuna  # noqa: PLC0415

    ended = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED)
    return len(study.get_trials(deepcopy=False, states=ended))


def _common(study: "Study", snapshot: Snapshot, settings: Settings, search: Search) -> Run:
    plain: dict[str, JsonValue] = settings.model_dump(mode="json")
    values = [(trial.number, trial.value) for trial in study.trials if trial.value is not None]
    return Run(
        name="tuning",
        parameters=publishing.settings_of(plain) | {"study": study.study_name, "trials": str(_over(study))},
        metrics={"value": study.best_value, "value.default": _default_value(study, settings)},
        tags={"snapshot": snapshot.hash},
        dataset=publishing.dataset(snapshot.hash, *search.size),
        courses={"trial.value": values},
    )


@contextmanager
def _quiet_optuna() -> Generator[None]:
    """Optuna's own lines are about its schema and every trial; the progress bar tells what a user wants to know."""
    import optuna  # noqa: PLC0415

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        optuna.logging.set_verbosity(before)
