"""Folds of a back-test: the same way from past to future, walked again and again, or over into another district.

Each fold learns, waits out the embargo, calibrates on a slice of its own, waits again, and is measured on what comes
next. Rolling folds are measured on one stretch of weeks after another; district folds all on the latest weeks, each on
a district none of whose citizens was learnt from.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import DataWrong
from models.snapshot import Snapshot
from models.truth import episodes
from models.truth.label import LabelPolicy
from models.windows import day_of, visible
from training.matrix.rows import Rows
from training.matrix.splits import LEAST_WEEKS, Slices, slices
from training.settings import SplitSettings

LEAST_LEARNT = 0.25
"""A fold learns from at least this share of all weeks: an earlier one would measure how little can be learnt."""


@dataclass(frozen=True, slots=True)
class Fold:
    """A fold's slices of weeks; `district` is an index into the rows' districts, for all citizens -1."""

    name: str
    slices: Slices
    district: int = -1

    def parts(self, rows: Rows) -> tuple[Rows, Rows, Rows]:
        """The rows to learn from, to calibrate on and to measure on; of a district held out nobody is learnt from."""
        measured = np.isin(rows.as_of, self.slices.test) & self._inside(rows)
        strangers = ~np.isin(rows.citizen, rows.citizen[measured]) if self.district >= 0 else np.True_
        earlier = [np.isin(rows.as_of, days) & strangers for days in (self.slices.train, self.slices.calibration)]
        return rows.where(earlier[0]), rows.where(earlier[1]), rows.where(measured)

    def _inside(self, rows: Rows) -> NDArray[np.bool_]:
        return np.full(len(rows), fill_value=True) if self.district < 0 else rows.district == self.district


def rolling(days: Sequence[int], settings: SplitSettings, count: int, weeks: int) -> tuple[Fold, ...]:
    """At most `count` folds, each measured on the `weeks` weeks after the last one's, the latest ends with `days`.

    Raises `DataWrong` when the weeks do not suffice for one.
    """
    found: list[Fold] = []
    for back in range(count):
        end = len(days) - back * weeks
        parts = _parts(days, days[max(0, end - weeks) : max(0, end)], settings)
        if parts is None:
            break
        found.append(Fold(f"{day_of(parts.test[0])} to {day_of(parts.test[-1])}", parts))
    if not found:
        raise DataWrong(
            f"{len(days)} weeks with a known outcome are too few to learn from, to calibrate on and to measure on.",
            "Load more history, or measure on fewer weeks at a time.",
        )
    return tuple(reversed(found))


def by_district(rows: Rows, settings: SplitSettings, count: int) -> tuple[Fold, ...]:
    """A fold for each of the largest districts, at most `count`; there must be two, else `DataWrong`."""
    parts = slices(np.unique(rows.as_of).tolist(), settings)
    sizes = np.bincount(rows.district[rows.district >= 0], minlength=len(rows.districts))
    largest = [int(place) for place in np.argsort(-sizes, kind="stable")[:count] if sizes[place]]
    if np.count_nonzero(sizes) < 2:
        raise DataWrong("There are not two districts: none can be held out.", "Leave --by district out.")
    return tuple(Fold(rows.districts[place], parts, place) for place in largest)


def admissions_of(
    snapshot: Snapshot, rows: Rows, policy: LabelPolicy, known_before: int
) -> dict[int, set[tuple[int, int]]]:
    """The admissions, by citizen and instant, that each admitted row looks forward to; by the row's place."""
    found: dict[int, set[tuple[int, int]]] = {}
    admitted = np.flatnonzero(rows.outcome == 1)
    for bucket, places in snapshot.by_bucket(rows.citizen[admitted]):
        mine = admitted[places]
        stays = snapshot.standing(bucket, (*policy.counted, episodes.BEGAN))
        stays = stays.where(visible(stays.known_day, stays.superseded_day, known_before))
        for at in mine.tolist():
            citizen, day = int(rows.citizen[at]), int(rows.as_of[at])
            first, end = np.searchsorted(stays.citizen, [citizen, citizen + 1])
            inside = (stays.day[first:end] >= day) & (stays.day[first:end] < day + policy.horizon_days)
            found[at] = {(citizen, int(instant)) for instant in stays.occurred_at[first:end][inside]}
    return found


def shared(snapshot: Snapshot, earlier: Rows, later: Rows, policy: LabelPolicy, known_before: int) -> NDArray[np.bool_]:
    """Which of the earlier rows, shape (n,), look forward to an admission that a later row looks forward to as well."""
    after = set[tuple[int, int]]().union(*admissions_of(snapshot, later, policy, known_before).values())
    before = admissions_of(snapshot, earlier, policy, known_before)
    mask = np.zeros(len(earlier), dtype=np.bool_)
    mask[[at for at, admissions in before.items() if admissions & after]] = True
    return mask


def _parts(days: Sequence[int], test: Sequence[int], settings: SplitSettings) -> Slices | None:
    """The slices before some weeks to measure on; nothing where too few weeks are left to learn from."""
    if not test:
        return None
    before = [day for day in days if day + settings.embargo_days <= test[0]]
    calibration = before[-max(LEAST_WEEKS, round(settings.calibration_share * len(days))) :]
    train = [day for day in before if calibration and day + settings.embargo_days <= calibration[0]]
    if len(train) < max(LEAST_WEEKS, LEAST_LEARNT * len(days)) or len(calibration) < LEAST_WEEKS:
        return None
    return Slices(tuple(train), tuple(calibration), tuple(test))
