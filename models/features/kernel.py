"""The kernel: every feature of every row, from what a row may see of each signal's events before its date.

A row is a citizen on an as-of day. A citizen's events are first laid out by signal, in order of time: their *lanes*.
Beside each lane stands what of it may be *seen* on the day. As the days go forward it is only added to; what is not yet
settled (known later, or to be superseded) is looked at anew for each row. The borders of a signal's windows are places
in what is seen, and move forward with the days. So a count is the difference of two places, and never depends on how
far back a record was read. Values between two neighbouring borders, a *ring*, are added up for each row; a window is
then a run of rings, most often from the first on, which running totals over the rings tell. Sums are kept relative to
the signal's latest value, which keeps the variance of, say, body weights exact in float64.

Training and the weekly list both run `fill`, and a row's answer depends on no other row.
"""

from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.windows import NEVER_DAY

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
    traits: NDArray[np.int64]  # (signals, 4): see below
    border: NDArray[np.int64]  # (signals, rings + 1): the ages in days at which the signal's rings begin, and the end
    decay_of_age: NDArray[np.float64]  # (half-lives, ages): what an event of an age weighs
    part: NDArray[np.int32]  # (aggregates, 5), signal after signal, of a signal operation after operation: see below
    of_signal: NDArray[np.int64]  # (signals, operations + 1): where the parts of each operation start and end
    none: NDArray[np.float32]  # what a row is of no events: its columns, then the aggregates that are no feature
    compared: NDArray[np.int32]  # (features that compare two, 4): the column, how, and the places of the two in `none`
    scale: NDArray[np.float64]  # per compared feature
    prior: NDArray[np.float64]  # per compared feature


# Columns of `Plan.traits`. REACH is the end of the longest window, RINGS how many rings there are, VALUED whether any
# aggregate looks at values, and SLOPED at their slope.
REACH, RINGS, VALUED, SLOPED = range(4)
# Columns of `Plan.part`. Rings are of aggregates that add up a window, a half-life is of those that fade.
FIRST_RING, END_RING, WINDOW_END, LIFE, PLACE = range(5)


def fill(timeline: Timeline, rows: Rows, plan: Plan, out: NDArray[np.float32]) -> None:
    """Compute the rows' features into `out`, shape (at least as many rows as any place, features).

    Columns that are neither an aggregate nor compared become what `Plan.none` says.
    """
    most = int((rows.end - rows.first).max(initial=0)) * int(np.diff(plan.of_code).max(initial=0))
    _fill(timeline, rows, plan, most + plan.found_only.size, out)


# What follows is compiled. Coverage cannot see into it; the oracle and the specifications measure every line of it.
# Helpers are woven into the one function that is called, and take plain arrays, never the tuples above: handing on an
# array costs more than most helpers do, and a tuple counts a reference for each of its arrays at every event. So does a
# helper that can be left in two places, or a division that can raise: each divisor is looked at first.
_woven: Final = njit(nogil=True, inline="always")

# What is gathered in a ring: `sums[ring, ...]`, and in all rings before one: `upto[ring, ...]`. Values are taken
# relative to the latest one.
_VALUES, _TOTAL, _SQUARE, _AGE, _AGE_SQUARE, _AGE_VALUE, _SMALLEST, _LARGEST = range(8)
# An event of a lane; and one that is seen, with how many days and values are seen before it.
_DAY, _KNOWN, _SUPERSEDED = range(3)
_DAYS_BEFORE, _VALUES_BEFORE = 1, 2
# Places of a lane: its end, the next event that is not settled, and where in what is seen the settled ones end.
_END, _NEXT, _SETTLED = range(3)


