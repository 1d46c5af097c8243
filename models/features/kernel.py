"""The kernel: every feature of every row, in one backward sweep of each signal's events before the row's date.

A row is a citizen on an as-of day. A citizen's events are first laid out by signal, in order of time: their *lanes*.
For each row each lane is walked from the last event before T back to the signal's longest window, and what is seen is
added to the *ring* its age falls in: the stretch between two neighbouring window borders of that signal. A window is
then a run of rings, most often from the first on, which running totals over the rings tell: so many windows cost little
more than one. Sums are kept relative to the signal's latest value, which keeps the variance of, say, body weights exact
in float64.

Training and the weekly list both run `fill`, and a row's answer depends on no other row.
"""

from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

COUNT, DAYS, DECAYED, SINCE, LAST, SUM, MEAN, STD, SLOPE, MIN, MAX = range(11)
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
    traits: NDArray[np.int64]  # (signals, 5): see below
    ring_of_age: NDArray[np.uint8]  # (signals, ages): the signal's own ring; the last age stands for all beyond
    decay_of_age: NDArray[np.float64]  # (ages, half-lives with their windows); the last age weighs nothing
    part: NDArray[np.int32]  # (aggregates, 5), signal after signal, of a signal operation after operation: see below
    of_signal: NDArray[np.int64]  # (signals, operations + 1): where the parts of each operation start and end
    none: NDArray[np.float32]  # what a row is of no events: its columns, then the aggregates that are no feature
    compared: NDArray[np.int32]  # (features that compare two, 4): the column, how, and the places of the two in `none`
    scale: NDArray[np.float64]  # per compared feature
    prior: NDArray[np.float64]  # per compared feature


# Columns of `Plan.traits`. The sweep of a lane ends at REACH, or at COUNTED once the latest event is found: beyond it
# only the days since that one are asked for. RINGS is how many it has.
REACH, COUNTED, RINGS, VALUED, FADING = range(5)
# Columns of `Plan.part`.
FIRST_RING, END_RING, WINDOW_END, LIFE, PLACE = range(5)


def fill(timeline: Timeline, rows: Rows, plan: Plan, out: NDArray[np.float32]) -> None:
    """Compute the rows' features into `out`, shape (at least as many rows as any place, features).

    Columns that are neither an aggregate nor compared become what `Plan.none` says.
    """
    _fill(timeline, rows, plan, out)


# What follows is compiled. Coverage cannot see into it; the oracle and the specifications measure every line of it.
# Helpers are woven into the one function that is called, and take plain arrays, never the tuples above: handing on an
# array costs more than most helpers do, and a tuple counts a reference for each of its arrays at every event.
_woven: Final = njit(nogil=True, inline="always")

# What is gathered in a ring: `sums[ring, ...]`, and in all rings before one: `upto[ring, ...]`. Values are taken
# relative to the latest one.
_EVENTS, _DAYS, _VALUES, _TOTAL, _SQUARE, _AGE, _AGE_SQUARE, _AGE_VALUE, _SMALLEST, _LARGEST = range(10)
# What is known of a lane as a whole, ages in days, -1 where there is none yet.
_LATEST_AGE, _VALUE_AGE, _SHIFT = range(3)
# An event of a lane.
_DAY, _KNOWN, _SUPERSEDED = range(3)


@njit(cache=True, nogil=True)
def _fill(  # noqa: C901, PLR0915 - one loop nest, see above  # pragma: no cover
    timeline: Timeline, rows: Rows, plan: Plan, out: NDArray[np.float32]
) -> None:
    day, known_day, superseded_day = timeline.day, timeline.known_day, timeline.superseded_day
    code, value = timeline.code, timeline.value
    of_code, use_signal, use_score, found_only = plan.of_code, plan.use_signal, plan.use_score, plan.found_only
    traits, part, of_signal, none = plan.traits, plan.part, plan.of_signal, plan.none
    ring_of_age, decay_of_age = plan.ring_of_age, plan.decay_of_age
    compared, scale, prior = plan.compared, plan.scale, plan.prior
    signals = found_only.size
    start = np.zeros(signals + 1, dtype=np.int64)
    here = np.zeros(signals, dtype=np.int64)
    lane = np.empty((0, 3), dtype=np.int32)
    lane_value = np.empty(0)
    sums = np.empty((ring_of_age.max() + 1, 10))
    upto = np.zeros((ring_of_age.max() + 2, 10))
    faded, marks, numbers = np.zeros(decay_of_age.shape[1]), np.zeros(3), none.copy()
    _clear(sums, faded, sums.shape[0])
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
                _count_on(sums, upto, traits[signal, RINGS])
                _emit_counts(numbers, upto, faded, marks, part, of_signal[signal])
                if (
                    traits[signal, VALUED] and marks[_VALUE_AGE] >= 0
                ):  # of a window that holds no value they stay what `none` says
                    _add_on(sums, upto, traits[signal, RINGS])
                    _emit_last(numbers, marks, part, of_signal[signal])
                    _emit_means(numbers, sums, upto, marks[_SHIFT], part, of_signal[signal])
                    _emit_spreads(numbers, sums, upto, part, of_signal[signal])
                    _emit_extremes(numbers, sums, upto, marks[_SHIFT], part, of_signal[signal])
                _clear(sums, faded, traits[signal, RINGS])
        _compare(numbers, compared, scale, prior)
        out[rows.place[row]] = numbers[: out.shape[1]]


