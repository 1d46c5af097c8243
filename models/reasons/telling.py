"""Reasons: why a citizen ranks high, told only as far as the citizen's own data has something to show for it.

What every feature contributed to the score is summed by feature group, and `models.reasons.wording` puts a group into
words from the same row of features. A group without words is passed over: a reason is never a property of the model
alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.features.spec import Aggregate, Catalogue, Compared, Definition
from models.reasons import wording
from models.reasons.tellers import Facts, Words

LEAST_STRENGTH = 0.02
"""Log-odds below which a group is noise: it would change "1 in 10" to nothing a person would notice."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One group of evidence. `strength` is its share of the log-odds, below zero for what speaks against.

    `danish` and `english` are `Head: detail`. `signals` are the catalogue's signals the words rest on, by which quotes
    and courses are looked up.
    """

    group: str
    strength: float
    danish: str
    english: str
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """One row of the matrix with what each feature contributed: `values` (p,), `contributions` (p + 1,), base last."""

    values: NDArray[np.float32]
    contributions: NDArray[np.float64]
    catalogue: Catalogue

    def number(self, name: str) -> float:
        """The value of a feature; NaN where it is missing."""
        return float(self.values[self.catalogue.column(name)])

    def by_group(self) -> Mapping[str, float]:
        """What each group's features contributed together, in log-odds."""
        return self._summed([feature.group for feature in self.catalogue.features])

    def by_signal(self) -> Mapping[str, float]:
        """What each signal's features contributed together, in log-odds."""
        return self._summed([_signal(feature.definition) for feature in self.catalogue.features])

    def _summed(self, keys: Sequence[str]) -> Mapping[str, float]:
        total: dict[str, float] = {}
        for key, share in zip(keys, self.contributions[: len(keys)], strict=True):
            total[key] = total.get(key, 0.0) + float(share)
        return total


def reasons(row: Explained, most: int = 5) -> tuple[Reason, ...]:
    """What speaks for the citizen's place, the strongest first, at most `most`."""
    return _told(row, wording.speaks_for, 1.0, most)


def against(row: Explained, most: int = 3) -> tuple[Reason, ...]:
    """What speaks against it, the strongest first, at most `most`."""
    return _told(row, wording.speaks_against, -1.0, most)


_Teller = Callable[[Facts], Words | None]


def _told(row: Explained, tell: _Teller, sign: float, most: int) -> tuple[Reason, ...]:
    found: list[Reason] = []
    by_signal = row.by_signal()
    for group, strength in sorted(row.by_group().items(), key=lambda item: (-sign * item[1], item[0])):
        if len(found) == most or sign * strength < LEAST_STRENGTH:
            break
        words = tell(Facts(group, row.number, row.catalogue, by_signal))
        if words:
            found.append(Reason(group, strength, words.danish, words.english, words.signals))
    return tuple(found)


def _signal(definition: Definition) -> str:
    if isinstance(definition, Aggregate):
        return definition.signal
    return definition.left.signal if isinstance(definition, Compared) else "season"