@njit(cache=True, nogil=True, error_model="numpy")
def _fill(  # noqa: C901 - one loop nest, see above  # pragma: no cover
    timeline: Timeline, rows: Rows, plan: Plan, size: int, out: NDArray[np.float32]
) -> None:
    day, known_day, superseded_day = timeline.day, timeline.known_day, timeline.superseded_day
    code, value = timeline.code, timeline.value
    of_code, use_signal, use_score, found_only = plan.of_code, plan.use_signal, plan.use_score, plan.found_only
    traits, border, part, of_signal, none = plan.traits, plan.border, plan.part, plan.of_signal, plan.none
    decay_of_age, compared, scale, prior = plan.decay_of_age, plan.compared, plan.scale, plan.prior
    signals = found_only.size
    start, of_each = np.zeros(signals + 1, dtype=np.int64), np.zeros(of_code.size - 1, dtype=np.int64)
    at, edge = np.zeros((signals, 3), dtype=np.int64), np.zeros(border.shape, dtype=np.int64)
    lane, seen = np.empty((size, 3), dtype=np.int32), np.empty((size, 3), dtype=np.int32)
    lane_value, seen_value, value_day = np.empty(size), np.empty(size), np.empty(size, dtype=np.int32)
    sums, upto = np.zeros((border.shape[1], 8)), np.zeros((border.shape[1], 8))
    upto[0, _SMALLEST], upto[0, _LARGEST] = np.inf, -np.inf
    numbers = none.copy()
    for row in range(rows.as_of.size):
        first, end, as_of = rows.first[row], rows.end[row], rows.as_of[row]
        is_next = row > 0 and first == rows.first[row - 1] and end == rows.end[row - 1]
        if not is_next or as_of < rows.as_of[row - 1]:
            _measure_lanes(code[first:end], of_code, use_signal, of_each, start)
            _begin_lanes(start, at, edge, seen)
            for place in range(first, end):
                for use in range(of_code[code[place]], of_code[code[place] + 1]):
                    number = np.float64(value[place]) if np.isnan(use_score[use]) else use_score[use]
                    if not (found_only[use_signal[use]] and number <= 0):
                        put = at[use_signal[use], _END]
                        at[use_signal[use], _END] += 1
                        lane[put, _DAY], lane[put, _KNOWN] = day[place], known_day[place]
                        lane[put, _SUPERSEDED], lane_value[put] = superseded_day[place], number
        numbers[:] = none
        for signal in range(signals):
            low, high, settled = start[signal], at[signal, _END], at[signal, _SETTLED]
            if low == high:
                continue
            end_seen = _look(lane, lane_value, seen, seen_value, value_day, at, signal, low, high, as_of)
            if end_seen == low or as_of - 1 - seen[end_seen - 1, _DAY] >= traits[signal, REACH]:
                continue
            _find_rings(seen, edge, border, signal, traits[signal, RINGS], low, settled, end_seen, as_of)
            _emit_counts(numbers, seen, edge, as_of - 1 - seen[end_seen - 1, _DAY], part, of_signal, signal)
            _emit_fading(numbers, seen, low, end_seen, as_of, decay_of_age, part, of_signal, signal)
            values = low + seen[end_seen, _VALUES_BEFORE]
            if traits[signal, VALUED] and values > low:  # of a window without any they stay what `none` says
                shift, age = np.float64(seen_value[values - 1]), as_of - 1 - value_day[values - 1]
                _add_values(seen, seen_value, edge, sums, upto, signal, traits[signal, RINGS], low, values)
                _add_ages(
                    seen, seen_value, value_day, edge, sums, upto, signal, traits[signal, SLOPED], low, values, as_of
                )
                _emit_last(numbers, shift, age, part, of_signal, signal)
                _emit_means(numbers, sums, upto, shift, part, of_signal, signal)
                _emit_spreads(numbers, sums, upto, part, of_signal, signal)
                _emit_extremes(numbers, sums, upto, shift, part, of_signal, signal)
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
    of_code: NDArray[np.int64],
    use_signal: NDArray[np.int32],
    of_each: NDArray[np.int64],
    start: NDArray[np.int64],
) -> None:
    """Where the lane of each signal starts, and at last where the last one ends; each has one place to spare, or more.

    Codes are far fewer than events, so those are counted by code first, in `of_each`.
    """
    of_each[:] = 0
    for at in range(code.size):
        of_each[code[at]] += 1
    start[0], start[1:] = 0, 1
    for each in range(of_each.size):
        if of_each[each] > 0:
            for use in range(of_code[each], of_code[each + 1]):
                start[use_signal[use] + 1] += of_each[each]
    for signal in range(1, start.size):
        start[signal] += start[signal - 1]


