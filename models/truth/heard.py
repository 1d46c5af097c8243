"""How far outcomes are known: no further than the record reaches, and no further than hospitals are heard.

That a citizen was not admitted is told by nobody writing so. Where the hospitals' messages stopped and visits went on,
that silence says nothing, so the record alone must not say how far outcomes are known. Whether a feed is so silent that
no list may be made of it is judged in `service.quality`; here only whether its silence is taken for an answer.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.snapshot import Snapshot
from models.windows import NEVER_DAY, local_days

LEAST_PAUSE_DAYS: Final = 14
"""ASSUMED: hospitals may always be silent for so long, also where they were never silent for a week."""
MOST_PAUSES: Final = 8
"""ASSUMED: how many usual (mean) pauses are silence by chance at most; of events at random, once in 3,000 (e^-8)."""


def known_before(snapshot: Snapshot, day: int = NEVER_DAY) -> int:
    """The first day of which no outcome is known, looking from the as-of day: what came on it or later is not seen.

    That is the as-of day, or the day after the last the record reaches, or the day after hospitals may have been silent
    for as long as is usual of them; whichever is first. Where no hospital was heard, the first day of the record;
    0 of an empty one. All are local day numbers. Looked at from a later day it is never earlier.
    """
    record = [file for file in snapshot.manifest.files if file.month]
    if not record:
        return 0
    seen = min(day, int(local_days(np.array([snapshot.known_until]))[0]) + 1)
    heard = _heard(snapshot)
    heard = heard[heard < seen]
    if not heard.size:
        return min(seen, *(file.first_known_day for file in record))
    return min(seen, int(heard[-1]) + _usual_pause(heard) + 1)


def _heard(snapshot: Snapshot) -> NDArray[np.int32]:
    """The local days on which a hospital's message became known, rising."""
    days = [snapshot.standing(bucket, ("stay:*",)).known_day for bucket in range(snapshot.manifest.buckets)]
    return np.unique(np.concatenate(days))


def _usual_pause(heard: NDArray[np.int32]) -> int:
    """For how many days hospitals may be silent: as long as they ever were.

    A time they had stopped before is not what is usual, and much longer than their mean pause.
    """
    if heard.size < 2:
        return LEAST_PAUSE_DAYS
    pauses = np.diff(heard)
    return max(LEAST_PAUSE_DAYS, min(int(pauses.max()), int(MOST_PAUSES * pauses.mean())))
