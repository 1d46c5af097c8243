"""The kernel: every aggregate of every row, in one backward sweep of the row's citizen's events.

A row is a citizen on an as-of day. The sweep walks from the last event before T back to the longest window, looks at
each event once, and adds it to the *ring* its age falls in: the stretch between two neighbouring window borders. A
window is then a run of rings, so many windows cost little more than one. Sums are kept relative to the signal's
latest value, which keeps the variance of, say, body weights exact in float64.

Training and the weekly list both run `aggregate`, and a row's answer depends on no other row.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

COUNT, SUM, DAYS, DECAYED, MEAN, MIN, MAX, STD, LAST, SINCE, SLOPE = range(11)


class Timeline(NamedTuple):
    """Sorted events of one reach, as in `models.events.Events`; `code` indexes `Plan.of_code`. All shape (n,)."""

    reach: int  # days it is looked back at: the longest window of any signal its codes belong to
    day: NDArray[np.int32]
    known_day: NDArray[np.int32]
    superseded_day: NDArray[np.int32]
    code: NDArray[np.int32]
    value: NDArray[np.float32]


class Rows(NamedTuple):
    """What is to be computed: as-of day numbers, shape (n,), and where each row's citizen's events lie.

    `first` and `end` have shape (timelines, n).
    """

    as_of: NDArray[np.int32]
    first: NDArray[np.int64]
    end: NDArray[np.int64]


class Plan(NamedTuple):
    """A catalogue's aggregates, compiled for the codes of one set of events (see `models.features.build`)."""

    of_code: NDArray[np.int64]  # code c touches uses of_code[c] .. of_code[c + 1]
    use_signal: NDArray[np.int32]
    use_score: NDArray[np.float64]  # the value a code is given; NaN: its own
    found_only: NDArray[np.bool_]  # per signal
    wants_value: NDArray[np.bool_]  # per signal
    wants_days: NDArray[np.bool_]  # per signal
    wants_decay: NDArray[np.bool_]  # per signal
    ring_of_age: NDArray[np.int32]  # the last entry stands for every greater age
    decay_of_age: NDArray[np.float64]  # (half-lives with their windows, ages)
    of_signal: NDArray[np.int64]  # signal s has aggregates of_signal[s] .. of_signal[s + 1]
    operation: NDArray[np.int32]  # per aggregate, like the three that follow
    first_ring: NDArray[np.int32]
    end_ring: NDArray[np.int32]
    window_end: NDArray[np.int32]
    decay: NDArray[np.int32]
    column: NDArray[np.int32]


def aggregate(timelines: tuple[Timeline, ...], rows: Rows, plan: Plan, out: NDArray[np.float32]) -> None:
    """Fill `out`, shape (rows, aggregates), already holding what each aggregate of no events is."""
    _aggregate(timelines, rows, plan, out)


# What follows is compiled. Coverage cannot see into it; the oracle and the specifications measure every line of it.
# Helpers take plain arrays, never the tuples above: handing on a tuple counts a reference for each of its arrays, at
# every event, which made the sweep ten times slower.

# What a signal has gathered in a ring: `sums[signal, ring, ...]`. Values are taken relative to the latest one.
_EVENTS, _DAYS, _VALUES, _TOTAL, _SQUARE, _SMALLEST, _LARGEST, _AGE, _AGE_SQUARE, _AGE_VALUE = range(10)
# What is known of a signal as a whole: `marks[signal, ...]`, ages in days, -1 where there is none yet.
_LATEST_AGE, _CURRENT_AGE, _VALUE_AGE = range(3)


@njit(cache=True, nogil=True)
def _aggregate(  # noqa: C901, PLR0912, PLR0915 - one loop nest, see above  # pragma: no cover
    timelines: tuple[Timeline, ...], rows: Rows, plan: Plan, out: NDArray[np.float32]
) -> None:
    of_code, use_signal, use_score, found_only = plan.of_code, plan.use_signal, plan.use_score, plan.found_only
    wants_value, wants_decay, ring_of_age = plan.wants_value, plan.wants_decay, plan.ring_of_age
    decay_of_age, of_signal, column, wants_days = plan.decay_of_age, plan.of_signal, plan.column, plan.wants_days
    operation, first_ring, end_ring = plan.operation, plan.first_ring, plan.end_ring
    window_end, decay = plan.window_end, plan.decay
    signals = found_only.size
    sums = np.zeros((signals, ring_of_age.max() + 1, 10))
    marks = np.full((signals, 3), -1, dtype=np.int64)
    decayed = np.zeros((signals, decay_of_age.shape[0]))
    shift = np.zeros(signals)
    touched = np.empty(signals, dtype=np.int64)
    for row in range(rows.as_of.size):
        as_of = rows.as_of[row]
        count = 0
        for place in range(len(timelines)):
            events = timelines[place]
            first, end, reach = rows.first[place, row], rows.end[place, row], events.reach
            day, known_day, superseded_day = events.day, events.known_day, events.superseded_day
            event_code, event_value = events.code, events.value
            at = first + np.searchsorted(day[first:end], as_of) - 1
            while at >= first:
                age = as_of - 1 - day[at]
                if age >= reach:
                    break
                if known_day[at] < as_of and superseded_day[at] >= as_of:
                    code = event_code[at]
                    ring = int(ring_of_age[min(age, ring_of_age.size - 1)])
                    for use in range(of_code[code], of_code[code + 1]):
                        score = use_score[use]
                        value = np.float64(event_value[at]) if np.isnan(score) else score
                        signal = use_signal[use]
                        if found_only[signal] and value <= 0:
                            continue
                        if marks[signal, _LATEST_AGE] < 0:
                            marks[signal, _LATEST_AGE] = age
                            touched[count] = signal
                            count += 1
                        sums[signal, ring, _EVENTS] += 1
                        if wants_days[signal] and marks[signal, _CURRENT_AGE] != age:
                            marks[signal, _CURRENT_AGE] = age
                            sums[signal, ring, _DAYS] += 1
                        if wants_decay[signal] and age < decay_of_age.shape[1]:
                            for life in range(decay_of_age.shape[0]):
                                decayed[signal, life] += decay_of_age[life, age]
                        if wants_value[signal] and not np.isnan(value):
                            _add_value(sums, marks, shift, signal, ring, age, value)
                at -= 1
        for i in range(count):
            signal = touched[i]
            for part in range(of_signal[signal], of_signal[signal + 1]):
                if operation[part] == DECAYED:
                    number = decayed[signal, decay[part]]
                else:
                    number = _number(
                        sums, marks, shift, signal, operation[part], first_ring[part], end_ring[part], window_end[part]
                    )
                out[row, column[part]] = number
            sums[signal] = 0.0
            marks[signal] = -1
            decayed[signal] = 0.0