@_woven
def _begin_lanes(  # pragma: no cover
    start: NDArray[np.int64], at: NDArray[np.int64], edge: NDArray[np.int64], seen: NDArray[np.int32]
) -> None:
    """Every lane at its start: empty, with nothing seen."""
    for signal in range(start.size - 1):
        at[signal, :] = start[signal]
        edge[signal, :] = start[signal]
        seen[start[signal], _DAYS_BEFORE], seen[start[signal], _VALUES_BEFORE] = 0, 0


@_woven
def _look(  # noqa: PLR0913, PLR0917 - plain arrays, see above  # pragma: no cover
    lane: NDArray[np.int32],
    lane_value: NDArray[np.float64],
    seen: NDArray[np.int32],
    seen_value: NDArray[np.float64],
    value_day: NDArray[np.int32],
    at: NDArray[np.int64],
    signal: int,
    low: int,
    high: int,
    as_of: int,
) -> int:
    """Add to what is settled of a lane what else may be seen on the day; where it ends.

    Settled is what will be seen, or not, on every later day too. Beyond the first event that is not, all is looked at
    again for the next row.
    """
    place, put, is_settled = at[signal, _NEXT], at[signal, _SETTLED], True
    while place < high and lane[place, _DAY] < as_of:
        is_known, stands = lane[place, _KNOWN] < as_of, lane[place, _SUPERSEDED] >= as_of
        if is_known and stands:
            value = low + seen[put, _VALUES_BEFORE]
            seen[put, _DAY], seen_value[value], value_day[value] = (
                lane[place, _DAY],
                lane_value[place],
                lane[place, _DAY],
            )
            is_new = put == low or seen[put - 1, _DAY] != lane[place, _DAY]
            seen[put + 1, _DAYS_BEFORE] = seen[put, _DAYS_BEFORE] + is_new
            seen[put + 1, _VALUES_BEFORE] = seen[put, _VALUES_BEFORE] + (not np.isnan(lane_value[place]))
            put += 1
        is_settled = is_settled and is_known and (not stands or lane[place, _SUPERSEDED] == NEVER_DAY)
        place += 1
        if is_settled:
            at[signal, _NEXT], at[signal, _SETTLED] = place, put
    return put


@_woven
def _find_rings(  # noqa: PLR0913, PLR0917  # pragma: no cover
    seen: NDArray[np.int32],
    edge: NDArray[np.int64],
    border: NDArray[np.int64],
    signal: int,
    rings: int,
    low: int,
    settled: int,
    end: int,
    as_of: int,
) -> None:
    """Where each ring ends in what is seen, as `edge` says, and the first begins.

    Rings end no earlier than they did on an earlier day, as far as it was settled then.
    """
    place = low
    for ring in range(rings, 0, -1):
        place = max(place, min(edge[signal, ring], settled))
        while place < end and seen[place, _DAY] < as_of - border[signal, ring]:
            place += 1
        edge[signal, ring] = place
    edge[signal, 0] = end


