"""What a feature is: a frozen definition, checked when it is made, that says all there is to know about it.

A *signal* gathers codes that mean the same (a concern seen as an everyday observation or read in a note). An
*aggregate* turns a signal's events in a window into a number. A *feature* is an aggregate, or two of them compared.
Windows are whole local days before the as-of date: `[T - end, T - first)`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

EVER = 1 << 20
"""The end of a window without an end, in days."""


class Aggregation(StrEnum):
    """How events become a number. Of no events: the first four are 0, the others missing."""

    COUNT = "count"
    SUM = "sum"
    DAYS = "days"  # days with at least one event
    DECAYED = "decayed"  # each event counts 2 ** (-age / half-life)
    MEAN = "mean"
    MIN = "min"
    MAX = "max"
    STD = "std"  # of the sample; missing for a single value
    LAST = "last"
    SINCE = "since"  # days from the last event to T; yesterday is 1
    SLOPE = "slope"  # least squares, per day; missing below three values


ZERO_WHEN_NONE = frozenset({Aggregation.COUNT, Aggregation.SUM, Aggregation.DAYS, Aggregation.DECAYED})


@dataclass(frozen=True, slots=True)
class Signal:
    """Codes that are looked at together.

    `codes` are patterns as in `models.events.matches`. `scores` give a code a value it does not carry itself. With
    `found_only`, an event whose value is 0 (looked for and absent) is not counted.
    """

    name: str
    codes: tuple[str, ...]
    group: str
    danish: str
    english: str
    found_only: bool = False
    scores: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Window:
    """Whole local days before T: from `first` days back (0 is the day before T) up to, not including, `end`."""

    end: int
    first: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.first < self.end:
            raise ValueError(f"A window must begin before it ends: first={self.first}, end={self.end}.")

    @property
    def days(self) -> int:
        """Its length."""
        return self.end - self.first

    def __str__(self) -> str:
        end = "ever" if self.end == EVER else f"{self.end}d"
        return f"{self.first + 1}_{end}" if self.first else end


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One number from one signal's events in one window; `half_life` in days for `DECAYED` only."""

    signal: str
    aggregation: Aggregation
    window: Window
    half_life: int = 0

    def __post_init__(self) -> None:
        if (self.half_life > 0) != (self.aggregation is Aggregation.DECAYED):
            raise ValueError(f"{self.signal}: a half-life belongs to a decayed count, and to nothing else.")
        if self.window.first and self.aggregation in (Aggregation.LAST, Aggregation.SINCE, Aggregation.DECAYED):
            raise ValueError(f"{self.signal}: {self.aggregation} looks back from T, its window cannot begin earlier.")

    def __str__(self) -> str:
        reach = f"half{self.half_life}d" if self.half_life else str(self.window)
        return f"{self.signal}.{self.aggregation}.{reach}"


class Comparison(StrEnum):
    """How two aggregates become one number; `scale` multiplies the right one, `prior` is added to both sides."""

    DIFFERENCE = "difference"  # left - scale * right
    RATIO = "ratio"  # left / (scale * right + prior)
    LOG_RATIO = "log_ratio"  # log((left + prior) / (scale * right + prior))


@dataclass(frozen=True, slots=True)
class Compared:
    """Two aggregates against each other; missing when either is, or when the arithmetic has no answer."""

    comparison: Comparison
    left: Aggregate
    right: Aggregate
    scale: float = 1.0
    prior: float = 0.0

    def __str__(self) -> str:
        return f"{self.left}.{self.comparison}.{self.right}"


class Season(StrEnum):
    """The time of year of T, as a point on a circle; no event is needed."""

    SIN = "season.sin"
    COS = "season.cos"


Definition = Aggregate | Compared | Season


@dataclass(frozen=True, slots=True)
class Feature:
    """A column of the matrix: its definition, the group its reason belongs to, its unit, and where it comes from."""

    definition: Definition
    group: str
    unit: str
    source: str

    @property
    def name(self) -> str:
        """The definition's own name: it tells everything."""
        return str(self.definition)


class Catalogue:
    """All features, in the order of the matrix's columns, with the signals they look at."""

    def __init__(self, signals: Sequence[Signal], features: Sequence[Feature]) -> None:
        """Refuse what could not be computed: two features or signals of one name, a signal nobody defined."""
        self.signals = tuple(signals)
        self.features = tuple(features)
        self.names = tuple(feature.name for feature in features)
        known = {signal.name for signal in signals}
        unknown = sorted({part.signal for part in self.aggregates} - known)
        if len(set(self.names)) != len(self.names) or len(known) != len(signals) or unknown:
            raise ValueError(f"Catalogue with repeated names, or unknown signals: {unknown}.")

    @cached_property
    def aggregates(self) -> tuple[Aggregate, ...]:
        """Every aggregate a feature is or is made of, once each, in order of first use."""
        found: dict[Aggregate, None] = {}
        for feature in self.features:
            found.update(dict.fromkeys(_parts(feature.definition)))
        return tuple(found)

    @cached_property
    def fingerprint(self) -> str:
        """A digest of every definition: a model is only scored on features of the fingerprint it was trained on."""
        lines = [repr(definition) for definition in (*self.signals, *(feature.definition for feature in self.features))]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    @cached_property
    def longest(self) -> int:
        """The longest look-back that has an end, in days."""
        return max((part.window.end for part in self.aggregates if part.window.end != EVER), default=1)

    def signal(self, name: str) -> Signal:
        """The signal of a name; `KeyError` when there is none."""
        return self._by_signal[name]

    def feature(self, name: str) -> Feature:
        """The feature of a name; `KeyError` when there is none."""
        return self.features[self._column[name]]

    def column(self, name: str) -> int:
        """The matrix column of a feature; `KeyError` when there is none."""
        return self._column[name]

    @cached_property
    def _by_signal(self) -> Mapping[str, Signal]:
        return {signal.name: signal for signal in self.signals}

    @cached_property
    def _column(self) -> Mapping[str, int]:
        return {name: column for column, name in enumerate(self.names)}


def _parts(definition: Definition) -> tuple[Aggregate, ...]:
    if isinstance(definition, Aggregate):
        return (definition,)
    return (definition.left, definition.right) if isinstance(definition, Compared) else ()
