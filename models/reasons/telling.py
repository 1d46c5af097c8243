"""Reasons: why a citizen ranks high, told only as far as the citizen's own data has something to show for it.

What every feature contributed to the score is summed by feature group, and `models.reasons.wording` puts a group into
words from the same row of features. A group without words is passed over: a reason is never a property of the model
alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

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
        return _summed(_groups(self.catalogue), self.contributions)

    def by_signal(self) -> Mapping[str, float]:
        """What each signal's features contributed together, in log-odds."""
        return _summed(_signals(self.catalogue), self.contributions)


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


@dataclass(frozen=True, slots=True)
class _Parts:
    """What features belong to: the names, and the place of each feature's among them, shape (features,)."""

    names: tuple[str, ...]
    place: NDArray[np.int64]

    @classmethod
    def of(cls, belongs_to: Sequence[str]) -> "_Parts":
        names = tuple(dict.fromkeys(belongs_to))
        numbers = {name: number for number, name in enumerate(names)}
        return cls(names, np.array([numbers[name] for name in belongs_to], dtype=np.int64))


@lru_cache(maxsize=8)
def _groups(catalogue: Catalogue) -> _Parts:
    return _Parts.of([feature.group for feature in catalogue.features])


@lru_cache(maxsize=8)
def _signals(catalogue: Catalogue) -> _Parts:
    return _Parts.of([_signal(feature.definition) for feature in catalogue.features])


def _summed(parts: _Parts, contributions: NDArray[np.float64]) -> Mapping[str, float]:
    total = np.bincount(parts.place, weights=contributions[: parts.place.size], minlength=len(parts.names))
    return dict(zip(parts.names, total.tolist(), strict=True))


def _signal(definition: Definition) -> str:
    if isinstance(definition, Aggregate):
        return definition.signal
    return definition.left.signal if isinstance(definition, Compared) else "season"
