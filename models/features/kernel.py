"""The kernel: every feature of every row, in one backward sweep of each signal's events before the row's date.

A row is a citizen on an as-of day. A citizen's events are first laid out by signal, in order of time: their *lanes*.
For each row each lane is walked from the last event before T back to the signal's longest window, and what is seen is
added to the *ring* its age falls in: the stretch between two neighbouring window borders of that signal. A window is
then a run of rings, so many windows cost little more than one. Sums are kept relative to the signal's latest value,
which keeps the variance of, say, body weights exact in float64.

Training and the weekly list both run `fill`, and a row's answer depends on no other row.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

COUNT, SUM, DAYS, DECAYED, MEAN, MIN, MAX, STD, LAST, SINCE, SLOPE = range(11)
DIFFERENCE, RATIO, LOG_RATIO = range(3)


class Timeline(NamedTuple):
    """Sorted events, as in `models.events.Events`; `code` indexes `Plan.of_code`. All shape (n,)."""

    day: NDArray[np.int32]
    known_day: NDArray[np.int32]
    superseded_day: NDArray[np.int32]
    code: NDArray[np.int32]
    value: NDArray[np.float32]


class Rows(NamedTuple):
    """What is to be computed, all shape (n,). Rows of one citizen are best neighbours, oldest first.

    `first` and `end` say where the citizen's events lie, `place` is the row of the output.
    """

    as_of: NDArray[np.int32]
    first: NDArray[np.int64]
    end: NDArray[np.int64]
    place: NDArray[np.int64]


class Plan(NamedTuple):
    """A catalogue, compiled for the codes of one set of events (see `models.features.build`)."""

    of_code: NDArray[np.int64]  # code c touches uses of_code[c] .. of_code[c + 1]
    use_signal: NDArray[np.int32]
    use_score: NDArray[np.float64]  # the value a code is given; NaN: its own
    found_only: NDArray[np.bool_]  # per signal
    traits: NDArray[np.int64]  # (signals + 1, 6): see below
    ring_of_age: NDArray[np.uint8]  # (signals, ages): the signal's own ring; the last age stands for all beyond
    decay_of_age: NDArray[np.float64]  # (ages, half-lives with their windows); the last age weighs nothing
    part: NDArray[np.int32]  # (aggregates, 6), signal after signal: see below
    none: NDArray[np.float32]  # per aggregate, what it is of no events
    copied: NDArray[np.int32]  # (features that are an aggregate, 2): the column, and the aggregate
    compared: NDArray[np.int32]  # (features that compare two, 4): the column, how, and the two aggregates
    scale: NDArray[np.float64]  # per compared feature
    prior: NDArray[np.float64]  # per compared feature


# Columns of `Plan.traits`. The sweep of a lane ends at REACH, or at COUNTED once the latest event is found: beyond it
# only the days since that one are asked for. RINGS is how many it has, PART the first of its aggregates.
REACH, COUNTED, RINGS, PART, VALUED, FADING = range(6)
# Columns of `Plan.part`.
OPERATION, FIRST_RING, END_RING, WINDOW_END, LIFE, AGGREGATE = range(6)


def fill(timeline: Timeline, rows: Rows, plan: Plan, out: NDArray[np.float32]) -> None:
    """Compute the rows' features into `out`, shape (at least as many rows as any place, features).

    Columns that are neither copied nor compared are left as they are.
    """
    _fill(timeline, rows, plan, out)


# What follows is compiled. Coverage cannot see into it; the oracle and the specifications measure every line of it.
# Helpers take plain arrays, never the tuples above: handing on a tuple counts a reference for each of its arrays, at
# every event, which made the sweep ten times slower.

# What is gathered in a ring: `sums[ring, ...]`. Values are taken relative to the latest one.
_EVENTS, _DAYS, _VALUES, _TOTAL, _SQUARE, _SMALLEST, _LARGEST, _AGE, _AGE_SQUARE, _AGE_VALUE = range(10)
# What is known of a lane as a whole, ages in days, -1 where there is none yet.
_LATEST_AGE, _VALUE_AGE, _SHIFT = range(3)
# An event of a lane.
_DAY, _KNOWN, _SUPERSEDED = range(3)


@njit(cache=True, nogil=True)
def _fill(  # noqa: C901 - one loop nest, see above  # pragma: no cover
    timeline: Timeline, rows: Rows, plan: Plan, out: NDArray[np.float32]
) -> None:
    day, known_day, superseded_day = timeline.day, timeline.known_day, timeline.superseded_day
    code, value = timeline.code, timeline.value
    of_code, use_signal, use_score, found_only = plan.of_code, plan.use_signal, plan.use_score, plan.found_only
    traits, part, none = plan.traits, plan.part, plan.none
    ring_of_age, decay_of_age = plan.ring_of_age, plan.decay_of_age
    copied, compared, scale, prior = plan.copied, plan.compared, plan.scale, plan.prior
    signals = found_only.size
    start = np.zeros(signals + 1, dtype=np.int64)
    here = np.zeros(signals, dtype=np.int64)
    lane = np.empty((0, 3), dtype=np.int32)
    lane_value = np.empty(0)
    sums = np.zeros((ring_of_age.max() + 1, 10))
    counted = np.zeros((2, ring_of_age.max() + 2))
    faded = np.zeros(decay_of_age.shape[1])
    marks = np.zeros(3)
    numbers = none.copy()
    for row in range(rows.as_of.size):
        first, end, as_of = rows.first[row], rows.end[row], rows.as_of[row]
        if row == 0 or first != rows.first[row - 1] or end != rows.end[row - 1]:
            _measure_lanes(code[first:end], value[first:end], of_code, use_signal, use_score, found_only, start)
            if start[signals] > lane_value.size:
                lane = np.empty((2 * start[signals], 3), dtype=np.int32)
                lane_value = np.empty(2 * start[signals])
            here[:] = start[:signals]
            for at in range(first, end):
                for use in range(of_code[code[at]], of_code[code[at] + 1]):
                    number = np.float64(value[at]) if np.isnan(use_score[use]) else use_score[use]
                    if not (found_only[use_signal[use]] and number <= 0):
                        place = here[use_signal[use]]
                        here[use_signal[use]] += 1
                        lane[place, _DAY], lane[place, _KNOWN] = day[at], known_day[at]
                        lane[place, _SUPERSEDED], lane_value[place] = superseded_day[at], number
            here[:] = start[:signals]
        elif as_of < rows.as_of[row - 1]:
            here[:] = start[:signals]
        numbers[:] = none
        for signal in range(signals):
            at, low, high = here[signal], start[signal], start[signal + 1]
            while at < high and lane[at, _DAY] < as_of:
                at += 1
            here[signal] = at
            if at == low or as_of - 1 - lane[at - 1, _DAY] >= traits[signal, REACH]:
                continue
            _sweep(lane, lane_value, low, at, as_of, traits, signal, ring_of_age, decay_of_age, sums, faded, marks)
            if marks[_LATEST_AGE] >= 0:
                _emit(numbers, sums, counted, faded, marks, part, traits, signal)
                _clear(sums, faded, traits[signal, RINGS])
        _write(out, rows.place[row], numbers, copied, compared, scale, prior)


@njit(cache=True, nogil=True)
def _write(  # pragma: no cover
    out: NDArray[np.float32],
    row: int,
    numbers: NDArray[np.float32],
    copied: NDArray[np.int32],
    compared: NDArray[np.int32],
    scale: NDArray[np.float64],
    prior: NDArray[np.float64],
) -> None:
    """The row's features: aggregates as they are, and aggregates compared."""
    for place in range(copied.shape[0]):
        out[row, copied[place, 0]] = numbers[copied[place, 1]]
    for place in range(compared.shape[0]):
        left, right = np.float64(numbers[compared[place, 2]]), scale[place] * numbers[compared[place, 3]]
        out[row, compared[place, 0]] = _compared(compared[place, 1], left, right, prior[place])