@_woven
def _compare(  # pragma: no cover
    numbers: NDArray[np.float32],
    compared: NDArray[np.int32],
    scale: NDArray[np.float64],
    prior: NDArray[np.float64],
) -> None:
    """The features that are two aggregates against each other."""
    for place in range(compared.shape[0]):
        left, right = np.float64(numbers[compared[place, 2]]), scale[place] * numbers[compared[place, 3]]
        numbers[compared[place, 0]] = _compared(compared[place, 1], left, right, prior[place])


@_woven
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


@_woven
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


@_woven
def _clear(sums: NDArray[np.float64], faded: NDArray[np.float64], rings: int) -> None:  # pragma: no cover
    for ring in range(rings):
        sums[ring, :_SMALLEST] = 0.0
        sums[ring, _SMALLEST], sums[ring, _LARGEST] = np.inf, -np.inf
    for life in range(faded.size):
        faded[life] = 0.0


@_woven
def _add_value(  # pragma: no cover
    sums: NDArray[np.float64], marks: NDArray[np.float64], ring: int, age: int, value: float
) -> None:
    if marks[_VALUE_AGE] < 0:
        marks[_VALUE_AGE] = age
        marks[_SHIFT] = value
    offset = value - marks[_SHIFT]
    sums[ring, _SMALLEST] = min(sums[ring, _SMALLEST], offset)
    sums[ring, _LARGEST] = max(sums[ring, _LARGEST], offset)
    sums[ring, _VALUES] += 1
    sums[ring, _TOTAL] += offset
    sums[ring, _SQUARE] += offset * offset
    sums[ring, _AGE] += age
    sums[ring, _AGE_SQUARE] += age * age
    sums[ring, _AGE_VALUE] += age * offset


@_woven
def _count_on(sums: NDArray[np.float64], upto: NDArray[np.float64], rings: int) -> None:  # pragma: no cover
    """Running totals of events and days over the rings; their first row is nothing."""
    for ring in range(rings):
        upto[ring + 1, _EVENTS] = upto[ring, _EVENTS] + sums[ring, _EVENTS]
        upto[ring + 1, _DAYS] = upto[ring, _DAYS] + sums[ring, _DAYS]


@_woven
def _add_on(sums: NDArray[np.float64], upto: NDArray[np.float64], rings: int) -> None:  # pragma: no cover
    """Running totals and extremes of values over the rings; their first row is nothing."""
    upto[0, _SMALLEST], upto[0, _LARGEST] = np.inf, -np.inf
    for ring in range(rings):
        for what in range(_VALUES, _SMALLEST):
            upto[ring + 1, what] = upto[ring, what] + sums[ring, what]
        upto[ring + 1, _SMALLEST] = min(upto[ring, _SMALLEST], sums[ring, _SMALLEST])
        upto[ring + 1, _LARGEST] = max(upto[ring, _LARGEST], sums[ring, _LARGEST])


@_woven
def _emit_counts(  # pragma: no cover
    numbers: NDArray[np.float32],
    upto: NDArray[np.float64],
    faded: NDArray[np.float64],
    marks: NDArray[np.float64],
    part: NDArray[np.int32],
    of: NDArray[np.int64],
) -> None:
    """How many events, on how many days, how many fading with age, and how long ago the last."""
    latest = marks[_LATEST_AGE]
    for at in range(of[COUNT], of[COUNT + 1]):
        numbers[part[at, PLACE]] = upto[part[at, END_RING], _EVENTS] - upto[part[at, FIRST_RING], _EVENTS]
    for at in range(of[DAYS], of[DAYS + 1]):
        numbers[part[at, PLACE]] = upto[part[at, END_RING], _DAYS] - upto[part[at, FIRST_RING], _DAYS]
    for at in range(of[DECAYED], of[DECAYED + 1]):
        numbers[part[at, PLACE]] = faded[part[at, LIFE]]
    for at in range(of[SINCE], of[SINCE + 1]):
        numbers[part[at, PLACE]] = latest + 1.0 if latest < part[at, WINDOW_END] else np.nan


