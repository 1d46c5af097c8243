"""What came in, day by day, from a snapshot: one row of the stream a row, with its table, its district and its times.

Counts are made of it (`service.quality`), and it tells whether a feed has stopped (`service.quality_feeds`). Only what
was known before the as-of date is looked at, so a past date is judged by what was known then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from models.cohort import latest_name
from models.errors import SnapshotRefused
from models.events import Events, instants
from models.snapshot import FileEntry, Snapshot
from models.windows import day_of, local_days

TABLES: Final = ("visits", "observations", "notes", "hospital_notifications")
"""The tables that are looked at: those of what happens day by day, and what hospitals send."""
VISITS, OBSERVATIONS, NOTES, NOTIFICATIONS = range(4)

_COLUMNS: Final = ("citizen", "known_from", "occurred_at", "code", "sequence")
_DAY_US: Final = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Rows that became known before the as-of day, as far back as asked; all arrays have shape (n,).

    `table` is an index into `TABLES`, `district` one into `districts` (the citizen's as known on the as-of day; -1
    where there is none), `known_day` a local day number. `late` is known more than 24 hours after it happened, `ahead`
    known before it happened.
    """

    table: NDArray[np.int8]
    district: NDArray[np.int32]
    known_day: NDArray[np.int32]
    late: NDArray[np.bool_]
    ahead: NDArray[np.bool_]
    districts: tuple[str, ...]

    def __len__(self) -> int:
        return self.table.size


def last_known_day(snapshot: Snapshot, as_of: int) -> int | None:
    """The last local day before the as-of day on which anything of the stream became known; None when nothing did."""
    months = sorted({file.month for file in _known(snapshot, as_of)}, reverse=True)
    for month in months:
        days = local_days(instants(_read(snapshot, month, month, as_of, ("known_from",))["known_from"]))
        before = days[days < as_of]
        if before.size:
            return int(before.max())
    return None


def arrivals(snapshot: Snapshot, as_of: int, since: int) -> Arrivals:
    """What became known on the days from `since` up to, not including, the as-of day; both day numbers."""
    first, last = (f"{day_of(day):%Y-%m}" for day in (since, as_of - 1))
    stream = _read(snapshot, first, last, as_of, _COLUMNS)
    known_from, occurred_at = instants(stream["known_from"]), instants(stream["occurred_at"])
    known_day = local_days(known_from)
    sequence, citizen = stream["sequence"].to_numpy(), stream["citizen"].to_numpy()
    table = _tables(stream, sequence)
    kept = (known_day >= since) & (known_day < as_of) & _first_of_row(sequence)
    standing = [snapshot.standing(bucket) for bucket in range(snapshot.manifest.buckets)]
    names, district = _districts(standing, citizen[kept], as_of)
    stays = np.concatenate([_stay_days(events, since, as_of) for events in standing])
    nowhere, plain = np.full(stays.size, -1, np.int32), np.zeros(stays.size, np.bool_)
    late = known_from[kept] - occurred_at[kept] > _DAY_US
    return Arrivals(
        table=np.concatenate([table[kept], np.full(stays.size, NOTIFICATIONS, np.int8)]),
        district=np.concatenate([district, nowhere]),
        known_day=np.concatenate([known_day[kept], stays]),
        late=np.concatenate([late, plain]),
        ahead=np.concatenate([known_from[kept] < occurred_at[kept], plain]),
        districts=names,
    )


def _known(snapshot: Snapshot, as_of: int) -> list[FileEntry]:
    return [file for file in snapshot.manifest.files if file.month and file.first_known_day < as_of]


def _read(snapshot: Snapshot, first: str, last: str, as_of: int, columns: Sequence[str]) -> pa.Table:
    """Some columns of the stream of some months, both included; only those, since whole files take several times as long."""
    files = [file for file in _known(snapshot, as_of) if first <= file.month <= last]
    empty = pa.schema([(name, _TYPES[name]) for name in columns]).empty_table()
    try:
        parts = [
            pq.read_table(
                snapshot.folder / file.path, columns=list(columns), read_dictionary=["code"], partitioning=None
            )
            for file in files
        ]
    except (OSError, pa.ArrowInvalid) as error:
        raise SnapshotRefused("A file of the snapshot cannot be read.", "Run `omhu snapshot --rebuild`.") from error
    return pa.concat_tables([empty, *(part.cast(empty.schema) for part in parts)]).unify_dictionaries()


_TYPES: Final = {
    "citizen": pa.int32(),
    "known_from": pa.timestamp("us", tz="UTC"),
    "occurred_at": pa.timestamp("us", tz="UTC"),
    "code": pa.dictionary(pa.int32(), pa.string()),
    "sequence": pa.int64(),
}


def _tables(stream: pa.Table, sequence: NDArray[np.int64]) -> NDArray[np.int8]:
    """The table of each event, shape (n,): what a note says has the codes of observations, and the note's sequence."""
    codes = stream["code"].combine_chunks()
    names = codes.dictionary.to_pylist() if len(codes) else []
    of_code = np.array([_table(name) for name in names] or [OBSERVATIONS], dtype=np.int8)
    table = of_code[codes.indices.to_numpy()] if names else np.empty(0, np.int8)
    table[np.isin(sequence, sequence[table == NOTES])] = NOTES
    return table


def _table(code: str) -> int:
    if code.startswith("visit:"):
        return VISITS
    return NOTES if code.startswith("note:") else OBSERVATIONS


def _first_of_row(sequence: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which events, shape (n,), are the first of their row: a row may become several."""
    first = np.zeros(sequence.size, dtype=np.bool_)
    first[np.unique(sequence, return_index=True)[1]] = True
    return first


def _districts(
    standing: Sequence[Events], citizen: NDArray[np.int32], as_of: int
) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """The names of districts, and for each row the place of its citizen's, shape (n,), -1 for none."""
    who, place = np.unique(citizen, return_inverse=True)
    name = np.full(who.size, "", dtype=object)
    for bucket, events in enumerate(standing):
        chosen = np.flatnonzero(who % len(standing) == bucket)
        name[chosen] = latest_name(events, who[chosen], as_of, "district:")
    names = tuple(sorted(set(name.tolist()) - {""}))
    at = {district: number for number, district in enumerate(names)}
    number = np.array([at.get(district, -1) for district in name.tolist()], dtype=np.int32)
    return names, number[place] if who.size else np.empty(0, np.int32)


def _stay_days(standing: Events, since: int, as_of: int) -> NDArray[np.int32]:
    """The days on which something of a stay became known."""
    known = standing.with_codes(("stay:start", "stay:end")).known_day
    return known[(known >= since) & (known < as_of)]
