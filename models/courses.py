"""Courses: a signal week by week up to a date, as it was known on that date. Drawn beside a reason; never a feature."""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.events import Events
from models.features.spec import Catalogue
from models.windows import visible

WEEKS = 12


class Weekly(StrEnum):
    """What a week is told as."""

    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"  # None in a week without a value


def weekly_course(
    events: Events, signals: Sequence[str], catalogue: Catalogue, as_of: int, told_as: Weekly
) -> tuple[float | None, ...]:
    """One citizen's events of the signals in each of the last `WEEKS` weeks before the as-of day, oldest first."""
    of_signals = [catalogue.signal(name) for name in signals]
    found = events.with_codes([code for signal in of_signals for code in signal.codes])
    known = found.where(visible(found.known_day, found.superseded_day, as_of))
    if any(signal.found_only for signal in of_signals):
        known = known.where(~(known.value <= 0))
    week = (as_of - 1 - known.day) // 7
    return tuple(_week(known.value[week == back], told_as) for back in reversed(range(WEEKS)))


def _week(values: NDArray[np.float32], told_as: Weekly) -> float | None:
    if told_as is Weekly.COUNT:
        return float(values.size)
    measured = values[~np.isnan(values)]
    if told_as is Weekly.SUM:
        return float(measured.sum())
    return float(measured.mean()) if measured.size else None
