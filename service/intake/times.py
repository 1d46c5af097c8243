"""Local times to instants, many at once, in exactly the way `models.windows` reads one.

A wall-clock time without offset is Danish. The autumn hour that comes twice is read as the earlier one; the spring
hour that does not exist is read with the offset before it (02:30 is 03:30 summer time), as a clock nobody has yet put
forward would show it.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.windows import day_of, instant, midnight

DAY: Final = 86_400_000_000
"""Microseconds of a day of 24 hours."""

_midnight = lru_cache(maxsize=100_000)(midnight)


def instants_of(walls: NDArray[np.int64]) -> NDArray[np.int64]:
    """Instants, microseconds UTC, of wall-clock times given as microseconds since 1970-01-01 00:00; shape (n,).

    Years from 1 to 9998. Two days a year the clock turns; on all others a day has one offset, read once.
    """
    if not walls.size:
        return walls
    day = walls // DAY
    days, place = np.unique(day, return_inverse=True)
    starts = np.array([_midnight(day_of(int(d))) for d in days], dtype=np.int64)
    ends = np.array([_midnight(day_of(int(d) + 1)) for d in days], dtype=np.int64)
    found = starts[place] + (walls - day * DAY)
    for row in np.flatnonzero((ends - starts != DAY)[place]):
        found[row] = instant(datetime(1970, 1, 1) + timedelta(microseconds=int(walls[row])))
    return found