@njit(cache=True, nogil=True)
def _measure_lanes(  # pragma: no cover
    code: NDArray[np.int32],
    value: NDArray[np.float32],
    of_code: NDArray[np.int64],
    use_signal: NDArray[np.int32],
    use_score: NDArray[np.float64],
    found_only: NDArray[np.bool_],
    start: NDArray[np.int64],
) -> None:
    """Where the lane of each signal starts, and at last where the last one ends."""
    start[:] = 0
    for at in range(code.size):
        for use in range(of_code[code[at]], of_code[code[at] + 1]):
            number = np.float64(value[at]) if np.isnan(use_score[use]) else use_score[use]
            if not (found_only[use_signal[use]] and number <= 0):
                start[use_signal[use] + 1] += 1
    for signal in range(1, start.size):
        start[signal] += start[signal - 1]


@njit(cache=True, nogil=True)
def _sweep(  # noqa: PLR0913, PLR0917 - plain arrays, see above  # pragma: no cover
    lane: NDArray[np.int32],
    lane_value: NDArray[np.float64],
    low: int,
    high: int,
    as_of: int,
    traits: NDArray[np.int64],
    signal: int,
    ring_of_age: NDArray[np.uint8],
    decay_of_age: NDArray[np.float64],
    sums: NDArray[np.float64],
    faded: NDArray[np.float64],
    marks: NDArray[np.float64],
) -> None:
    """Gather a lane's events from the one before `high` back to `low`."""
    limit, valued, fading = traits[signal, REACH], traits[signal, VALUED] != 0, traits[signal, FADING] != 0
    marks[_LATEST_AGE] = -1.0
    marks[_VALUE_AGE] = -1.0
    current = -1
    for at in range(high - 1, low - 1, -1):
        age = as_of - 1 - lane[at, _DAY]
        if age >= limit:
            break
        if lane[at, _KNOWN] >= as_of or lane[at, _SUPERSEDED] < as_of:
            continue
        if current < 0:
            marks[_LATEST_AGE] = age
            limit = traits[signal, COUNTED]
        # Looked up and added rather than compared: a guess of the processor gone wrong costs more than all the rest.
        ring = ring_of_age[signal, min(age, ring_of_age.shape[1] - 1)]
        sums[ring, _EVENTS] += 1
        sums[ring, _DAYS] += age != current
        current = age
        if fading:
            weight = min(age, decay_of_age.shape[0] - 1)
            for life in range(faded.size):
                faded[life] += decay_of_age[weight, life]
        if valued and not np.isnan(lane_value[at]):
            _add_value(sums, marks, ring, age, lane_value[at])


