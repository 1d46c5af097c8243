"""The weekly list: everyone in care scored, ranked by district, cut by capacity, and the shown ones explained.

A list is made once for an as-of date and a model; asked for again it is fetched, and says the same.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from models.cohort import DECIDING, in_care, latest_name
from models.cohort import Status as CohortStatus
from models.engines.choice import MatrixOf
from models.engines.local import Matrix, matrix
from models.errors import RequestWrong
from models.features.catalogue import CATALOGUE
from models.snapshot import Snapshot
from models.windows import day_number, day_of, instant, midnight
from service.clock import danish_date
from service.legal import Purpose, list_purpose
from service.quality.feeds import Word, fresh_or_accepted
from service.registry import LoadedModel
from service.storage import capacities as stored_capacities
from service.storage import legal as stored_legal
from service.storage import lists as stored_lists
from service.storage import objections as stored_objections
from service.storage import quality as stored_quality
from service.storage.database import Database, ReadSession
from service.storage.notes import notes_as_known
from service.storage.times import moment
from service.weekly import lists
from service.weekly.bands import band_of
from service.weekly.explanations import Evidence, explain
from service.weekly.lists import Entry, ListHead, Status, WeeklyList

Progress = Callable[[str], None]
QUOTED_DAYS = 30
"""How far back a note may be quoted: an older one explains nothing about this week."""
DISCHARGED_DAYS = 30
_STATUS = {
    CohortStatus.RANKED: Status.RANKED,
    CohortStatus.IN_HOSPITAL: Status.IN_HOSPITAL,
    CohortStatus.TERMINAL: Status.TERMINAL,
    CohortStatus.NO_DATA: Status.NO_DATA,
}


@dataclass(frozen=True, slots=True)
class Made:
    """A list in the store; `is_new` when it was made now."""

    head: ListHead
    is_new: bool


def find_or_make(
    database: Database,
    snapshot: Snapshot,
    loaded: LoadedModel,
    as_of: date,
    now: datetime,
    progress: Progress,
    engine: MatrixOf = matrix,
    accept_stale: Word | None = None,
) -> Made:
    """The list of the date by this model: the stored one, or a new one made from the snapshot and stored.

    What the legal switch allows today decides whether it is a silent one; raises `NoLegalBasis` when it allows neither.
    Raises `StaleFeed` when data stopped coming, unless somebody's word accepts that: it is logged and kept.
    """
    with database.read() as session:
        silent = list_purpose(stored_legal.entries(session), danish_date(now)) is Purpose.SILENT
        found = stored_lists.find_list(session, as_of, model_version=loaded.version, silent=silent)
    if found:
        return Made(found, is_new=False)
    begun = midnight(as_of) <= instant(now)  # otherwise it is refused for that
    acceptance = fresh_or_accepted(snapshot, as_of, accept_stale, now) if begun else None
    weekly = replace(make(database, snapshot, loaded, as_of, now, progress, engine), silent=silent)
    with database.write() as session:
        if acceptance:
            stored_quality.log(session, acceptance, as_of)
        before = stored_lists.latest_list(session, as_of - timedelta(days=1), silent=silent)
        standings = stored_lists.standings(session, before.number) if before else {}
        number = stored_lists.store_list(session, replace(weekly, entries=lists.compared(weekly.entries, standings)))
        if acceptance:
            stored_quality.accept(session, number, acceptance)
        head = stored_lists.find_list(session, as_of, model_version=loaded.version, silent=silent)
    if head is None:
        raise LookupError("the list that was stored is not there")
    return Made(head, is_new=True)


def make(
    database: Database,
    snapshot: Snapshot,
    loaded: LoadedModel,
    as_of: date,
    now: datetime,
    progress: Progress,
    engine: MatrixOf = matrix,
) -> WeeklyList:
    """The list as plain data, stored nowhere yet.

    Raises `RequestWrong` for a date that has not begun, and for one on which nobody is in care.
    """
    if midnight(as_of) > instant(now):
        raise RequestWrong(
            f"{as_of} has not begun: what its list is to know is still being written.", "Give today, or a date before."
        )
    day = day_number(as_of)
    progress("reading what was known")
    with database.read() as session:
        objecting = _objecting(session, max(as_of, danish_date(now)))
        capacities = stored_capacities.capacities(session)
    whole, snapshot = snapshot, snapshot.leaving_out(objecting)
    rows = engine(snapshot, [day])
    if not len(rows):
        # A list never changes once stored: an empty one would stand in the way of the data that was missing.
        raise RequestWrong(
            f"Nobody is in home care on {as_of}, as far as the snapshot knows.",
            "Check the date, and that `omhu load` and `omhu snapshot` have run.",
        )
    progress("scoring")
    probability = loaded.model.score(rows.values)
    places = _places(rows, probability, capacities)
    progress("explaining")
    entries = _entries(rows, probability, places, _teams(snapshot, rows, day))
    return WeeklyList(
        as_of=as_of,
        made_at=now,
        model_version=loaded.version,
        snapshot_hash=snapshot.hash,
        data_until=moment(min(snapshot.known_until, midnight(as_of))),
        silent=False,
        entries=(*_explained(database, snapshot, loaded, rows, entries, day), *_apart(whole, objecting, day)),
        hindsight=as_of < loaded.manifest.unseen_from,
    )


def _objecting(session: ReadSession, until: date) -> frozenset[int]:
    """The keys of all who object from a day up to `until` on, as is known now: with them ends the computing itself."""
    standing = stored_objections.objecting(session)
    return frozenset(citizen for citizen, starts_on in standing.items() if starts_on <= until)


def _apart(snapshot: Snapshot, objecting: frozenset[int], day: int) -> Iterator[Entry]:
    """Entries of those in care who object: counted in their district, with nothing computed of them."""
    everyone = snapshot.leaving_out(())
    for bucket in sorted({citizen % snapshot.manifest.buckets for citizen in objecting}):
        facts = everyone.standing(bucket, DECIDING)
        citizens = np.intersect1d(in_care(facts, [day])[0], sorted(objecting)).astype(np.int32)
        districts = latest_name(facts, citizens, day, "district:")
        for citizen, district in zip(citizens.tolist(), districts, strict=True):
            yield Entry(citizen, district, "", Status.OBJECTED)


@dataclass(frozen=True, slots=True)
class _Places:
    """Ranks from 1, shape (n,), 0 where not ranked; `shown` where the district's capacity reaches."""

    overall: NDArray[np.int64]
    in_district: NDArray[np.int64]
    shown: NDArray[np.bool_]


