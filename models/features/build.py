"""From a catalogue and events to the matrix: judge measurements beside their plans, compile, sweep, compare.

`build` is what training and the weekly list both call. It never looks at a clock or a file.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from models.events import Events, matcher
from models.features import kernel
from models.features.spec import (
    ZERO_WHEN_NONE,
    Aggregate,
    Aggregation,
    Catalogue,
    Compared,
    Comparison,
    Season,
)
from models.monitoring import judged
from models.windows import day_of

_OPERATION = {aggregation: getattr(kernel, aggregation.name) for aggregation in Aggregation}
_COMPARISON = {comparison: getattr(kernel, comparison.name) for comparison in Comparison}
_Kind = TypeVar("_Kind", Aggregate, Compared, Season)
_LOOKS_BACK = frozenset({Aggregation.DECAYED, Aggregation.SINCE, Aggregation.LAST})
"""These look back from T on their own; the others add up a window."""
NEEDS_ONLY_EVENTS = frozenset({Aggregation.COUNT, Aggregation.DAYS, Aggregation.DECAYED, Aggregation.SINCE})
"""These look at events only, not at their values; but a signal of `found_only` does."""


def build(
    events: Events, citizen: NDArray[np.int32], as_of: NDArray[np.int32], catalogue: Catalogue
) -> NDArray[np.float32]:
    """The features of each row, as known on its day: float32, shape (len(citizen), len(catalogue.names)).

    `events` must hold all events of the rows' citizens that the catalogue's windows reach; `as_of` are day numbers.
    Missing is NaN. A row's numbers do not depend on the other rows, nor on the order of rows.
    """
    out = np.empty((citizen.size, len(catalogue.features)), dtype=np.float32)
    build_into(out, np.arange(citizen.size), events, citizen, as_of, catalogue)
    return out


def build_into(
    out: NDArray[np.float32],
    place: NDArray[np.int64],
    events: Events,
    citizen: NDArray[np.int32],
    as_of: NDArray[np.int32],
    catalogue: Catalogue,
) -> None:
    """As `build`, each row into its own place of a greater matrix, so that no second one is ever in memory."""
    events = judged(events)
    timeline = kernel.Timeline(events.day, events.known_day, events.superseded_day, events.code, events.value)
    # A citizen's rows one after another, oldest first: their events are laid out once, and walked forward only.
    order = np.lexsort((as_of, citizen))
    rows = kernel.Rows(
        as_of=as_of[order].astype(np.int32),
        first=np.searchsorted(events.citizen, citizen[order], side="left"),
        end=np.searchsorted(events.citizen, citizen[order], side="right"),
        place=place[order],
    )
    kernel.fill(timeline, rows, compiled(catalogue, events.codes), out)
    for column, season in _of_kind(catalogue, Season):
        out[place, column] = _season(season, as_of)


def compiled(catalogue: Catalogue, codes: Sequence[str]) -> kernel.Plan:
    """The catalogue as the kernel's arrays, for events whose codes are indexes into `codes`."""
    uses = [_uses(catalogue, code) for code in codes]
    return _without_codes(catalogue)._replace(
        of_code=np.cumsum([0, *(len(of_code) for of_code in uses)], dtype=np.int64),
        use_signal=np.array([place for of_code in uses for place, _ in of_code], dtype=np.int32),
        use_score=np.array([score for of_code in uses for _, score in of_code], dtype=np.float64),
    )


@lru_cache(maxsize=8)
def _without_codes(catalogue: Catalogue) -> kernel.Plan:
    """What of a plan is the same whatever codes there are: worked out once, and not for every bucket."""
    parts = _by_signal(catalogue)
    borders = [_borders(of_one) for of_one in parts]
    lives = sorted({_life(part) for part in catalogue.aggregates if part.half_life}) or [(1, 1)]
    place = _places(catalogue)
    return kernel.Plan(
        of_code=np.zeros(1, dtype=np.int64),
        use_signal=np.empty(0, dtype=np.int32),
        use_score=np.empty(0, dtype=np.float64),
        found_only=np.array([signal.found_only for signal in catalogue.signals], dtype=np.bool_),
        traits=_table([_traits(*of_one) for of_one in zip(parts, borders, strict=True)], width=4),
        border=_border(borders),
        decay_of_age=_decay_of_age(lives),
        part=_table(
            [
                _part(part, of_one, lives.index(_life(part)) if part.half_life else 0, place[part])
                for of_one, group in zip(borders, parts, strict=True)
                for part in group
            ],
            width=5,
        ).astype(np.int32),
        of_signal=_where_operations_start(parts),
        none=_of_no_events(catalogue, place),
        compared=_table(
            [
                (column, _COMPARISON[pair.comparison], place[pair.left], place[pair.right])
                for column, pair in _of_kind(catalogue, Compared)
            ],
            width=4,
        ).astype(np.int32),
        scale=np.array([pair.scale for _, pair in _of_kind(catalogue, Compared)], dtype=np.float64),
        prior=np.array([pair.prior for _, pair in _of_kind(catalogue, Compared)], dtype=np.float64),
    )


