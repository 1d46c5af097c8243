"""How much of the risk there is the model finds, on invented towns it was not tuned on; the true risk is known.

    python tests/bench/bench_towns.py                     two varied towns and two that write in words of their own
    OMHU_BENCH_CITIZENS=800 OMHU_BENCH_TOWNS=wordy:7 OMHU_BENCH_TEXT=1 python tests/bench/bench_towns.py

Each town is loaded and trained on as a municipality would, up to twelve weeks before its end, and ranked on the Mondays
after. `capture` is the true risk of the first 5 %, as a share of what an oracle's first 5 % hold; AUROC and calibration
slope are against true risks, so that luck with few admissions is not in them. `OMHU_BENCH_TEXT=1` adds a model that
also scores notes by their character n-grams (`tests/bench/note_grams.py`).
"""

import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from models.cohort import Status
from models.engines.local import Matrix, matrix
from models.scoring.calibration import Platt
from models.scoring.score import RiskModel, tree_log_odds
from models.snapshot import Snapshot
from models.windows import day_number, midnight
from service.intake.loading import load_path
from service.snapshots import bring_up_to_date
from service.storage import identities
from service.storage.database import Database
from tests.bench import note_grams
from training.evaluation.metrics import Order, auroc
from training.fitting import fit
from training.fitting.calibrate import calibrate
from training.matrix import data
from training.matrix.rows import Rows
from training.matrix.splits import slices
from training.settings import Settings, read
from training.synthetic.town import LAST_MONDAY, Town, danish_town, varied_town, wordy_town
from training.synthetic.write import synthesise

