"""What came in, day by day, from a snapshot: one row of the stream a row, with its table, its district and its times.

Counts are made of it (`service.quality.weeks`), and it tells whether a feed has stopped (`service.quality.feeds`). Only
what was known before the as-of date is looked at, so a past date is judged by what was known then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.cohort import latest_name
from models.events import Events, instants
from models.snapshot import FileEntry, Snapshot
from models.windows import NEVER, day_of, local_days

TABLES: Final = ("visits", "observations", "notes", "hospital_notifications")
"""The tables that are looked at: those of what happens day by day, and what hospitals send."""
VISITS, OBSERVATIONS, NOTES, NOTIFICATIONS = range(4)

_COLUMNS: Final = ("citizen", "known_from", "occurred_at", "code", "sequence")
_STANDING: Final = ("district:*", "stay:start", "stay:end")
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
        last = local_days(np.array([file.last_known_at for file in _known(snapshot, as_of) if file.month == month]))
        if last.max() < as_of:
            return int(last.max())
        # The date lies within the month: what became known later in it is not to be looked at.
        days = local_days(instants(_read(snapshot, month, month, as_of, ("known_from",))["known_from"]))
        if (days < as_of).any():
            return int(days[days < as_of].max())
    return None


def arrivals(snapshot: Snapshot, as_of: int, since: int) -> Arrivals:
    """What became known on the days from `since` up to, not including, the as-of day; both day numbers."""
    first, last = (f"{day_of(day):%Y-%m}" for day in (since, as_of - 1))
    stream = _read(snapshot, first, last, as_of, _COLUMNS)
    known_from, occurred_at = instants(stream["known_from"]), instants(stream["occurred_at"])
    known_day = local_days(known_from)
    table, begins = _rows(stream)
    kept = begins & (known_day >= since) & (known_day < as_of)
    everyone = snapshot.leaving_out(())  # as is the stream: what is told of is feeds, and nobody
    standing = [everyone.standing(bucket, _STANDING) for bucket in range(snapshot.manifest.buckets)]
    names, district = _districts(standing, stream["citizen"].to_numpy()[kept], as_of)
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


def repeated_shares(snapshot: Snapshot, as_of: int, since: int) -> Mapping[str, float]:
    """By table, the share of what became known on these days that says what another row of then says too.

    The same of the same citizen at the same time, under another id, and both standing: a sender that sends twice.
    """
    first, last = (f"{day_of(day):%Y-%m}" for day in (since, as_of - 1))
    stream = _read(snapshot, first, last, as_of, (*_COLUMNS, "superseded_at", "value"))
    known_day = local_days(instants(stream["known_from"]))
    stands = instants(stream["superseded_at"]) == NEVER
    kept = pa.array((known_day >= since) & (known_day < as_of) & stands)
    told = stream.append_column("table", pa.array(_rows(stream)[0])).filter(kept)
    said = told.group_by(["table", "citizen", "occurred_at", "code", "value"]).aggregate([("sequence", "count")])
    table, rows = said["table"].to_numpy(), said["sequence_count"].to_numpy()
    every = np.bincount(table, weights=rows, minlength=len(TABLES))
    again = np.bincount(table, weights=rows - 1, minlength=len(TABLES))
    return {name: round(float(again[at] / every[at]), 4) for at, name in enumerate(TABLES) if every[at]}


def _known(snapshot: Snapshot, as_of: int) -> list[FileEntry]:
    return [file for file in snapshot.files(known_before=as_of) if file.month]


def _read(snapshot: Snapshot, first: str, last: str, as_of: int, columns: Sequence[str]) -> pa.Table:
    """Some columns of the stream of some months, both included: whole files would take several times as long."""
    files = [file for file in _known(snapshot, as_of) if first <= file.month <= last]
    empty = pa.schema([(name, _TYPES[name]) for name in columns]).empty_table()
    parts = [snapshot.opened(file).read(list(columns)) for file in files]
    return pa.concat_tables([empty, *(part.cast(empty.schema) for part in parts)]).unify_dictionaries()


_TYPES: Final = {
    "superseded_at": pa.timestamp("us", tz="UTC"),
    "value": pa.float32(),
    "citizen": pa.int32(),
    "known_from": pa.timestamp("us", tz="UTC"),
    "occurred_at": pa.timestamp("us", tz="UTC"),
    "code": pa.dictionary(pa.int32(), pa.string()),
    "sequence": pa.int64(),
}


def _rows(stream: pa.Table) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """For each event the table of its row, and whether it is the row's first; both shape (n,).

    A row may become several events, which the snapshot's files hold beside one another. What a note says has the codes
    of observations, and is known by the note's own event among them.
    """
    sequence = stream["sequence"].to_numpy()
    begins = np.diff(sequence, prepend=-1) != 0
    codes = stream["code"].combine_chunks()
    of_code = np.array([_table(name) for name in codes.dictionary.to_pylist()], dtype=np.int8)
    table = of_code[codes.indices.to_numpy()] if sequence.size else np.empty(0, np.int8)
    row = np.cumsum(begins) - 1
    has_note = np.zeros(int(begins.sum()), dtype=np.bool_)
    has_note[row[table == NOTES]] = True
    return np.where(has_note[row], NOTES, table).astype(np.int8), begins


def _table(code: str) -> int:
    if code.startswith("visit:"):
        return VISITS
    return NOTES if code.startswith("note:") else OBSERVATIONS


def _districts(
    standing: Sequence[Events], citizen: NDArray[np.int32], as_of: int
) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """The names of districts, and for each row the place of its citizen's, shape (n,), -1 for none."""
    of_citizen: dict[int, str] = {}
    for events in standing:
        who = np.unique(events.with_codes(("district:*",)).citizen)
        of_citizen |= dict(zip(who.tolist(), latest_name(events, who, as_of, "district:"), strict=True))
    names = tuple(sorted(set(of_citizen.values()) - {""}))
    at = {district: number for number, district in enumerate(names)}
    # Keys are handed out from 1 on, so an array finds them faster than a search.
    number = np.full(max([*of_citizen, int(citizen.max(initial=0))]) + 1, -1, dtype=np.int32)
    number[list(of_citizen)] = [at.get(district, -1) for district in of_citizen.values()]
    return names, number[citizen]


def _stay_days(standing: Events, since: int, as_of: int) -> NDArray[np.int32]:
    """The days on which something of a stay became known."""
    known = standing.with_codes(("stay:start", "stay:end")).known_day
    return known[(known >= since) & (known < as_of)]
