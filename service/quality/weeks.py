"""How the data of a week was: how much came, how late, how often twice, who fell silent, and which feed has stopped.

For an as-of date, as known before it, from the snapshot and the reports of loads. Counts and shares only: no citizen is
named, and a district's number is told whoever asks for the municipality's.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.cohort import Status, cohort, latest_name
from models.snapshot import Snapshot
from models.windows import day_number, day_of, midnight
from service.quality.arrivals import NOTIFICATIONS, TABLES, Arrivals, arrivals, repeated_shares
from service.quality.feeds import Feed, feeds
from service.storage import loads
from service.storage.database import Database

WEEK_DAYS: Final = 7
PAST_WEEKS: Final = 8
"""The same weekdays of so many weeks before are what is usual."""


@dataclass(frozen=True, slots=True)
class DayCount:
    """Rows that became known on a day, and the median of the same weekdays before; None with no past to compare."""

    day: date
    rows: int
    usual: float | None


@dataclass(frozen=True, slots=True)
class Volume:
    """Rows of a table and district in the week; shares are of the week's rows, None without any.

    `late` became known more than 24 hours after they happened, `ahead` before they happened (a clock is wrong, or they
    are plans). Notifications are told for the whole municipality.
    """

    table: str
    district: str
    rows: int
    usual: float | None
    late_share: float | None
    ahead_share: float | None
    days: tuple[DayCount, ...]


@dataclass(frozen=True, slots=True)
class Silence:
    """Citizens in care in a district, and those of whom nothing was written for 14 days."""

    district: str
    in_care: int
    silent: int


@dataclass(frozen=True, slots=True)
class LoadQuality:
    """One table of a load: shares of the rows read. `repeated` were there already; `skewed` happened after written."""

    load: int
    received_at: datetime
    table: str
    read: int
    late_share: float
    repeated_share: float
    skewed_share: float
    set_aside_share: float


@dataclass(frozen=True, slots=True)
class Quality:
    """The quality of the week before an as-of date, `[as_of - 7 days, as_of)`."""

    as_of: date
    week_first_day: date
    volumes: tuple[Volume, ...]
    repeated_share: Mapping[str, float]
    """By table, the share that says what another row of the week says too, under another id."""
    silence: tuple[Silence, ...]
    feeds: tuple[Feed, ...]
    loads: tuple[LoadQuality, ...]


def quality(database: Database, snapshot: Snapshot, as_of: date) -> Quality:
    """The quality of the week before the as-of date, as known before it."""
    day = day_number(as_of)
    came = arrivals(snapshot, day, day - WEEK_DAYS * (PAST_WEEKS + 1))
    return Quality(
        as_of=as_of,
        week_first_day=day_of(day - WEEK_DAYS),
        volumes=tuple(_volumes(came, day)),
        repeated_share=repeated_shares(snapshot, day, day - WEEK_DAYS),
        silence=_silence(snapshot, day),
        feeds=feeds(snapshot, as_of),
        loads=_loads(database, as_of),
    )


def as_json(found: Quality) -> Mapping[str, Any]:
    """The quality as `--format json` and the API tell it."""
    told = asdict(found)
    told["feeds"] = [asdict(feed) | {"stale": feed.is_stale} for feed in found.feeds]
    told["stale"] = [str(feed) for feed in found.feeds if feed.is_stale]
    return json.loads(json.dumps(told, default=lambda value: value.isoformat()))


def _volumes(came: Arrivals, day: int) -> Iterator[Volume]:
    for table, name in enumerate(TABLES):
        of_table = came.table == table
        if table == NOTIFICATIONS:
            yield _volume(came, name, "", of_table, day)
            continue
        for place, district in enumerate(came.districts):
            yield _volume(came, name, district, of_table & (came.district == place), day)


def _volume(came: Arrivals, table: str, district: str, chosen: NDArray[np.bool_], day: int) -> Volume:
    first = day - WEEK_DAYS * (PAST_WEEKS + 1)
    by_day = np.bincount(came.known_day[chosen] - first, minlength=WEEK_DAYS * (PAST_WEEKS + 1))
    weeks = by_day.reshape(PAST_WEEKS + 1, WEEK_DAYS)
    # A past that is only partly there is no measure: weeks before the first row are not weeks with none.
    past = weeks[:-1][np.cumsum(weeks[:-1].sum(axis=1)) > 0]
    usual = np.median(past, axis=0) if len(past) else None
    this_week = chosen & (came.known_day >= day - WEEK_DAYS)
    return Volume(
        table=table,
        district=district,
        rows=int(weeks[-1].sum()),
        usual=None if usual is None else float(usual.sum()),
        late_share=_share(came.late[this_week]),
        ahead_share=_share(came.ahead[this_week]),
        days=tuple(
            DayCount(day_of(day - WEEK_DAYS + at), int(rows), None if usual is None else float(usual[at]))
            for at, rows in enumerate(weeks[-1])
        ),
    )


def _share(flags: NDArray[np.bool_]) -> float | None:
    return round(float(flags.mean()), 4) if flags.size else None


def _silence(snapshot: Snapshot, day: int) -> tuple[Silence, ...]:
    in_care: dict[str, int] = {}
    silent: dict[str, int] = {}
    for bucket in range(snapshot.manifest.buckets):
        # What was written in the last two weeks, and all that stands, is all a status asks for.
        events = snapshot.read(bucket, from_day=day - 2 * WEEK_DAYS, known_before=day)
        rows = cohort(events, [day])
        names = latest_name(events, rows.citizen, day, "district:")
        for name, status in zip(names, rows.status.tolist(), strict=True):
            in_care[name] = in_care.get(name, 0) + 1
            silent[name] = silent.get(name, 0) + (status == Status.NO_DATA)
    return tuple(Silence(name, in_care[name], silent[name]) for name in sorted(in_care))


def _loads(database: Database, as_of: date) -> tuple[LoadQuality, ...]:
    """The loads received in the week; nothing was received before a past date by a load of today."""
    with database.read() as session:
        latest = loads.latest(session, limit=200)
    since, before = midnight(as_of - timedelta(days=WEEK_DAYS)), midnight(as_of)
    within = [load for load in latest if since <= load.received_at < before and load.report]
    return tuple(one for load in within for one in _tables_of(load))


def _tables_of(load: loads.LoadRecord) -> Iterator[LoadQuality]:
    received_at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=load.received_at)
    for name, table in json.loads(load.report or "{}").get("tables", {}).items():
        read = max(table["read"], 1)
        yield LoadQuality(
            load=load.load_id,
            received_at=received_at,
            table=name,
            read=table["read"],
            late_share=round(table["late"] / read, 4),
            repeated_share=round(table["unchanged"] / read, 4),
            skewed_share=round(table.get("skewed", 0) / read, 4),
            set_aside_share=round(sum(table["set_aside"].values()) / read, 4),
        )
