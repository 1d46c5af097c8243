"""Digital home monitoring: what a measurement means beside the citizen's own plan.

A measurement of something the citizen has a plan for becomes, beside itself, `monitored:CODE`, with how many planned
intervals have passed since the one before it: 1 is on time, above it is late, 2 is one missed. Beyond a limit of the
plan it becomes `breach:CODE` too. Both are known, and cease to be, with the measurement; what is judged by is the plan
as the first list that can see the measurement knows it. So a plan that is changed later judges nothing anew, as an
alarm that has sounded has sounded.

The measurement before is looked for in the `LONGEST_GAP_DAYS` days before, and a longer gap is told as one of so many
days. So what a measurement means rests on the plan, which stands, and on those days; a row's number is the same however
much further back was read (`models.engines.local.reach` reads so far).

Nothing here sees what was known later. Which features look at these codes stands in `models.features.catalogue`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.events import Events

LONGEST_GAP_DAYS = 180
"""A measurement that comes after half a year is told as half a year late: it begins anew, by how much says no more."""

_PLANNED, _ENDED, _LOW, _HIGH = range(4)
_PLAN = {"monitoring:": _PLANNED, "monitoring_ended:": _ENDED, "monitoring_low:": _LOW, "monitoring_high:": _HIGH}
# How a measurement is judged: by the one limit or the other, and whether it is one more measurement.
_BY_LOW, _BY_HIGH, _COUNTED = 1, 2, 4
_THINNED = {"count": _COUNTED, "min": _BY_LOW, "max": _BY_HIGH, "sum": 0}
"""Of thinned values (`models.thinning`) each statistic is judged by what it can tell."""


class _Judged(NamedTuple):
    """Events and what they are of, as the compiled code takes them; all shape (n,), sorted as in `Events`."""

    citizen: NDArray[np.int32]
    occurred_at: NDArray[np.int64]
    day: NDArray[np.int32]
    known_day: NDArray[np.int32]
    superseded_day: NDArray[np.int32]
    value: NDArray[np.float32]
    aim: NDArray[np.int32]  # which of the codes that somebody has a plan for
    how: NDArray[np.int32]  # of a plan the kind of word, of a measurement how it is judged


@dataclass(frozen=True, slots=True)
class _Aims:
    """The codes somebody has a plan for, and for every code of the events which of them it is of (-1: none) and how."""

    names: tuple[str, ...]
    plan: NDArray[np.int32]
    plan_kind: NDArray[np.int32]
    measured: NDArray[np.int32]
    measured_how: NDArray[np.int32]

    @classmethod
    def of(cls, codes: Sequence[str]) -> "_Aims":
        plans = [_plan(code) for code in codes]
        names = tuple(sorted({name for name, _ in plans if name}))
        place = {name: at for at, name in enumerate(names)}
        measured = [_measurement(code) for code in codes]
        return cls(
            names,
            np.array([place.get(name, -1) for name, _ in plans], dtype=np.int32),
            np.array([kind for _, kind in plans], dtype=np.int32),
            np.array([place.get(name, -1) for name, _ in measured], dtype=np.int32),
            np.array([how for _, how in measured], dtype=np.int32),
        )


def judged(events: Events) -> Events:
    """The events, and after each measurement what it means beside the plan; the same events where nobody has a plan."""
    aims = _Aims.of(events.codes)
    if not aims.names:
        return events
    plans = np.flatnonzero(aims.plan[events.code] >= 0)
    measured = np.flatnonzero(aims.measured[events.code] >= 0)
    measured = measured[np.isin(events.citizen[measured], events.citizen[plans])]
    chosen = _chosen(events, measured, aims.measured, aims.measured_how)
    late, beyond = _judge(chosen, _chosen(events, plans, aims.plan, aims.plan_kind))
    counted = ~np.isinf(late)
    return _with(
        events,
        after=np.concatenate([measured[counted], measured[beyond]]),
        code=np.concatenate([chosen.aim[counted], chosen.aim[beyond] + len(aims.names)]),
        value=np.concatenate([late[counted], np.full(np.count_nonzero(beyond), np.nan)]),
        names=tuple(f"{what}:{name}" for what in ("monitored", "breach") for name in aims.names),
    )


def _plan(code: str) -> tuple[str, int]:
    """What a code of a plan is a plan for, and which kind of word it is; nothing of other codes."""
    beginning, colon, rest = code.partition(":")
    kind = _PLAN.get(beginning + colon)
    return ("", -1) if kind is None else (rest, kind)


def _measurement(code: str) -> tuple[str, int]:
    """What a code measures if somebody has a plan for it, and how it is judged."""
    statistic, *part = code.split(":", maxsplit=2)
    if statistic in _THINNED and len(part) == 2:
        return part[1], _THINNED[statistic]
    return code, _COUNTED | _BY_LOW | _BY_HIGH


def _chosen(events: Events, rows: NDArray[np.int64], aim: NDArray[np.int32], how: NDArray[np.int32]) -> _Judged:
    code = events.code[rows]
    return _Judged(
        events.citizen[rows],
        events.occurred_at[rows],
        events.day[rows],
        events.known_day[rows],
        events.superseded_day[rows],
        events.value[rows],
        aim[code],
        how[code],
    )


def _with(
    events: Events,
    after: NDArray[np.int64],
    code: NDArray[np.int32],
    value: NDArray[np.float64],
    names: tuple[str, ...],
) -> Events:
    """The events and new ones, each with the times of the one it comes after; codes index `names`."""
    at = after + 1
    return Events(
        np.insert(events.citizen, at, events.citizen[after]),
        np.insert(events.occurred_at, at, events.occurred_at[after]),
        np.insert(events.day, at, events.day[after]),
        np.insert(events.known_day, at, events.known_day[after]),
        np.insert(events.superseded_day, at, events.superseded_day[after]),
        np.insert(events.code, at, code + len(events.codes)),
        np.insert(events.value, at, value.astype(np.float32)),
        (*events.codes, *names),
    )


@njit(cache=True, nogil=True)
def _judge(  # pragma: no cover - compiled; the oracle of monitoring measures it
    measured: _Judged, plans: _Judged
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """How late each measurement is in planned intervals (inf where none is counted), and whether it breaks a limit."""
    late = np.full(measured.citizen.size, np.inf)
    beyond = np.zeros(measured.citizen.size, dtype=np.bool_)
    for row in range(measured.citizen.size):
        # What the first list that sees the measurement knows.
        listed = measured.known_day[row] + 1
        running, since, often, low, high = _plan_of(measured, row, listed, plans)
        if not running:
            continue
        how, value = measured.how[row], measured.value[row]
        if how & _COUNTED:
            late[row] = (measured.day[row] - _before(measured, row, listed, since)) * often / 7.0
        beyond[row] = (how & _BY_LOW and value < low) or (how & _BY_HIGH and value > high)
    return late, beyond


@njit(cache=True, nogil=True)
def _plan_of(  # pragma: no cover
    measured: _Judged, row: int, listed: int, plans: _Judged
) -> tuple[bool, int, float, float, float]:
    """Whether a plan for the measurement runs, since which day, how often a week, and its limits (NaN: none)."""
    running, since, often, low, high = False, 0, np.nan, np.nan, np.nan
    for plan in range(np.searchsorted(plans.citizen, measured.citizen[row]), plans.citizen.size):
        if plans.citizen[plan] != measured.citizen[row] or plans.occurred_at[plan] > measured.occurred_at[row]:
            break
        known = plans.known_day[plan] < listed <= plans.superseded_day[plan]
        if not known or plans.aim[plan] != measured.aim[row]:
            continue
        kind, value = plans.how[plan], plans.value[plan]
        if kind == _PLANNED:
            running, since, often = True, plans.day[plan], value
        running = running and kind != _ENDED
        low = value if kind == _LOW else low
        high = value if kind == _HIGH else high
    return running, since, often, low, high


@njit(cache=True, nogil=True)
def _before(measured: _Judged, row: int, listed: int, since: int) -> int:  # pragma: no cover
    """The day of the measurement before, as known, or where the plan, or the longest gap, begins later, that day."""
    since = max(since, measured.day[row] - LONGEST_GAP_DAYS)
    other = row - 1
    while other >= 0 and measured.citizen[other] == measured.citizen[row] and measured.day[other] > since:
        known = measured.known_day[other] < listed <= measured.superseded_day[other]
        same = measured.aim[other] == measured.aim[row] and measured.how[other] & _COUNTED
        if known and same and measured.occurred_at[other] < measured.occurred_at[row]:
            return measured.day[other]
        other -= 1
    return since
