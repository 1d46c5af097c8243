"""From a catalogue and events to the matrix: compile, sweep, compare.

`build` is what training and the weekly list both call. It never looks at a clock or a file.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.events import Events, matches
from models.features import kernel
from models.features.spec import (
    EVER,
    ZERO_WHEN_NONE,
    Aggregate,
    Aggregation,
    Catalogue,
    Compared,
    Comparison,
    Season,
)
from models.windows import day_of

_OPERATION = {aggregation: getattr(kernel, aggregation.name) for aggregation in Aggregation}
_NEEDS_ONLY_EVENTS = frozenset({Aggregation.COUNT, Aggregation.DAYS, Aggregation.DECAYED, Aggregation.SINCE})


def build(
    events: Events, citizen: NDArray[np.int32], as_of: NDArray[np.int32], catalogue: Catalogue
) -> NDArray[np.float32]:
    """The features of each row, as known on its day: float32, shape (len(citizen), len(catalogue.names)).

    `events` must hold all events of the rows' citizens that the catalogue's windows reach; `as_of` are day numbers.
    Missing is NaN. A row's numbers do not depend on the other rows, nor on the order of rows.
    """
    aggregated = _aggregates(events, citizen, as_of, catalogue)
    column = {part: place for place, part in enumerate(catalogue.aggregates)}
    out = np.empty((citizen.size, len(catalogue.features)), dtype=np.float32)
    for place, feature in enumerate(catalogue.features):
        definition = feature.definition
        if isinstance(definition, Aggregate):
            out[:, place] = aggregated[:, column[definition]]
        elif isinstance(definition, Season):
            out[:, place] = _season(definition, as_of)
        else:
            left, right = aggregated[:, column[definition.left]], aggregated[:, column[definition.right]]
            out[:, place] = _compared(definition, left.astype(np.float64), right.astype(np.float64))
    return out


def _aggregates(
    events: Events, citizen: NDArray[np.int32], as_of: NDArray[np.int32], catalogue: Catalogue
) -> NDArray[np.float32]:
    parts = catalogue.aggregates
    none = [0.0 if part.aggregation in ZERO_WHEN_NONE else np.nan for part in parts]
    out = np.tile(np.array(none, dtype=np.float32), (citizen.size, 1))
    timelines, first, end = [], [], []
    for reach, lane in _by_reach(events, catalogue):
        timelines.append(kernel.Timeline(reach, lane.day, lane.known_day, lane.superseded_day, lane.code, lane.value))
        first.append(np.searchsorted(lane.citizen, citizen, side="left"))
        end.append(np.searchsorted(lane.citizen, citizen, side="right"))
    if timelines:
        rows = kernel.Rows(as_of.astype(np.int32), np.array(first), np.array(end))
        kernel.aggregate(tuple(timelines), rows, compiled(catalogue, events.codes), out)
    return out


def _by_reach(events: Events, catalogue: Catalogue) -> list[tuple[int, Events]]:
    """The events apart by how far back their codes are looked at, so that few are swept further than they count.

    Visits are most of the events and matter for months, admissions are few and matter for ever.
    """
    reach = _reach_of_codes(events.codes, catalogue)
    return [(int(days), events.where(reach[events.code] == days)) for days in np.unique(reach) if days > 0]


def _reach_of_codes(codes: Sequence[str], catalogue: Catalogue) -> NDArray[np.int32]:
    """Days each code is looked back at, shape (len(codes),); 0 where no signal wants it.

    The longest window of the code's signals, and the same for all codes of a signal, since the sweep must meet a
    signal's events latest first.
    """
    members = [
        np.array([matches(code, signal.codes) for code in codes], dtype=np.bool_) for signal in catalogue.signals
    ]
    longest = [max((p.window.end for p in parts), default=0) for parts in _by_signal(catalogue)]
    reach = np.zeros(len(codes), dtype=np.int32)
    settled = False
    while not settled:
        before = reach.copy()
        for place, of_signal in enumerate(members):
            if of_signal.any():
                longest[place] = max(longest[place], int(reach[of_signal].max()))
                reach[of_signal] = np.maximum(reach[of_signal], longest[place])
        settled = bool((before == reach).all())
    return reach


def compiled(catalogue: Catalogue, codes: Sequence[str]) -> kernel.Plan:
    """The catalogue as the kernel's arrays, for events whose codes are indexes into `codes`."""
    signals = catalogue.signals
    uses = [
        [
            (place, signal.scores.get(code, np.nan))
            for place, signal in enumerate(signals)
            if matches(code, signal.codes)
        ]
        for code in codes
    ]
    parts = _by_signal(catalogue)
    borders = _ring_borders(catalogue)
    decays = sorted({_decay(part) for part in catalogue.aggregates if part.half_life}) or [(1, 1)]
    ordered = [part for group in parts for part in group]
    column = {part: place for place, part in enumerate(catalogue.aggregates)}
    return kernel.Plan(
        of_code=_offsets([len(of_code) for of_code in uses]),
        use_signal=np.array([place for of_code in uses for place, _ in of_code], dtype=np.int32),
        use_score=np.array([score for of_code in uses for _, score in of_code], dtype=np.float64),
        found_only=np.array([signal.found_only for signal in signals], dtype=np.bool_),
        wants_value=np.array([any(p.aggregation not in _NEEDS_ONLY_EVENTS for p in group) for group in parts]),
        wants_days=np.array([any(p.aggregation is Aggregation.DAYS for p in group) for group in parts]),
        wants_decay=np.array([any(p.half_life for p in group) for group in parts]),
        ring_of_age=_ring_of_age(borders),
        decay_of_age=_decay_of_age(decays),
        of_signal=_offsets([len(group) for group in parts]),
        operation=np.array([_OPERATION[part.aggregation] for part in ordered], dtype=np.int32),
        first_ring=np.array([borders.index(part.window.first) for part in ordered], dtype=np.int32),
        end_ring=np.array([borders.index(part.window.end) for part in ordered], dtype=np.int32),
        window_end=np.array([part.window.end for part in ordered], dtype=np.int32),
        decay=np.array([decays.index(_decay(part)) if part.half_life else 0 for part in ordered], dtype=np.int32),
        column=np.array([column[part] for part in ordered], dtype=np.int32),
    )


