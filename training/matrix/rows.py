"""The rows training sees: features, outcomes and whose they are, of citizens who were ranked on the date.

Rows of citizens in hospital, terminally ill or without data are left out, as the list leaves them unranked; so are rows
whose outcome cannot be told. Both are counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from models.cohort import Status
from models.engines.local import Matrix
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
    def of(cls, matrix: Matrix, outcome: NDArray[np.int8], second: NDArray[np.int8]) -> "Rows":
        """The rows of a matrix that were ranked and whose outcome, shape (n,), is told."""
        kept = (matrix.status == Status.RANKED) & (outcome >= 0)
        every = bool(kept.all())
        return cls(
            citizen=matrix.citizen[kept],
            as_of=matrix.as_of[kept],
            district=matrix.district[kept],
            districts=matrix.districts,
            outcome=outcome[kept],
            # Told rows are told under both policies: they differ in what counts, not in how long to wait.
            second=np.maximum(second[kept], 0),
            # The matrix is the largest thing in memory: not copied when nothing is left out.
            values=matrix.values if every else matrix.values[kept],
            names=matrix.names,
            left_out=_left_out(matrix.status, outcome),
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
        """The rows the mask, shape (n,), holds on to, in the same order."""
        return Rows(
            self.citizen[mask],
            self.as_of[mask],
            self.district[mask],
            self.districts,
            self.outcome[mask],
            self.second[mask],
            self.values[mask],
            self.names,
            self.left_out,
        )

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


def _left_out(status: NDArray[np.int8], outcome: NDArray[np.int8]) -> dict[str, int]:
    why = {reason.name.lower().replace("_", " "): int((status == reason).sum()) for reason in Status if reason}
    why["without a known outcome"] = int(((status == Status.RANKED) & (outcome < 0)).sum())
    return {reason: count for reason, count in why.items() if count}