@_woven
def _add_values(  # noqa: PLR0913, PLR0917  # pragma: no cover
    seen: NDArray[np.int32],
    seen_value: NDArray[np.float64],
    edge: NDArray[np.int64],
    sums: NDArray[np.float64],
    upto: NDArray[np.float64],
    signal: int,
    rings: int,
    low: int,
    end: int,
) -> None:
    """Totals and extremes of the values in each ring, and running ones over the rings; their first row is nothing."""
    shift, at = seen_value[end - 1], end
    for ring in range(rings):
        until = low + seen[edge[signal, ring + 1], _VALUES_BEFORE]
        total, square, smallest, largest = 0.0, 0.0, np.inf, -np.inf
        while at > until:
            at -= 1
            offset = seen_value[at] - shift
            total += offset
            square += offset * offset
            smallest, largest = min(smallest, offset), max(largest, offset)
        sums[ring, _TOTAL], sums[ring, _SQUARE] = total, square
        sums[ring, _SMALLEST], sums[ring, _LARGEST] = smallest, largest
        upto[ring + 1, _VALUES] = end - until
        upto[ring + 1, _TOTAL], upto[ring + 1, _SQUARE] = upto[ring, _TOTAL] + total, upto[ring, _SQUARE] + square
        upto[ring + 1, _SMALLEST] = min(upto[ring, _SMALLEST], smallest)
        upto[ring + 1, _LARGEST] = max(upto[ring, _LARGEST], largest)


@_woven
def _add_ages(  # noqa: PLR0913, PLR0917  # pragma: no cover
    seen: NDArray[np.int32],
    seen_value: NDArray[np.float64],
    value_day: NDArray[np.int32],
    edge: NDArray[np.int64],
    sums: NDArray[np.float64],
    upto: NDArray[np.float64],
    signal: int,
    rings: int,
    low: int,
    end: int,
    as_of: int,
) -> None:
    """As `_add_values`, what slopes need: of the values' ages, of their squares, and of ages with values."""
    shift, at = seen_value[end - 1], end
    for ring in range(rings):
        until = low + seen[edge[signal, ring + 1], _VALUES_BEFORE]
        of_age, of_square, of_value = 0.0, 0.0, 0.0
        while at > until:
            at -= 1
            age = as_of - 1 - value_day[at]
            of_age += age
            of_square += age * age
            of_value += age * (seen_value[at] - shift)
        sums[ring, _AGE], sums[ring, _AGE_SQUARE], sums[ring, _AGE_VALUE] = of_age, of_square, of_value
        for what in range(_AGE, _SMALLEST):
            upto[ring + 1, what] = upto[ring, what] + sums[ring, what]


@_woven
def _emit_counts(  # pragma: no cover
    numbers: NDArray[np.float32],
    seen: NDArray[np.int32],
    edge: NDArray[np.int64],
    latest: int,
    part: NDArray[np.int32],
    of_signal: NDArray[np.int64],
    signal: int,
) -> None:
    """How many events, on how many days, and how long ago the last, which is of the age `latest`."""
    for at in range(of_signal[signal, COUNT], of_signal[signal, COUNT + 1]):
        numbers[part[at, PLACE]] = edge[signal, part[at, FIRST_RING]] - edge[signal, part[at, END_RING]]
    for at in range(of_signal[signal, DAYS], of_signal[signal, DAYS + 1]):
        first, end = edge[signal, part[at, FIRST_RING]], edge[signal, part[at, END_RING]]
        numbers[part[at, PLACE]] = seen[first, _DAYS_BEFORE] - seen[end, _DAYS_BEFORE]
    for at in range(of_signal[signal, SINCE], of_signal[signal, SINCE + 1]):
        numbers[part[at, PLACE]] = latest + 1.0 if latest < part[at, WINDOW_END] else np.nan


@_woven
def _emit_fading(  # noqa: PLR0913, PLR0917  # pragma: no cover
    numbers: NDArray[np.float32],
    seen: NDArray[np.int32],
    low: int,
    end: int,
    as_of: int,
    decay_of_age: NDArray[np.float64],
    part: NDArray[np.int32],
    of_signal: NDArray[np.int64],
    signal: int,
) -> None:
    """How many events, each fading with its age."""
    for at in range(of_signal[signal, DECAYED], of_signal[signal, DECAYED + 1]):
        faded, life, since = 0.0, part[at, LIFE], as_of - part[at, WINDOW_END]
        place = end - 1
        while place >= low and seen[place, _DAY] >= since:
            faded += decay_of_age[life, as_of - 1 - seen[place, _DAY]]
            place -= 1
        numbers[part[at, PLACE]] = faded