@njit(cache=True, nogil=True)
def _clear(sums: NDArray[np.float64], faded: NDArray[np.float64], rings: int) -> None:  # pragma: no cover
    for ring in range(rings):
        for what in range(10):
            sums[ring, what] = 0.0
    for life in range(faded.size):
        faded[life] = 0.0


@njit(cache=True, nogil=True)
def _add_value(  # pragma: no cover
    sums: NDArray[np.float64], marks: NDArray[np.float64], ring: int, age: int, value: float
) -> None:
    if marks[_VALUE_AGE] < 0:
        marks[_VALUE_AGE] = age
        marks[_SHIFT] = value
    offset = value - marks[_SHIFT]
    if sums[ring, _VALUES] == 0:
        sums[ring, _SMALLEST] = offset
        sums[ring, _LARGEST] = offset
    sums[ring, _SMALLEST] = min(sums[ring, _SMALLEST], offset)
    sums[ring, _LARGEST] = max(sums[ring, _LARGEST], offset)
    sums[ring, _VALUES] += 1
    sums[ring, _TOTAL] += offset
    sums[ring, _SQUARE] += offset * offset
    sums[ring, _AGE] += age
    sums[ring, _AGE_SQUARE] += age * age
    sums[ring, _AGE_VALUE] += age * offset


