"""Checks that the figures are not flattered; one that fails ends the matter, no reason given lets the model pass.

What they look for is what has embarrassed published models: rows that saw the future, slices that overlap, a feature
that is the outcome under another name, a procedure that finds signal where there is none.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.cohort import Status
from models.engines.local import matrix
from models.events import Events
from models.scoring.calibration import Platt
from models.snapshot import Snapshot
from models.windows import NEVER_DAY, day_of
from training.evaluation import metrics
from training.evaluation.findings import Check
from training.evaluation.metrics import Order
from training.evaluation.resampling import Draws
from training.fitting.fit import Recipe, fit
from training.matrix.rows import Rows
from training.matrix.splits import Slices
from training.settings import Settings

SUSPICIOUS_FEATURE = 0.85
_NO_CALIBRATION = Platt(1.0, 0.0)
_SHUFFLE_ROUNDS = 60
_SAMPLE = 20_000


class Truncated(Snapshot):
    """A snapshot as it would have been on the morning of a day: nothing known on it or later is in it."""

    __slots__ = ("_day",)

    def __init__(self, snapshot: Snapshot, day: int) -> None:
        """The snapshot as of the day number."""
        super().__init__(snapshot.folder, snapshot.manifest)
        object.__setattr__(self, "_day", day)

    def read(self, bucket: int, from_day: int = -NEVER_DAY, known_before: int = NEVER_DAY) -> Events:
        """The bucket's events known before the day, later corrections undone."""
        whole = Snapshot.read(self, bucket, from_day, known_before)
        known = whole.where(whole.known_day < self._day)
        standing = np.where(known.superseded_day < self._day, known.superseded_day, NEVER_DAY).astype(np.int32)
        return replace(known, superseded_day=standing)


def future_changes_nothing(snapshot: Snapshot, weeks: Sequence[Rows]) -> Check:
    """Whether rows, of one day each, are value for value what a snapshot cut off on the day gives.

    The canary of leaks: an admission that became known after T is in the one snapshot and not in the other.
    """
    days = [int(mine.as_of[0]) for mine in weeks]
    different = sum(not _as_known_then(snapshot, mine, day) for mine, day in zip(weeks, days, strict=True))
    dates = ", ".join(day_of(day).isoformat() for day in days)
    if different:
        return Check("future", False, f"On {different} of the dates {dates} the rows hold what was only known later.")
    return Check("future", True, f"Without all that became known later, the rows of {dates} are the same.")


def _as_known_then(snapshot: Snapshot, mine: Rows, day: int) -> bool:
    known_then = matrix(Truncated(snapshot, day), [day])
    ranked = known_then.rows(known_then.status == Status.RANKED)
    there = np.searchsorted(ranked.citizen, mine.citizen)
    found = (there < len(ranked)) & (ranked.citizen[np.minimum(there, len(ranked) - 1)] == mine.citizen)
    same = np.array_equal(ranked.values[there[found]], mine.values[found], equal_nan=True)
    return same and bool(found.all())


def slices_apart(slices: Slices, horizon_days: int) -> Check:
    """Whether the horizon of the last row of each slice is over before the first row of the next."""
    pairs = ((slices.train, slices.calibration), (slices.calibration, slices.test))
    apart = all(earlier[-1] + horizon_days <= later[0] for earlier, later in pairs)
    return Check("embargo", apart, "No outcome of one slice reaches into the next." if apart else "Slices overlap.")


def no_feature_is_the_outcome(rows: Rows) -> Check:
    """Whether any single feature ranks the rows as only the outcome itself could."""
    step = max(1, len(rows) // _SAMPLE)
    values, outcome = rows.values[::step], rows.outcome[::step]
    found = np.array([_one_sided(values[:, column], outcome) for column in range(values.shape[1])])
    best = int(np.nanargmax(found)) if np.any(~np.isnan(found)) else 0
    told = _enough_to_tell(outcome)
    if found[best] > SUSPICIOUS_FEATURE and told:
        return Check("canary", False, f"{rows.names[best]} alone has an AUROC of {found[best]:.2f}: it is the outcome.")
    return Check(
        "canary", True, f"No single feature tells the outcome; the best, {rows.names[best]}, has {found[best]:.2f}."
    )


def shuffled_outcomes_tell_nothing(
    train: Rows, test: Rows, recipe: Recipe, settings: Settings, step: Callable[[], None]
) -> Check:
    """Whether the same fitting, on outcomes dealt out anew within each week, ends at an AUROC of one half."""
    generator = np.random.default_rng(settings.seed)
    dealt = replace(train, outcome=_dealt(train, generator))
    if np.unique(dealt.outcome).size < 2 or np.unique(test.outcome).size < 2:
        return Check("shuffle", True, "Too few admissions to deal out anew.")
    short = replace(recipe, rounds=min(recipe.rounds, _SHUFFLE_ROUNDS))
    model = fit(dealt, short, settings, step).model(train.names, recipe.tree_weight, _NO_CALIBRATION)
    outcome = _dealt(test, generator)
    order = Order.of(model.log_odds(test.values), outcome)
    drawn = Draws.of(test.citizen, 100, settings.seed).intervals({"auroc": lambda weight: metrics.auroc(order, weight)})
    found = drawn["auroc"]
    # One run in twenty misses a 95 % interval by chance alone; twice its width does not happen by chance.
    beyond = found.told and abs(found.value - 0.5) > max(0.05, found.high - found.low)
    return Check("shuffle", not beyond, f"On outcomes dealt out anew the AUROC is {found}.")


def _one_sided(values: NDArray[np.float32], outcome: NDArray[np.int8]) -> float:
    """The AUROC of a feature, whichever way it points; missing values are the lowest. NaN with one outcome only."""
    score = np.where(np.isnan(values), -np.inf, values)
    others, admitted = np.sort(score[outcome == 0]), score[outcome == 1]
    if not others.size or not admitted.size:
        return float("nan")
    # There are few admitted: where each stands among the others says it all, ties counting half.
    below, up_to = (np.searchsorted(others, admitted, side=side) for side in ("left", "right"))
    found = float((below + up_to).mean()) / (2.0 * others.size)
    return max(found, 1.0 - found)


def _enough_to_tell(outcome: NDArray[np.int8]) -> bool:
    """Whether there are enough admitted rows for a high figure not to be luck among hundreds of features."""
    return int(outcome.sum()) >= 50


def _dealt(rows: Rows, generator: np.random.Generator) -> NDArray[np.int8]:
    """The rows' outcomes, shape (n,), dealt out anew among the citizens of each week."""
    random = generator.random(len(rows))
    by_week = np.lexsort((np.arange(len(rows)), rows.as_of))
    shuffled = np.lexsort((random, rows.as_of))
    dealt = np.empty_like(rows.outcome)
    dealt[by_week] = rows.outcome[shuffled]
    return dealt