@_woven
def _emit_last(  # pragma: no cover
    numbers: NDArray[np.float32],
    latest: float,
    age: int,
    part: NDArray[np.int32],
    of_signal: NDArray[np.int64],
    signal: int,
) -> None:
    """The latest value, of the windows it lies in."""
    for at in range(of_signal[signal, LAST], of_signal[signal, LAST + 1]):
        if age < part[at, WINDOW_END]:
            numbers[part[at, PLACE]] = latest


@_woven
def _emit_means(  # pragma: no cover
    numbers: NDArray[np.float32],
    sums: NDArray[np.float64],
    upto: NDArray[np.float64],
    shift: float,
    part: NDArray[np.int32],
    of_signal: NDArray[np.int64],
    signal: int,
) -> None:
    """Sums and means."""
    for at in range(of_signal[signal, SUM], of_signal[signal, SUM + 1]):
        first, end = part[at, FIRST_RING], part[at, END_RING]
        values = upto[end, _VALUES] - upto[first, _VALUES]
        if values > 0:
            numbers[part[at, PLACE]] = _over(sums, upto, first, end, _TOTAL) + values * shift
    for at in range(of_signal[signal, MEAN], of_signal[signal, MEAN + 1]):
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
    of_signal: NDArray[np.int64],
    signal: int,
) -> None:
    """Standard deviations, of two values or more, and slopes over time, of three or more."""
    for at in range(of_signal[signal, STD], of_signal[signal, STD + 1]):
        first, end = part[at, FIRST_RING], part[at, END_RING]
        values = upto[end, _VALUES] - upto[first, _VALUES]
        if values > 1:
            total, square = _over(sums, upto, first, end, _TOTAL), _over(sums, upto, first, end, _SQUARE)
            numbers[part[at, PLACE]] = np.sqrt(max((square - total * total / values) / (values - 1), 0.0))
    for at in range(of_signal[signal, SLOPE], of_signal[signal, SLOPE + 1]):
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
    of_signal: NDArray[np.int64],
    signal: int,
) -> None:
    """The smallest and the largest value."""
    for at in range(of_signal[signal, MIN], of_signal[signal, MIN + 1]):
        first, end = part[at, FIRST_RING], part[at, END_RING]
        if upto[end, _VALUES] > upto[first, _VALUES]:
            numbers[part[at, PLACE]] = shift + _smallest(sums, upto, first, end)
    for at in range(of_signal[signal, MAX], of_signal[signal, MAX + 1]):
        first, end = part[at, FIRST_RING], part[at, END_RING]
        if upto[end, _VALUES] > upto[first, _VALUES]:
            numbers[part[at, PLACE]] = shift + _largest(sums, upto, first, end)


@_woven
def _over(  # pragma: no cover
    sums: NDArray[np.float64], upto: NDArray[np.float64], first: int, end: int, what: int
) -> float:
    """What the rings of a window add up to; a difference of running totals would lose what is small beside them."""
    total = upto[end, what]
    if first > 0:
        total = 0.0
        for ring in range(first, end):
            total += sums[ring, what]
    return total


@_woven
def _smallest(sums: NDArray[np.float64], upto: NDArray[np.float64], first: int, end: int) -> float:  # pragma: no cover
    found = upto[end, _SMALLEST]
    if first > 0:
        found = np.inf
        for ring in range(first, end):
            found = min(found, sums[ring, _SMALLEST])
    return found


@_woven
def _largest(sums: NDArray[np.float64], upto: NDArray[np.float64], first: int, end: int) -> float:  # pragma: no cover
    found = upto[end, _LARGEST]
    if first > 0:
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