@njit(cache=True, nogil=True)
def _emit(  # pragma: no cover
    numbers: NDArray[np.float32],
    sums: NDArray[np.float64],
    counted: NDArray[np.float64],
    faded: NDArray[np.float64],
    marks: NDArray[np.float64],
    part: NDArray[np.int32],
    traits: NDArray[np.int64],
    signal: int,
) -> None:
    """Each aggregate of the signal from what its lane gathered. Counts are told from running totals over the rings."""
    for ring in range(traits[signal, RINGS]):
        counted[0, ring + 1] = counted[0, ring] + sums[ring, _EVENTS]
        counted[1, ring + 1] = counted[1, ring] + sums[ring, _DAYS]
    latest = marks[_LATEST_AGE]
    for place in range(traits[signal, PART], traits[signal + 1, PART]):
        operation = part[place, OPERATION]
        if operation == COUNT:
            number = counted[0, part[place, END_RING]] - counted[0, part[place, FIRST_RING]]
        elif operation == DECAYED:
            number = faded[part[place, LIFE]]
        elif operation == SINCE:
            number = latest + 1.0 if latest < part[place, WINDOW_END] else np.nan
        elif operation == DAYS:
            number = counted[1, part[place, END_RING]] - counted[1, part[place, FIRST_RING]]
        else:
            number = _number(sums, marks, part, place)
        numbers[part[place, AGGREGATE]] = number


@njit(cache=True, nogil=True)
def _number(  # pragma: no cover
    sums: NDArray[np.float64], marks: NDArray[np.float64], part: NDArray[np.int32], place: int
) -> float:
    """An aggregate of values."""
    operation = part[place, OPERATION]
    if operation == LAST:
        return marks[_SHIFT] if 0 <= marks[_VALUE_AGE] < part[place, WINDOW_END] else np.nan
    first, end = part[place, FIRST_RING], part[place, END_RING]
    values = _over(sums, first, end, _VALUES)
    if values == 0:
        return 0.0 if operation == SUM else np.nan
    if operation == SUM:
        return _over(sums, first, end, _TOTAL) + values * marks[_SHIFT]
    return _of_values(sums, operation, first, end, values, marks[_SHIFT])


@njit(cache=True, nogil=True)
def _of_values(  # pragma: no cover
    sums: NDArray[np.float64], operation: int, first: int, end: int, values: float, shift: float
) -> float:
    if operation == MEAN:
        return shift + _over(sums, first, end, _TOTAL) / values
    if operation == STD:
        return _deviation(sums, first, end, values)
    if operation == SLOPE:
        return _slope(sums, first, end, values)
    extreme = np.nan
    for ring in range(first, end):
        if sums[ring, _VALUES] > 0:
            offset = sums[ring, _SMALLEST] if operation == MIN else sums[ring, _LARGEST]
            if np.isnan(extreme) or (offset < extreme) == (operation == MIN):
                extreme = offset
    return shift + extreme


@njit(cache=True, nogil=True)
def _deviation(sums: NDArray[np.float64], first: int, end: int, values: float) -> float:  # pragma: no cover
    if values < 2:
        return np.nan
    total = _over(sums, first, end, _TOTAL)
    return np.sqrt(max((_over(sums, first, end, _SQUARE) - total * total / values) / (values - 1), 0.0))


@njit(cache=True, nogil=True)
def _slope(sums: NDArray[np.float64], first: int, end: int, values: float) -> float:  # pragma: no cover
    if values < 3:
        return np.nan
    age = _over(sums, first, end, _AGE)
    spread = _over(sums, first, end, _AGE_SQUARE) - age * age / values
    if spread <= 0:
        return np.nan
    # Age grows backwards in time, so the slope over time is that over age with the sign turned.
    joint = _over(sums, first, end, _AGE_VALUE) - age * _over(sums, first, end, _TOTAL) / values
    return -joint / spread


@njit(cache=True, nogil=True)
def _over(sums: NDArray[np.float64], first: int, end: int, what: int) -> float:  # pragma: no cover
    total = 0.0
    for ring in range(first, end):
        total += sums[ring, what]
    return total


@njit(cache=True, nogil=True)
def _compared(comparison: int, left: float, scaled: float, prior: float) -> float:  # pragma: no cover
    """Two aggregates against each other; missing (NaN) stays missing, and so does what arithmetic has no answer to."""
    if comparison == DIFFERENCE:
        return left - scaled
    below = scaled + prior
    if below == 0:
        return np.nan
    if comparison == RATIO:
        return left / below
    ratio = (left + prior) / below
    return np.log(ratio) if ratio > 0 else np.nan