def _places(catalogue: Catalogue) -> dict[Aggregate, int]:
    """Where in a row each aggregate is put: in the column of the feature it is, or else behind the last column."""
    columns = {part: column for column, part in _of_kind(catalogue, Aggregate)}
    others = [part for part in catalogue.aggregates if part not in columns]
    return columns | {part: len(catalogue.features) + place for place, part in enumerate(others)}


def _of_no_events(catalogue: Catalogue, place: Mapping[Aggregate, int]) -> NDArray[np.float32]:
    """`kernel.Plan.none`."""
    none = np.full(max([len(catalogue.features) - 1, *place.values()]) + 1, np.nan, dtype=np.float32)
    none[[at for part, at in place.items() if part.aggregation in ZERO_WHEN_NONE]] = 0.0
    return none


def _of_kind(catalogue: Catalogue, kind: type[_Kind]) -> list[tuple[int, _Kind]]:
    """The features whose definition is of a kind, with their columns."""
    return [
        (column, feature.definition)
        for column, feature in enumerate(catalogue.features)
        if isinstance(feature.definition, kind)
    ]


@lru_cache(maxsize=65_536)
def _uses(catalogue: Catalogue, code: str) -> tuple[tuple[int, float], ...]:
    """The signals a code belongs to, and the value each gives it (NaN: its own)."""
    signals = catalogue.signals
    return tuple(
        (place, signals[place].scores.get(code, np.nan))
        for place, wanted in enumerate(_matchers(catalogue))
        if wanted(code)
    )


@lru_cache(maxsize=8)
def _matchers(catalogue: Catalogue) -> tuple[Callable[[str], bool], ...]:
    return tuple(matcher(signal.codes) for signal in catalogue.signals)


def _by_signal(catalogue: Catalogue) -> list[list[Aggregate]]:
    """The aggregates of each signal, in the order of the kernel's operations."""
    of_signal: dict[str, list[Aggregate]] = {signal.name: [] for signal in catalogue.signals}
    for part in sorted(catalogue.aggregates, key=lambda part: _OPERATION[part.aggregation]):
        of_signal[part.signal].append(part)
    return list(of_signal.values())


def _borders(parts: Sequence[Aggregate]) -> list[int]:
    """The ages at which windows of a signal begin or end, of aggregates that add up a window; the first is 0."""
    windows = [part.window for part in parts if part.aggregation not in _LOOKS_BACK]
    return sorted({0} | {window.first for window in windows} | {window.end for window in windows})


def _border(borders: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """`kernel.Plan.border`."""
    width = max((len(of_one) for of_one in borders), default=1)
    return _table([(*of_one, *[0] * (width - len(of_one))) for of_one in borders], width)


def _traits(parts: Sequence[Aggregate], borders: Sequence[int]) -> tuple[int, ...]:
    """A row of `kernel.Plan.traits`."""
    return (
        max((part.window.end for part in parts), default=0),
        len(borders) - 1,
        any(part.aggregation not in NEEDS_ONLY_EVENTS for part in parts),
        len(borders) - 1 if any(part.aggregation is Aggregation.SLOPE for part in parts) else 0,
    )


def _where_operations_start(parts: Sequence[Sequence[Aggregate]]) -> NDArray[np.int64]:
    """`kernel.Plan.of_signal`."""
    operations = range(len(_OPERATION) + 1)
    first = np.cumsum([0, *(len(group) for group in parts)])
    rows = [np.searchsorted([_OPERATION[part.aggregation] for part in group], operations) for group in parts]
    return np.array(rows, dtype=np.int64).reshape(-1, len(operations)) + first[:-1, np.newaxis]


def _part(part: Aggregate, borders: Sequence[int], life: int, place: int) -> tuple[int, ...]:
    is_ring = part.aggregation not in _LOOKS_BACK
    first, end = (borders.index(part.window.first), borders.index(part.window.end)) if is_ring else (0, 0)
    return first, end, part.window.end, life, place


def _table(rows: Sequence[tuple[int, ...]], width: int) -> NDArray[np.int64]:
    return np.array(rows, dtype=np.int64).reshape(-1, width)


def _life(part: Aggregate) -> tuple[int, int]:
    return part.half_life, part.window.end


def _decay_of_age(lives: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """What an event of each age in days weighs under each (half-life, window end); shape (lives, ages)."""
    age = np.arange(max(end for _, end in lives))
    return np.array([np.power(2.0, -age / half_life) for half_life, _ in lives])


def _season(season: Season, as_of: NDArray[np.int32]) -> NDArray[np.float64]:
    days, place = np.unique(as_of, return_inverse=True)
    angle = 2 * np.pi * np.array([day_of(day).timetuple().tm_yday for day in days], dtype=np.float64) / 365.25
    return (np.sin(angle) if season is Season.SIN else np.cos(angle))[place]
