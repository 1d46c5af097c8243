"""Time: as-of dates, look-backs and horizons, and the only place where two times are compared.

An as-of date T means T 00:00 in Denmark. That one convention makes every comparison a comparison of whole local
days: an instant lies before T 00:00 exactly when its local day is before T, and `[T - w, T)` holds exactly the
events of the w local days before T, whatever summer time did. So instants are turned into day numbers once, and
all that follows compares small integers.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
from numba import njit
from numpy.typing import NDArray

ZONE = ZoneInfo("Europe/Copenhagen")
EPOCH = date(1970, 1, 1)
HORIZON_DAYS = 30
NEVER = np.iinfo(np.int64).max
"""An instant that does not come: `superseded_at` of a version that still stands."""
NEVER_DAY = np.iinfo(np.int32).max

_DAY_US = 86_400_000_000
_FIRST_YEAR, _LAST_YEAR = 1890, 2110
_BETWEEN_TURNS = timedelta(days=7)
"""No clock in Denmark was ever turned twice within so many days; a test goes through every day."""


@dataclass(frozen=True, slots=True)
class Days:
    """A half-open stretch of local days: `first` belongs to it, `end` does not."""

    first: int
    end: int

    @classmethod
    def look_back(cls, as_of: int, days: int) -> "Days":
        """The `days` local days before the as-of day, `[T - days, T)`."""
        return cls(as_of - days, as_of)

    @classmethod
    def horizon(cls, as_of: int, days: int = HORIZON_DAYS) -> "Days":
        """The days the outcome is looked for in, `[T, T + days)`: an admission on T itself counts."""
        return cls(as_of, as_of + days)

    def hold(self, day: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which of the days, shape (n,), lie in the stretch; shape (n,)."""
        return (self.first <= day) & (day < self.end)


def visible(
    known_day: NDArray[np.int32], superseded_day: NDArray[np.int32], as_of: int | NDArray[np.int32]
) -> NDArray[np.bool_]:
    """Which versions a list dated `as_of` may use: known before T 00:00 and not yet superseded before it."""
    return (known_day < as_of) & (superseded_day >= as_of)


def day_number(day: date) -> int:
    """Days since 1970-01-01 of a calendar date."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """The calendar date of a day number."""
    return EPOCH + timedelta(days=int(number))


def midnight(day: date) -> int:
    """The instant a local day begins, in microseconds since the epoch, UTC."""
    return instant(datetime(day.year, day.month, day.day))


def instant(moment: datetime) -> int:
    """Microseconds since the epoch, UTC. Without offset it is Danish local time, the earlier of an ambiguous hour."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=ZONE, fold=0)
    delta = aware - datetime(1970, 1, 1, tzinfo=ZoneInfo("UTC"))
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def local_time(instant_us: int) -> datetime:
    """The Danish local time of an instant in microseconds since the epoch, UTC."""
    seconds, micros = divmod(int(instant_us), 1_000_000)
    aware = datetime.fromtimestamp(seconds, tz=ZONE)
    return aware.replace(microsecond=micros)


def local_days(instants_us: NDArray[np.int64]) -> NDArray[np.int32]:
    """Local day numbers of instants, shape (n,) in microseconds UTC; `NEVER` becomes `NEVER_DAY`."""
    changes, offsets = _transitions()
    return _local_days(np.ascontiguousarray(instants_us, dtype=np.int64), changes, offsets)


def weekly(first: date, last: date) -> tuple[date, ...]:
    """The Mondays from `first` to `last`, both included where they are Mondays."""
    monday = first + timedelta(days=-first.weekday() % 7)
    return tuple(monday + timedelta(weeks=week) for week in range((last - monday).days // 7 + 1))


@cache
def _transitions() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Instants at which the local offset changes, and the offset from each on, in microseconds."""
    changes, offsets = (
        [np.iinfo(np.int64).min],
        [_offset(datetime(_FIRST_YEAR, 1, 1, tzinfo=ZoneInfo("UTC")))],
    )
    before = datetime(_FIRST_YEAR, 1, 1, tzinfo=ZoneInfo("UTC"))
    while before.year < _LAST_YEAR:
        after = before + _BETWEEN_TURNS
        if _offset(after) != offsets[-1]:
            turn = _turn_between(before, after)
            changes.append(instant(turn))
            offsets.append(_offset(turn))
        before = after
    return np.array(changes, dtype=np.int64), np.array(offsets, dtype=np.int64)


def _offset(moment: datetime) -> int:
    offset = moment.astimezone(ZONE).utcoffset() or timedelta(0)
    return int(offset.total_seconds()) * 1_000_000


def _turn_between(before: datetime, after: datetime) -> datetime:
    """The first second with the later offset, found by halving."""
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(before + timedelta(seconds=middle)) == _offset(before):
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high)


@njit(cache=True, nogil=True)
def _local_days(  # pragma: no cover - compiled; measured by the tests of local_days
    instants: NDArray[np.int64], changes: NDArray[np.int64], offsets: NDArray[np.int64]
) -> NDArray[np.int32]:
    days = np.empty(instants.size, dtype=np.int32)
    since, until, offset = NEVER, NEVER, np.int64(0)
    for i in range(instants.size):
        moment = instants[i]
        if moment == NEVER:
            days[i] = NEVER_DAY
            continue
        # Neighbours in a file are neighbours in time, so the last stretch is nearly always the right one.
        if not since <= moment < until:
            at = np.searchsorted(changes, moment, side="right") - 1
            since, offset = changes[at], offsets[at]
            until = changes[at + 1] if at + 1 < changes.size else NEVER
        days[i] = (moment + offset) // _DAY_US
    return days
