"""Are the reasons true of the score? What a first reason names is taken out of the record, and the score must fall.

The rows of listed citizens are computed anew from the same snapshot by the same kernel, without any event of the
signals the first reason's words rest on, as if those things had never been written or happened. Nothing is set to an
average and no feature is switched off by hand: features that share events (how much is written, how many concerns)
change along, as they would have.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.events import Events, matches
from models.features.build import build
from models.features.catalogue import CATALOGUE
from models.reasons.telling import Explained, Reason, reasons
from models.scoring.score import RiskModel
from models.snapshot import Snapshot
from training.evaluation.capacity import WeeklyOrder
from training.evaluation.evaluate import REFERENCE
from training.matrix.rows import Rows

MEASURED = 200
"""Listed rows measured at most, evenly over the weeks: TreeSHAP is dear, and more would not change a share by 3 %."""


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """Of `listed` rows, `reasoned` had a first reason and `lowered` scored lower without what it names.

    `by_group` has, for each feature group that came first, how often it did and how often the score fell. `drop` is
    the median fall in log-odds.
    """

    listed: int
    reasoned: int
    lowered: int
    drop: float
    by_group: Mapping[str, tuple[int, int]]

    @property
    def share(self) -> float:
        """The share of first reasons without which the score is lower; NaN where nobody had one."""
        return self.lowered / self.reasoned if self.reasoned else float("nan")

    @property
    def at_best(self) -> float:
        """The share it could be at best, given how few were measured (Wilson's upper bound, 95 %)."""
        if not self.reasoned:
            return 1.0
        n, z2 = self.reasoned, 1.96**2
        centre = self.share + z2 / (2 * n)
        spread = 1.96 * np.sqrt(self.share * (1 - self.share) / n + z2 / (4 * n * n))
        return float((centre + spread) / (1 + z2 / n))


def faithfulness(snapshot: Snapshot, model: RiskModel, rows: Rows, most: int = MEASURED) -> Faithfulness:
    """Measured on the rows that the weekly lists of the reference capacity hold, at most `most` of them."""
    chosen = _listed(model, rows, most)
    before = model.log_odds(chosen.values)
    first = _first_reasons(model, chosen)
    told = [at for at, reason in enumerate(first) if reason is not None]
    after = before.copy()
    for at, values in _without(snapshot, chosen, first):
        after[at] = model.log_odds(values)
    fell = before - after
    return Faithfulness(
        listed=len(chosen),
        reasoned=len(told),
        lowered=int(np.count_nonzero(fell[told] > 0.0)),
        drop=float(np.median(fell[told])) if told else float("nan"),
        by_group=_by_group(first, fell),
    )


def without_evidence(events: Events, signals: Sequence[str]) -> Events:
    """The events without any of these signals of the catalogue."""
    codes = [code for name in signals for code in CATALOGUE.signal(name).codes]
    gone = np.array([matches(code, codes) for code in events.codes], dtype=np.bool_)
    return events.where(~gone[events.code]) if gone.size else events


def _listed(model: RiskModel, rows: Rows, most: int) -> Rows:
    weekly = WeeklyOrder.of(rows.as_of, model.log_odds(rows.values), rows.outcome)
    place = np.flatnonzero(weekly.inside(REFERENCE, np.ones(len(rows))) >= 0.5)
    evenly = place[np.unique(np.linspace(0, place.size - 1, min(most, place.size)).astype(np.int64))]
    mask = np.zeros(len(rows), dtype=np.bool_)
    mask[evenly] = True
    return rows.where(mask)


def _first_reasons(model: RiskModel, rows: Rows) -> list[Reason | None]:
    contributions = model.contributions(rows.values)
    told = [
        reasons(Explained(values, shares, CATALOGUE), most=1)
        for values, shares in zip(rows.values, contributions, strict=True)
    ]
    return [one[0] if one else None for one in told]


def _without(
    snapshot: Snapshot, rows: Rows, first: Sequence[Reason | None]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Positions of rows, shape (k,), and their features without what the first reason names, (k, p), by bucket."""
    from_day = int(rows.as_of.min()) - CATALOGUE.longest if len(rows) else 0
    for bucket in range(snapshot.manifest.buckets):
        mine = [
            at
            for at, reason in enumerate(first)
            if reason is not None and rows.citizen[at] % snapshot.manifest.buckets == bucket
        ]
        if not mine:
            continue
        events = snapshot.read(bucket, from_day=from_day, known_before=int(rows.as_of.max()))
        apart = [_own(events, int(rows.citizen[at]), number, first[at]) for number, at in enumerate(mine)]
        citizen = np.arange(len(mine), dtype=np.int32)
        yield np.array(mine), build(_joined(apart), citizen, rows.as_of[mine], CATALOGUE)


def _own(events: Events, citizen: int, number: int, reason: Reason | None) -> Events:
    """A citizen's own events without the reason's, under a number: the same citizen may be listed in many weeks."""
    start, end = np.searchsorted(events.citizen, [citizen, citizen + 1])
    mask = np.zeros(len(events), dtype=np.bool_)
    mask[start:end] = True
    left = without_evidence(events.where(mask), reason.signals if reason else ())
    return replace(left, citizen=np.full(len(left), number, dtype=np.int32))


def _joined(parts: Sequence[Events]) -> Events:
    arrays = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("citizen", "occurred_at", "day", "known_day", "superseded_day", "code", "value")
    }
    return Events(**arrays, codes=parts[0].codes)


def _by_group(first: Sequence[Reason | None], fell: NDArray[np.float64]) -> Mapping[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for reason, fall in zip(first, fell.tolist(), strict=True):
        if reason is not None:
            told, lowered = found.get(reason.group, (0, 0))
            found[reason.group] = (told + 1, lowered + int(fall > 0.0))
    return dict(sorted(found.items(), key=lambda item: (-item[1][0], item[0])))