@_woven
def _emit_last(  # pragma: no cover
    numbers: NDArray[np.float32], marks: NDArray[np.float64], part: NDArray[np.int32], of: NDArray[np.int64]
) -> None:
    """The latest value, of the windows it lies in."""
    for at in range(of[LAST], of[LAST + 1]):
        if marks[_VALUE_AGE] < part[at, WINDOW_END]:
            numbers[part[at, PLACE]] = marks[_SHIFT]


@_woven
def _emit_means(  # pragma: no cover
    numbers: NDArray[np.float32],
    sums: NDArray[np.float64],
    upto: NDArray[np.float64],
    shift: float,
    part: NDArray[np.int32],
    of: NDArray[np.int64],
) -> None:
    """Sums and means."""
    for at in range(of[SUM], of[SUM + 1]):
        first, end = part[at, FIRST_RING], part[at, END_RING]
        values = upto[end, _VALUES] - upto[first, _VALUES]
        if values > 0:
            numbers[part[at, PLACE]] = _over(sums, upto, first, end, _TOTAL) + values * shift
    for at in range(of[MEAN], of[MEAN + 1]):
        first, end = part[at, FIRST_RING], part[at, END_RING]
        values = upto[end, _VALUES] - upto[first, _VALUES]
        if values > 0:
            numbers[part[at, PLACE]] = shift + _over(sums, upto, first, end, _TOTAL) / values


@_woven
def _emit_spreads(  # pragma: no cover
    numbers: NDArray[np.float32],
    sums: NDArray[np.float64],
    upto: NDArray[np.float64],
    part: NDArray[np.int32],
    of: NDArray[np.int64],
) -> None:
    """Standard deviations, of two values or more, and slopes over time, of three or more."""
    for at in range(of[STD], of[STD + 1]):
        first, end = part[at, FIRST_RING], part[at, END_RING]
        values = upto[end, _VALUES] - upto[first, _VALUES]
        if values > 1:
            total, square = _over(sums, upto, first, end, _TOTAL), _over(sums, upto, first, end, _SQUARE)
            numbers[part[at, PLACE]] = np.sqrt(max((square - total * total / values) / (values - 1), 0.0))
    for at in range(of[SLOPE], of[SLOPE + 1]):
        first, end = part[at, FIRST_RING], part[at, END_RING]
        values = upto[end, _VALUES] - upto[first, _VALUES]
        age = _over(sums, upto, first, end, _AGE)
        spread = _over(sums, upto, first, end, _AGE_SQUARE) - age * age / values if values > 2 else 0.0
        if spread > 0:
            # Age grows backwards in time, so the slope over time is that over age with the sign turned.
            total = _over(sums, upto, first, end, _TOTAL)
            numbers[part[at, PLACE]] = -(_over(sums, upto, first, end, _AGE_VALUE) - age * total / values) / spread


@_woven
def _emit_extremes(  # pragma: no cover
    numbers: NDArray[np.float32],
    sums: NDArray[np.float64],
    upto: NDArray[np.float64],
    shift: float,
    part: NDArray[np.int32],
    of: NDArray[np.int64],
) -> None:
    """The smallest and the largest value."""
    for at in range(of[MIN], of[MIN + 1]):
        first, end = part[at, FIRST_RING], part[at, END_RING]
        if upto[end, _VALUES] > upto[first, _VALUES]:
            numbers[part[at, PLACE]] = shift + _smallest(sums, upto, first, end)
    for at in range(of[MAX], of[MAX + 1]):
        first, end = part[at, FIRST_RING], part[at, END_RING]
        if upto[end, _VALUES] > upto[first, _VALUES]:
            numbers[part[at, PLACE]] = shift + _largest(sums, upto, first, end)


@_woven
def _over(  # pragma: no cover
    sums: NDArray[np.float64], upto: NDArray[np.float64], first: int, end: int, what: int
) -> float:
    """What the rings of a window add up to; a difference of running totals would lose what is small beside them."""
    if first == 0:
        return upto[end, what]
    total = 0.0
    for ring in range(first, end):
        total += sums[ring, what]
    return total


@_woven
def _smallest(sums: NDArray[np.float64], upto: NDArray[np.float64], first: int, end: int) -> float:  # pragma: no cover
    if first == 0:
        return upto[end, _SMALLEST]
    found = np.inf
    for ring in range(first, end):
        found = min(found, sums[ring, _SMALLEST])
    return found


@_woven
def _largest(sums: NDArray[np.float64], upto: NDArray[np.float64], first: int, end: int) -> float:  # pragma: no cover
    if first == 0:
        return upto[end, _LARGEST]
    found = -np.inf
    for ring in range(first, end):
        found = max(found, sums[ring, _LARGEST])
    return found


@_woven
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
