"""Champion and challenger side by side, in silence: what a challenger's list would have been, shown to nobody.

Both score the same rows of the same dates. Compared are the lists (who stands on both), the order, the probabilities
and, where the horizon is over and neither had learnt from it, what each list caught. What comes of it is kept with the
challenger's run.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from models.cohort import Status
from models.engines.local import Matrix, labels, matrix
from models.errors import RequestWrong
from models.home import Home
from models.scoring import bundle
from models.scoring.bundle import Manifest
from models.scoring.score import RiskModel
from models.snapshot import Snapshot
from models.truth.heard import known_before
from models.truth.label import POLICIES
from models.windows import day_number
from training import tracking
from training.evaluation.capacity import Cut, WeeklyOrder
from training.evaluation.evaluate import REFERENCE
from training.tracking import Registered


@dataclass(frozen=True, slots=True)
class Caught:
    """What a list of the reference length caught, once its horizon is over."""

    listed: float
    admitted_on_list: float
    admitted: float


@dataclass(frozen=True, slots=True)
class Shadow:
    """One date: how far the two lists agree, by the top share and by district, and what each caught (later).

    What was caught is told of both or of neither, and `untold` says why not: one that learnt from the week would win.
    `overlap` is the share of the champion's list that is on the challenger's too, `order` Spearman's rank correlation
    over everyone ranked. Nobody's row or key is in it.
    """

    as_of: date
    champion: str
    challenger: str
    ranked: int
    overlap: float
    overlap_by_district: Mapping[str, float]
    order: float
    mean_champion: float
    mean_challenger: float
    caught_by_champion: Caught | None
    caught_by_challenger: Caught | None
    untold: str | None

    def text(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False, default=str) + "\n"


@dataclass(frozen=True, slots=True)
class Contender:
    """Champion or challenger: its registered version, its model, and the first date it had learnt nothing of."""

    version: str
    model: RiskModel
    unseen_from: date


def shadow(home: Home, snapshot: Snapshot, run_id: str | None, days: Sequence[date]) -> tuple[Shadow, ...]:
    """Score both on each date, and keep what comes of it with the challenger's run.

    `run_id` is the challenger's, or the newest. Raises `NotFound` when there is none, `RequestWrong` without a champion
    to compare with, or when they are one.
    """
    champion, challenger = _both(home, run_id)
    first, second = _contender(home, champion), _contender(home, challenger)
    policy = _manifest(home, champion.run_id).label_policy
    found = tuple(compare(snapshot, day, first, second, policy) for day in days)
    _keep(home, challenger.run_id, found)
    return found


def compare(snapshot: Snapshot, as_of: date, champion: Contender, challenger: Contender, policy: str) -> Shadow:
    """One date's comparison of champion and challenger. Raises `RequestWrong` when nobody is ranked on it."""
    day = day_number(as_of)
    rows = matrix(snapshot, [day])
    rows = rows.rows(rows.status == Status.RANKED)
    if not len(rows):
        raise RequestWrong(f"Nobody is ranked on {as_of}, as far as the snapshot knows.", "Give another date.")
    scores = [one.model.score(rows.values) for one in (champion, challenger)]
    outcome = labels(snapshot, rows.citizen, rows.as_of, POLICIES[policy], known_before(snapshot))
    # Where not all is known nothing is told of what was caught; the order of the rows rests on the scores alone.
    orders = [WeeklyOrder.of(rows.as_of, score, np.maximum(outcome, 0)) for score in scores]
    listed = [order.inside(REFERENCE, np.ones(len(rows))) for order in orders]
    untold = _learnt(as_of, champion, challenger) or (None if (outcome >= 0).all() else "not known yet")
    caught = [None if untold else _caught(order.cut(REFERENCE, np.ones(len(rows)))) for order in orders]
    return Shadow(
        as_of=as_of,
        champion=champion.version,
        challenger=challenger.version,
        ranked=len(rows),
        overlap=_overlap(listed[0], listed[1]),
        overlap_by_district=_by_district(rows, listed[0], listed[1]),
        order=_spearman(scores[0], scores[1]),
        mean_champion=float(scores[0].mean()),
        mean_challenger=float(scores[1].mean()),
        caught_by_champion=caught[0],
        caught_by_challenger=caught[1],
        untold=untold,
    )


def _both(home: Home, run_id: str | None) -> tuple[Registered, Registered]:
    champion, challenger = tracking.champion(home), tracking.registered(home, run_id)
    if champion is None:
        raise RequestWrong("There is no champion to compare with.", "Promote a model with `omhu promote`.")
    if champion.version == challenger.version:
        raise RequestWrong("That model is the champion itself.", "Train another, or name its run with --run.")
    return champion, challenger


def _contender(home: Home, one: Registered) -> Contender:
    with tracking.artifacts(home, one.run_id) as folder:
        model = bundle.load(folder / tracking.BUNDLE)
    return Contender(one.version, model, _manifest(home, one.run_id).unseen_from)


def _manifest(home: Home, run_id: str) -> Manifest:
    with tracking.artifacts(home, run_id) as folder:
        return bundle.read_manifest(folder / tracking.BUNDLE)


def _learnt(as_of: date, *both: Contender) -> str | None:
    """Which of the two had learnt from the date's outcome, in words; None when neither."""
    learnt = [f"version {one.version}" for one in both if as_of < one.unseen_from]
    return f"{' and '.join(learnt)} learnt from it" if learnt else None


def _caught(cut: Cut) -> Caught:
    return Caught(cut.listed, cut.expected, cut.admitted)


def _overlap(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    return float(np.minimum(first, second).sum() / first.sum()) if first.sum() else float("nan")


def _by_district(rows: Matrix, first: NDArray[np.float64], second: NDArray[np.float64]) -> dict[str, float]:
    found = {name: rows.district == place for place, name in enumerate(rows.districts)}
    return {name: _overlap(first[mask], second[mask]) for name, mask in found.items() if first[mask].sum()}


def _spearman(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    if first.size < 2 or np.ptp(first) == 0.0 or np.ptp(second) == 0.0:
        return float("nan")
    return float(np.corrcoef(_ranks(first), _ranks(second))[0, 1])


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 0, equal values sharing the mean of theirs, shape (n,)."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count + 1) / 2)[place]


def _keep(home: Home, run_id: str, found: Sequence[Shadow]) -> None:
    with TemporaryDirectory() as folder:
        for one in found:
            (Path(folder) / f"{one.as_of}.json").write_text(one.text(), encoding="utf-8")
        days = [day_number(one.as_of) for one in found]
        courses = {
            "shadow.overlap": list(zip(days, [one.overlap for one in found], strict=True)),
            "shadow.order": list(zip(days, [one.order for one in found], strict=True)),
        }
        tracking.add(home, run_id, courses, {"shadow": Path(folder)})