@njit(cache=True, nogil=True)
def _add_value(  # pragma: no cover
    sums: NDArray[np.float64],
    marks: NDArray[np.int64],
    shift: NDArray[np.float64],
    signal: int,
    ring: int,
    age: int,
    value: float,
) -> None:
    if marks[signal, _VALUE_AGE] < 0:
        marks[signal, _VALUE_AGE] = age
        shift[signal] = value
    offset = value - shift[signal]
    if sums[signal, ring, _VALUES] == 0:
        sums[signal, ring, _SMALLEST] = offset
        sums[signal, ring, _LARGEST] = offset
    sums[signal, ring, _SMALLEST] = min(sums[signal, ring, _SMALLEST], offset)
    sums[signal, ring, _LARGEST] = max(sums[signal, ring, _LARGEST], offset)
    sums[signal, ring, _VALUES] += 1
    sums[signal, ring, _TOTAL] += offset
    sums[signal, ring, _SQUARE] += offset * offset
    sums[signal, ring, _AGE] += age
    sums[signal, ring, _AGE_SQUARE] += age * age
    sums[signal, ring, _AGE_VALUE] += age * offset


@njit(cache=True, nogil=True)
def _number(  # pragma: no cover
    sums: NDArray[np.float64],
    marks: NDArray[np.int64],
    shift: NDArray[np.float64],
    signal: int,
    operation: int,
    first: int,
    end: int,
    window_end: int,
) -> float:
    if operation == COUNT:
        return _over(sums, signal, first, end, _EVENTS)
    if operation == DAYS:
        return _over(sums, signal, first, end, _DAYS)
    if operation == SINCE:
        return marks[signal, _LATEST_AGE] + 1.0 if marks[signal, _LATEST_AGE] < window_end else np.nan
    if operation == LAST:
        return shift[signal] if 0 <= marks[signal, _VALUE_AGE] < window_end else np.nan
    values = _over(sums, signal, first, end, _VALUES)
    if operation == SUM:
        return _over(sums, signal, first, end, _TOTAL) + values * shift[signal]
    return _of_values(sums, signal, operation, first, end, values, shift[signal]) if values > 0 else np.nan


@njit(cache=True, nogil=True)
def _of_values(  # pragma: no cover
    sums: NDArray[np.float64], signal: int, operation: int, first: int, end: int, values: float, shift: float
) -> float:
    if operation == MEAN:
        return shift + _over(sums, signal, first, end, _TOTAL) / values
    if operation == STD:
        return _deviation(sums, signal, first, end, values)
    if operation == SLOPE:
        return _slope(sums, signal, first, end, values)
    extreme = np.nan
    for ring in range(first, end):
        if sums[signal, ring, _VALUES] > 0:
            offset = sums[signal, ring, _SMALLEST] if operation == MIN else sums[signal, ring, _LARGEST]
            if np.isnan(extreme) or (offset < extreme) == (operation == MIN):
                extreme = offset
    return shift + extreme


@njit(cache=True, nogil=True)
def _deviation(  # pragma: no cover
    sums: NDArray[np.float64], signal: int, first: int, end: int, values: float
) -> float:
    if values < 2:
        return np.nan
    total = _over(sums, signal, first, end, _TOTAL)
    return np.sqrt(max((_over(sums, signal, first, end, _SQUARE) - total * total / values) / (values - 1), 0.0))


@njit(cache=True, nogil=True)
def _slope(sums: NDArray[np.float64], signal: int, first: int, end: int, values: float) -> float:  # pragma: no cover
    if values < 3:
        return np.nan
    age = _over(sums, signal, first, end, _AGE)
    spread = _over(sums, signal, first, end, _AGE_SQUARE) - age * age / values
    if spread <= 0:
        return np.nan
    # Age grows backwards in time, so the slope over time is that over age with the sign turned.
    joint = _over(sums, signal, first, end, _AGE_VALUE) - age * _over(sums, signal, first, end, _TOTAL) / values
    return -joint / spread


@njit(cache=True, nogil=True)
def _over(sums: NDArray[np.float64], signal: int, first: int, end: int, what: int) -> float:  # pragma: no cover
    total = 0.0
    for ring in range(first, end):
        total += sums[signal, ring, what]
    return total
