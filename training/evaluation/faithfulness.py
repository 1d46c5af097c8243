"""Are the reasons true of the score? What a first reason names is taken out of the record, and the score must fall.

Measured on listed citizens with the function that the weekly list tells reasons by (`models.reasons.proving`): a reason
that is not true of the score is passed over there, so what is measured is how many are left with a true one, and how
often the strongest had to be passed over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.engines.local import reach
from models.features.catalogue import CATALOGUE
from models.reasons.proving import Proven, prove
from models.reasons.telling import Explained
from models.scoring.score import RiskModel
from models.snapshot import Snapshot
from training.evaluation.capacity import WeeklyOrder
from training.evaluation.evaluate import REFERENCE
from training.matrix.rows import Rows

MEASURED = 200
"""Listed rows measured at most, evenly over the weeks: TreeSHAP is dear, and more would not change a share by 3 %."""


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """Of `listed` rows, `reasoned` had a reason to ask of, and `lowered` are told a first one without which they score
    lower.

    `by_group` has, for each feature group that came first before any was passed over, how often it did and how often
    the score fell. `drop` is the median fall in log-odds without the first reason told.
    """

    listed: int
    reasoned: int
    lowered: int
    drop: float
    by_group: Mapping[str, tuple[int, int]]

    @property
    def share(self) -> float:
        """The share of the listed whose first reason is true of their score; NaN where nobody is listed."""
        return self.lowered / self.listed if self.listed else float("nan")

    @property
    def passed_over(self) -> int:
        """The listed whose strongest reason was not true of the score, so that another came first, or none."""
        return self.reasoned - sum(fell for _, fell in self.by_group.values())

    @property
    def at_best(self) -> float:
        """The share of those with any reason it could be at best, given how few they are (Wilson's upper bound, 95 %).

        Of whom nothing is known that could be told, nothing untrue is told either.
        """
        if not self.reasoned:
            return 1.0
        share, n, z2 = self.lowered / self.reasoned, self.reasoned, 1.96**2
        centre = share + z2 / (2 * n)
        spread = 1.96 * np.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
        return float((centre + spread) / (1 + z2 / n))


def faithfulness(
    snapshot: Snapshot, model: RiskModel, rows: Rows, log_odds: NDArray[np.float64], most: int = MEASURED
) -> Faithfulness:
    """Measured on the rows that the weekly lists of the reference capacity hold, at most `most` of them.

    `log_odds`, shape (n,), are what the model says of the rows, before or after its calibration.
    """
    chosen = _listed(log_odds, rows, most)
    proven = _proven(snapshot, model, chosen)
    asked = [each for each in proven if each.first is not None]
    falls = [each.falls[0] for each in proven if each.told]
    return Faithfulness(
        listed=len(chosen),
        reasoned=len(asked),
        lowered=len(falls),
        drop=float(np.median(falls)) if falls else float("nan"),
        by_group=_by_group(asked),
    )


def _listed(log_odds: NDArray[np.float64], rows: Rows, most: int) -> Rows:
    weekly = WeeklyOrder.of(rows.as_of, log_odds, rows.outcome)
    place = np.flatnonzero(weekly.inside(REFERENCE, np.ones(len(rows))) >= 0.5)
    evenly = place[np.unique(np.linspace(0, place.size - 1, min(most, place.size)).astype(np.int64))]
    mask = np.zeros(len(rows), dtype=np.bool_)
    mask[evenly] = True
    return rows.where(mask)


def _proven(snapshot: Snapshot, model: RiskModel, rows: Rows) -> list[Proven]:
    contributions = model.contributions(rows.values)
    found: list[Proven] = []
    for bucket, mine in snapshot.by_bucket(rows.citizen):
        explained = [Explained(rows.values[at], contributions[at], CATALOGUE) for at in mine]
        from_day = int(rows.as_of[mine].min()) - reach(CATALOGUE)
        before = int(rows.as_of[mine].max())
        events = snapshot.read_of(bucket, rows.citizen[mine].tolist(), from_day, before)
        found += prove(explained, rows.citizen[mine], rows.as_of[mine], events, model.log_odds)
    return found


def _by_group(asked: Sequence[Proven]) -> Mapping[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for each in asked:
        group = each.first.group if each.first else ""
        told, lowered = found.get(group, (0, 0))
        found[group] = (told + 1, lowered + int(each.first_fall > 0.0))
    return dict(sorted(found.items(), key=lambda item: (-item[1][0], item[0])))