def _places(rows: Matrix, probability: NDArray[np.float64], capacities: Mapping[str, int]) -> _Places:
    ranked = rows.status == CohortStatus.RANKED
    # Equal probabilities are put in an order that says nothing of the citizen and is the same on every run.
    order = np.lexsort((rows.citizen, -probability, ~ranked))[: int(ranked.sum())]
    overall = np.zeros(len(rows), dtype=np.int64)
    overall[order] = np.arange(1, order.size + 1)
    in_district = np.zeros(len(rows), dtype=np.int64)
    for district in np.unique(rows.district):
        of_district = order[rows.district[order] == district]
        in_district[of_district] = np.arange(1, of_district.size + 1)
    capacity = np.array([_capacity(rows, int(place), capacities) for place in rows.district], dtype=np.int64)
    return _Places(overall, in_district, ranked & (in_district <= capacity))


def _capacity(rows: Matrix, place: int, capacities: Mapping[str, int]) -> int:
    return capacities.get(_district(rows, place), stored_capacities.DEFAULT_CAPACITY)


def _district(rows: Matrix, place: int) -> str:
    return rows.districts[place] if place >= 0 else ""


def _teams(snapshot: Snapshot, rows: Matrix, day: int) -> Sequence[str]:
    teams = [""] * len(rows)
    for bucket, chosen in snapshot.by_bucket(rows.citizen):
        names = latest_name(snapshot.standing(bucket, ("team:*",)), rows.citizen[chosen], day, "team:")
        for at, name in zip(chosen, names, strict=True):
            teams[at] = name
    return teams


def _entries(
    rows: Matrix, probability: NDArray[np.float64], places: _Places, teams: Sequence[str]
) -> tuple[Entry, ...]:
    since_discharge = rows.values[:, CATALOGUE.column("discharge.since.ever")]
    minutes = rows.values[:, CATALOGUE.column("minutes.sum.30d")] * (7 / 30)
    return tuple(
        Entry(
            citizen=int(rows.citizen[at]),
            district=_district(rows, int(rows.district[at])),
            team=teams[at],
            status=_STATUS[CohortStatus(int(rows.status[at]))],
            rank=int(places.in_district[at]) or None,
            overall_rank=int(places.overall[at]) or None,
            probability=float(probability[at]) if places.overall[at] else None,
            band=band_of(float(probability[at])) if places.overall[at] else None,
            shown=bool(places.shown[at]),
            discharged_on=_discharged_on(int(rows.as_of[at]), float(since_discharge[at])),
            weekly_minutes=float(minutes[at]),
        )
        for at in range(len(rows))
    )


def _discharged_on(day: int, since: float) -> date | None:
    return day_of(day - int(since)) if since <= DISCHARGED_DAYS else None


def _explained(
    database: Database,
    snapshot: Snapshot,
    loaded: LoadedModel,
    rows: Matrix,
    entries: Sequence[Entry],
    day: int,
) -> tuple[Entry, ...]:
    """The entries, the shown ones with their reasons; nobody reads the others', and they are dear to compute."""
    shown = np.array([entry.shown for entry in entries], dtype=np.bool_)
    chosen = rows.rows(shown)
    contributions = loaded.model.contributions(chosen.values)
    with database.read() as session:
        since, before = midnight(day_of(day - QUOTED_DAYS)), midnight(day_of(day))
        notes = notes_as_known(session, chosen.citizen.tolist(), since, before)
    evidence = Evidence(CATALOGUE, notes, snapshot, day, loaded.model.log_odds)
    told = iter(explain(chosen, contributions, evidence))
    return tuple(
        replace(entry, reasons=explained[0], against=explained[1])
        if entry.shown and (explained := next(told))
        else entry
        for entry in entries
    )