CITIZENS = int(os.environ.get("OMHU_BENCH_CITIZENS", "3000"))
WEEKS = int(os.environ.get("OMHU_BENCH_WEEKS", "104"))
TOWNS = os.environ.get("OMHU_BENCH_TOWNS", "varied:9 varied:22 wordy:2 wordy:3")
TEXT = os.environ.get("OMHU_BENCH_TEXT", "0") != "0"
MADE: Mapping[str, Callable[[int, int, int], Town]] = {
    "danish": danish_town, "varied": varied_town, "wordy": wordy_town,
}  # fmt: skip
UNTIL = LAST_MONDAY - timedelta(weeks=12)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A town as a municipality: what is trained on, and what is ranked afterwards with its true risk, shape (n,)."""

    database: Database
    snapshot: Snapshot
    rows: Rows
    ranked: Matrix
    risk: NDArray[np.float64]


def main() -> None:
    """Print a table, a town after another."""
    print(f"{'town':12} {'model':26} {'AUROC':>6} {'oracle':>6} {'capture':>7} {'slope':>6}")
    for name in TOWNS.split():
        kind, seed = name.split(":")
        with tempfile.TemporaryDirectory(prefix="omhu-bench-") as folder:
            _measure(name, MADE[kind](CITIZENS, WEEKS, int(seed)), Path(folder))


def _measure(name: str, town: Town, folder: Path) -> None:
    synthesise(town, folder)
    settings = read()
    with Database.open(f"sqlite:///{folder / 'omhu.sqlite'}") as database:
        database.require_migrated(create=True)
        load_path(database, folder / "drop", "history", midnight(LAST_MONDAY))
        snapshot = bring_up_to_date(database, folder / "snapshot")
        loaded = _loaded(database, snapshot, folder, settings)
        recipe, model = _trained(loaded.rows, settings)
        said = {
            "the model": model.calibration.log_odds(model.log_odds(loaded.ranked.values)),
            "  its trees alone": tree_log_odds(model.boosters, loaded.ranked.values),
            "  its additive part alone": model.additive.log_odds(loaded.ranked.values),
            "  additive, one ridge": _additive(loaded.rows, replace(recipe, room={}), settings, loaded.ranked.values),
        }
        if TEXT:
            rows, values = note_grams.joined(database, snapshot, loaded.rows, loaded.ranked, day_number(UNTIL))
            said["  additive, with n-grams"] = _additive(rows, recipe, settings, values)
    for which, log_odds in said.items():
        _print(name, which, loaded, log_odds)


def _loaded(database: Database, snapshot: Snapshot, folder: Path, settings: Settings) -> Loaded:
    covered = data.span(snapshot, UNTIL)
    rows = data.rows(snapshot, covered, settings.data, lambda _: None)
    ranked = matrix(snapshot, [day_number(UNTIL) + 7 * week for week in range(13)])
    ranked = ranked.rows(ranked.status == Status.RANKED)
    with database.read() as session:
        keys = identities.all_keys(session)
    truth = pq.read_table(folder / "truth.parquet", columns=["citizen_id", "as_of", "true_risk", "at_risk"])
    truth = truth.filter(truth["at_risk"])
    days = truth["as_of"].cast("int32").to_pylist()
    known = {
        (keys[citizen], day): risk
        for citizen, day, risk in zip(
            truth["citizen_id"].to_pylist(), days, truth["true_risk"].to_pylist(), strict=True
        )
        if citizen in keys
    }
    pairs = zip(ranked.citizen.tolist(), ranked.as_of.tolist(), strict=True)
    risk = np.array([known.get(pair, np.nan) for pair in pairs])
    told = ~np.isnan(risk)
    return Loaded(database, snapshot, rows, ranked.rows(told), risk[told])


def _trained(rows: Rows, settings: Settings) -> tuple[fit.Recipe, RiskModel]:
    """The final model, made as a training makes it."""
    parts = slices(np.unique(rows.as_of).tolist(), settings.split)
    most = settings.data.most_rows
    learnt, later = data.thinned(rows.on(parts.train), most), rows.on(parts.calibration)
    recipe, _ = fit.choose(learnt, later, settings, _nothing)
    thinned = data.thinned(rows, most)
    bags = fit.fit(thinned, recipe, settings, _nothing)
    latest = thinned.as_of >= parts.calibration[0]
    raw = bags.unseen_log_odds(thinned, recipe.tree_weight, latest)
    calibration = calibrate(raw, thinned.outcome[latest], thinned.citizen[latest], settings.seed)
    return recipe, bags.model(rows.names, recipe.tree_weight, calibration)


def _additive(rows: Rows, recipe: fit.Recipe, settings: Settings, values: NDArray[np.float32]) -> NDArray[np.float64]:
    """What an additive model alone says, by the recipe."""
    bags = fit.fit(rows, replace(recipe, rounds=0), settings, _nothing)
    return bags.model(rows.names, 0.0, Platt(1.0, 0.0)).additive.log_odds(values)


def _print(name: str, which: str, loaded: Loaded, log_odds: NDArray[np.float64]) -> None:
    risk = loaded.risk
    captures: list[float] = []
    for day in np.unique(loaded.ranked.as_of):
        there = loaded.ranked.as_of == day
        places = max(1, round(0.05 * np.count_nonzero(there)))
        first = np.argsort(-log_odds[there], kind="stable")[:places]
        captures.append(float(risk[there][first].sum() / np.sort(risk[there])[-places:].sum()))
    found, best = _true_auroc(log_odds, risk), _true_auroc(risk, risk)
    print(
        f"{name:12} {which:26} {found:6.3f} {best:6.3f} {np.mean(captures):7.3f} {_slope(log_odds, risk):6.2f}",
        flush=True,
    )


def _true_auroc(score: NDArray[np.float64], risk: NDArray[np.float64]) -> float:
    """The AUROC expected of outcomes drawn by the true risk: each row counts as admitted and as not, by its risk."""
    twice = np.concatenate([score, score])
    outcome = np.repeat(np.array([1, 0], dtype=np.int8), risk.size)
    return auroc(Order.of(twice, outcome), np.concatenate([risk, 1.0 - risk]))


def _slope(log_odds: NDArray[np.float64], risk: NDArray[np.float64]) -> float:
    """The slope of the logistic line from log-odds to the true risk, by Newton's steps; 1 is calibrated."""
    columns = np.column_stack([log_odds, np.ones(risk.size)])
    line = np.array([1.0, 0.0])
    for _ in range(30):
        said = 1.0 / (1.0 + np.exp(-columns @ line))
        curvature = (columns * (said * (1.0 - said))[:, np.newaxis]).T @ columns
        line = line + np.linalg.solve(curvature, columns.T @ (risk - said))
    return float(line[0])


def _nothing() -> None:
    """No progress is shown."""


if __name__ == "__main__":
    main()
