"""When things happen on the municipality's clock, and when they are written down.

Moments are whole seconds of local time in Europe/Copenhagen since 1970, without an offset. A moment in the hour that
the clock skips in March does not exist; such a moment is moved an hour on.
"""

from datetime import date, timedelta

import numpy as np

from training.synthetic.chance import Bools, Ints
from training.synthetic.town import Town

DAY, HOUR = 86_400, 3_600
_EPOCH = date(1970, 1, 1)


def moment(town: Town, day: Ints, second: Ints) -> Ints:
    """The moment of a second of a day, counted from the town's first day."""
    return existing(((town.first_day - _EPOCH).days + day) * DAY + second)


def end_of_town(town: Town) -> int:
    """The moment at which the drop is taken: nothing can be recorded at or after it."""
    return (town.end - _EPOCH).days * DAY


def existing(moments: Ints) -> Ints:
    """The same moments, those in a skipped hour an hour later."""
    if not len(moments):
        return moments
    years = range(1970 + int(moments.min()) // (365 * DAY) - 1, 1970 + int(moments.max()) // (365 * DAY) + 2)
    gaps = np.array([_skipped(year) for year in years])
    nearest = gaps[np.clip(np.searchsorted(gaps, moments, side="right") - 1, 0, None)]
    return np.where((moments >= nearest) & (moments < nearest + HOUR), moments + HOUR, moments)


def recorded(rng: np.random.Generator, town: Town, happened: Ints) -> Ints:
    """When each was written down: mostly within hours, a share of them days late."""
    habit = town.recording
    delay = np.minimum(rng.lognormal(np.log(habit.delay_minutes * 60), 0.8, len(happened)), 16 * HOUR)
    late = rng.random(len(happened)) < habit.late_share
    days = rng.integers(1, habit.late_days + 1, len(happened))
    return existing(happened + 60 + delay.astype(np.int64) + np.where(late, days * DAY, 0))


def written_again(rng: np.random.Generator, town: Town, written: Ints, share: float) -> tuple[Ints, Ints]:
    """Which rows are written a second time, and when: positions and moments, within the town's days."""
    chosen = np.flatnonzero(rng.random(len(written)) < share)
    later = existing(written[chosen] + HOUR + (rng.exponential(2.5 * DAY, len(chosen))).astype(np.int64))
    in_time = later < end_of_town(town)
    return chosen[in_time], later[in_time]


def in_time(town: Town, written: Ints) -> Bools:
    """Which rows are in the drop at all."""
    return written < end_of_town(town)


def _skipped(year: int) -> int:
    """Two o'clock on the last Sunday of March, when the clock goes to three."""
    last = date(year, 3, 31)
    sunday = last - timedelta(days=(last.weekday() + 1) % 7)
    return (sunday - _EPOCH).days * DAY + 2 * HOUR
