"""Whether a feed has stopped: a table, or a district's visits, from which nothing came for longer than is usual for it.

A list made of what stopped coming last week ranks by what was true last week, and looks as it always does. So a stale
feed stops the list until somebody says that it be made all the same.

What is judged is data: `WATCHED`. A feed is judged by its own rhythm, so that a weekly feed is not stale after a
public holiday, and only when enough came of it to have one, so that nothing that never delivered, or is tiny, is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.errors import StaleFeed
from models.snapshot import Snapshot
from models.windows import day_number, day_of
from service.quality.arrivals import (
    NOTES,
    NOTIFICATIONS,
    OBSERVATIONS,
    TABLES,
    VISITS,
    Arrivals,
    arrivals,
    last_known_day,
)
from service.storage.quality import Acceptance

RHYTHM_DAYS: Final = 56
"""How far back from the last day anything came a feed's rhythm is looked for, and after how long of silence beside
other feeds it is taken as given up."""
LEAST_ROWS: Final = 200
"""Fewer rows than this in `RHYTHM_DAYS` have no rhythm: some three a day come at random."""
GRACE_DAYS: Final = 3
"""How much longer than usual a feed may be silent: a weekend, or the days around a public holiday."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A feed that is judged: one table of the whole municipality, or of each district by itself."""

    table: int
    by_district: bool = False


WATCHED: Final = (
    Watched(VISITS),
    # A district's own care provider may be the one whose deliveries stopped.
    Watched(VISITS, by_district=True),
    Watched(OBSERVATIONS),
    Watched(NOTES),
    Watched(NOTIFICATIONS),
)


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as known on an as-of date: when it was last seen, for how long it is silent, and how long it may be.

    `district` is empty for the whole municipality. Days are whole local days: one that came the day before the as-of
    date is silent for one.
    """

    table: str
    district: str
    last_seen: date
    silent_days: int
    allowed_days: int

    @property
    def is_stale(self) -> bool:
        """Whether it is silent for longer than it may be."""
        return self.silent_days > self.allowed_days

    def __str__(self) -> str:
        where = f" of {self.district}" if self.district else ""
        return f"{self.table}{where}: last seen {self.last_seen}, silent for {self.silent_days} days"


def feeds(snapshot: Snapshot, as_of: date) -> tuple[Feed, ...]:
    """Every feed with a rhythm, as known before the as-of date."""
    day = day_number(as_of)
    last = last_known_day(snapshot, day)
    if last is None:
        return ()
    return judged(arrivals(snapshot, day, last - RHYTHM_DAYS + 1), day)


def judged(came: Arrivals, as_of: int) -> tuple[Feed, ...]:
    """The feeds of what came in the `RHYTHM_DAYS` up to the last day anything did."""
    return tuple(feed for watched in WATCHED for feed in _of(watched, came, as_of))


def require_fresh(snapshot: Snapshot, as_of: date) -> None:
    """Raise `StaleFeed` when a feed has stopped."""
    stale = [feed for feed in feeds(snapshot, as_of) if feed.is_stale]
    whole = {feed.table for feed in stale if not feed.district}
    told = [str(feed) for feed in stale if not feed.district or feed.table not in whole]
    if told:
        raise StaleFeed(as_of, told)


@dataclass(frozen=True, slots=True)
class Word:
    """Somebody's word that a list be made although a feed is stale, for the record."""

    reason: str
    by: str


def fresh_or_accepted(snapshot: Snapshot, as_of: date, word: Word | None, now: datetime) -> Acceptance | None:
    """None when every feed is fresh, else what is to be kept with the list; raises `StaleFeed` without a word."""
    try:
        require_fresh(snapshot, as_of)
    except StaleFeed as stale:
        if word is None:
            raise
        return Acceptance(stale.feeds, word.reason, word.by, now)
    return None


def _of(watched: Watched, came: Arrivals, as_of: int) -> Iterator[Feed]:
    of_table = came.table == watched.table
    places: Sequence[int | None] = range(len(came.districts)) if watched.by_district else (None,)
    for place in places:
        days = came.known_day[of_table if place is None else of_table & (came.district == place)]
        if days.size < LEAST_ROWS:
            continue
        last = int(days.max())
        district = "" if place is None else came.districts[place]
        yield Feed(TABLES[watched.table], district, day_of(last), as_of - last, _usual_gap(days) + GRACE_DAYS)


def _usual_gap(days: NDArray[np.int32]) -> int:
    """The second longest time between two days on which something came: one holiday does not change what is usual."""
    gaps = np.sort(np.diff(np.unique(days)))
    return int(gaps[-2]) if gaps.size > 1 else RHYTHM_DAYS
