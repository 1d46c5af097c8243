"""The rows training sees: features, outcomes and whose they are, of citizens who were ranked on the date.

Rows of citizens in hospital, terminally ill or without data are left out, as the list leaves them unranked; so are rows
with an outcome untold under one of the two label policies, since both are measured on the same rows. All are counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from models.cohort import Cohort, Status
from models.windows import HORIZON_DAYS


@dataclass(frozen=True, slots=True)
class Rows:
    """Labelled rows, sorted by as-of day and citizen: arrays of shape (n,), values (n, p) with missing as NaN.

    `outcome` and `second` are 0 or 1 under the two label policies; `district` is an index into `districts`, -1 for
    none. `left_out` counts the rows that did not come in, by why.
    """

    citizen: NDArray[np.int32]
    as_of: NDArray[np.int32]
    district: NDArray[np.int32]
    districts: tuple[str, ...]
    outcome: NDArray[np.int8]
    second: NDArray[np.int8]
    values: NDArray[np.float32]
    names: tuple[str, ...]
    left_out: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, who: Cohort, outcome: NDArray[np.int8], second: NDArray[np.int8]) -> "Rows":
        """Those of a cohort who were ranked and both of whose outcomes, shape (n,), are told; without any features."""
        told = (outcome >= 0) & (second >= 0)
        kept = (who.status == Status.RANKED) & told
        return cls(
            citizen=who.citizen[kept],
            as_of=who.as_of[kept],
            district=who.district[kept],
            districts=who.districts,
            outcome=outcome[kept],
            second=second[kept],
            values=np.empty((np.count_nonzero(kept), 0), dtype=np.float32),
            names=(),
            left_out=_left_out(who.status, told),
        )

    def __len__(self) -> int:
        return self.citizen.size

    @property
    def admissions(self) -> int:
        """Independent admissions at least: runs of weeks that look forward to the same one are counted once."""
        return int(np.count_nonzero(self._begins()))

    @property
    def overlap(self) -> float:
        """How many of a citizen's rows look forward to the same admission: about four of weekly rows."""
        apart = np.diff(np.unique(self.as_of))
        return max(1.0, HORIZON_DAYS / float(np.median(apart))) if apart.size else 1.0

    def on(self, days: Sequence[int]) -> "Rows":
        """The rows of these as-of days."""
        return self.where(np.isin(self.as_of, np.asarray(days)))

    def where(self, mask: NDArray[np.bool_]) -> "Rows":
        """The rows the mask, shape (n,), holds on to, in the same order; neighbours are not copied, but looked at."""
        kept = _neighbours(mask)
        return Rows(
            self.citizen[kept],
            self.as_of[kept],
            self.district[kept],
            self.districts,
            self.outcome[kept],
            self.second[kept],
            self.values[kept],
            self.names,
            self.left_out,
        )

    def bare(self) -> "Rows":
        """The rows with what is needed to measure on them, and not the many numbers they were scored by."""
        return replace(self, values=np.empty((len(self), 0), dtype=np.float32), names=())

    def column(self, name: str) -> NDArray[np.float32] | None:
        """The values of one feature, shape (n,), or nothing when the catalogue has no such feature."""
        return self.values[:, self.names.index(name)] if name in self.names else None

    def _begins(self) -> NDArray[np.bool_]:
        """Which rows, in order of citizen and day, are the first that look forward to an admission; shape (n,)."""
        order = np.lexsort((self.as_of, self.citizen))
        citizen, outcome = self.citizen[order], self.outcome[order]
        follows = np.zeros(len(self), dtype=np.bool_)
        follows[1:] = (citizen[1:] == citizen[:-1]) & (outcome[:-1] == 1)
        return (outcome == 1) & ~follows


def folds(citizen: NDArray[np.int32], count: int, seed: int) -> NDArray[np.int64]:
    """The fold of each row, shape (n,) in `[0, count)`: all rows of a citizen in one, the folds as even as can be."""
    people = np.unique(citizen)
    order = np.random.default_rng(seed).permutation(people.size)
    return (order % count)[np.searchsorted(people, citizen)]


def _neighbours(mask: NDArray[np.bool_]) -> NDArray[np.bool_] | slice:
    """The mask, shape (n,), as a stretch of rows where it is one: features are the largest thing in memory."""
    kept = np.flatnonzero(mask)
    if kept.size and kept[-1] - kept[0] + 1 == kept.size:
        return slice(int(kept[0]), int(kept[-1]) + 1)
    return mask


def _left_out(status: NDArray[np.int8], told: NDArray[np.bool_]) -> dict[str, int]:
    why = {reason.name.lower().replace("_", " "): int((status == reason).sum()) for reason in Status if reason}
    why["without a known outcome"] = int(((status == Status.RANKED) & ~told).sum())
    return {reason: count for reason, count in why.items() if count}