def _by_signal(catalogue: Catalogue) -> list[list[Aggregate]]:
    return [[part for part in catalogue.aggregates if part.signal == signal.name] for signal in catalogue.signals]


def _ring_borders(catalogue: Catalogue) -> list[int]:
    ends = {part.window.end for part in catalogue.aggregates} | {part.window.first for part in catalogue.aggregates}
    return sorted({0, *ends})


def _ring_of_age(borders: Sequence[int]) -> NDArray[np.int32]:
    """The ring each age in days lies in, up to the last border that is not `EVER`, and one entry for all beyond."""
    last = max(border for border in borders if border != EVER)
    return (np.searchsorted(np.array(borders), np.arange(last + 1), side="right") - 1).astype(np.int32)


def _decay(part: Aggregate) -> tuple[int, int]:
    return part.half_life, part.window.end


def _decay_of_age(decays: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """What an event of each age in days weighs under each (half-life, window end); shape (decays, ages)."""
    age = np.arange(max(end for _, end in decays))
    return np.array([np.where(age < end, np.power(2.0, -age / half_life), 0.0) for half_life, end in decays])


def _offsets(lengths: Sequence[int]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)


def _season(season: Season, as_of: NDArray[np.int32]) -> NDArray[np.float64]:
    days, place = np.unique(as_of, return_inverse=True)
    angle = 2 * np.pi * np.array([day_of(day).timetuple().tm_yday for day in days], dtype=np.float64) / 365.25
    return (np.sin(angle) if season is Season.SIN else np.cos(angle))[place]


def _compared(definition: Compared, left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    scaled = definition.scale * right
    if definition.comparison is Comparison.DIFFERENCE:
        return left - scaled
    below, missing = scaled + definition.prior, np.full_like(left, np.nan)
    if definition.comparison is Comparison.RATIO:
        return np.divide(left, below, out=missing, where=below != 0)
    ratio = np.divide(left + definition.prior, below, out=missing.copy(), where=below != 0)
    # Negative sums have no logarithm: a number that cannot be told is missing, and no warning.
    return np.log(ratio, out=missing, where=ratio > 0)
