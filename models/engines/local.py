"""The kernel on one machine: the snapshot's buckets one after another, so memory does not grow with the municipality.

The buckets are independent, so a few run at once; the compiled kernel leaves Python's lock alone.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from models.cohort import DECIDING, SILENT_AFTER_DAYS, Cohort, cohort, in_care
from models.events import Events
from models.features.build import NEEDS_ONLY_EVENTS, build, build_into
from models.features.catalogue import CATALOGUE
from models.features.spec import Aggregate, Catalogue
from models.monitoring import LONGEST_GAP_DAYS
from models.snapshot import Snapshot
from models.truth.acting import acted
from models.truth.label import LabelPolicy, label

Progress = Callable[[float], None]
"""Told the share that is done, from 0 to 1."""
Made = TypeVar("Made")
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows of features, sorted by as-of day and citizen; arrays of n rows, `values` of shape (n, len(names)).

    `district` is an index into `districts`, -1 where there is none; `status` holds `models.cohort.Status`.
    """

    citizen: NDArray[np.int32]
    as_of: NDArray[np.int32]
    status: NDArray[np.int8]
    district: NDArray[np.int32]
    districts: tuple[str, ...]
    values: NDArray[np.float32]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return self.citizen.size

    def rows(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "Matrix":
        """The chosen rows, by mask or by position, in that order."""
        return Matrix(
            self.citizen[chosen],
            self.as_of[chosen],
            self.status[chosen],
            self.district[chosen],
            self.districts,
            self.values[chosen],
            self.names,
        )


def matrix(
    snapshot: Snapshot,
    as_of_days: Sequence[int],
    catalogue: Catalogue = CATALOGUE,
    progress: Progress | None = None,
) -> Matrix:
    """The features of everyone in care on each as-of day, each row as known on its own day."""
    days = sorted(set(as_of_days))
    # Who is in care is told by few events. Knowing the rows beforehand, each bucket writes its numbers where they
    # belong, and there is never a second copy of the matrix.
    places = _places(snapshot, days)
    values = np.empty((sum(place.size for place in places), len(catalogue.names)), dtype=np.float32)

    def work(bucket: int) -> Cohort:
        return _fill(snapshot, days, catalogue, bucket, values, places[bucket])

    who = _gathered(_each_bucket(snapshot, work, progress), places)
    return Matrix(who.citizen, who.as_of, who.status, who.district, who.districts, values, catalogue.names)


def everyone(snapshot: Snapshot, as_of_days: Sequence[int], progress: Progress | None = None) -> Cohort:
    """The rows of `matrix` without any features: who is in care on each as-of day, sorted by day and citizen.

    So one may choose rows before a thousand numbers are made of each.
    """
    days = sorted(set(as_of_days))

    def work(bucket: int) -> Cohort:
        return cohort(_known(snapshot, bucket, days, SILENT_AFTER_DAYS), days)

    return _gathered(_each_bucket(snapshot, work, progress), _places(snapshot, days))


def features(
    snapshot: Snapshot,
    citizen: NDArray[np.int32],
    as_of: NDArray[np.int32],
    catalogue: Catalogue = CATALOGUE,
    progress: Progress | None = None,
) -> NDArray[np.float32]:
    """The features of any rows, in their order, each as known on its own day; float32, shape (n, features)."""
    values = np.empty((citizen.size, len(catalogue.names)), dtype=np.float32)
    days = np.unique(as_of).tolist()

    def work(bucket: int) -> None:
        mine = np.flatnonzero(citizen % snapshot.manifest.buckets == bucket)
        events = _known(snapshot, bucket, days, reach(catalogue))
        build_into(values, mine, events, citizen[mine], as_of[mine], catalogue)

    _each_bucket(snapshot, work, progress)
    return values


def labels(
    snapshot: Snapshot,
    citizen: NDArray[np.int32],
    as_of: NDArray[np.int32],
    policy: LabelPolicy,
    known_before: int,
) -> NDArray[np.int8]:
    """The outcome of each row as known before the day `known_before`: 1, 0, or `truth.label.UNTOLD`; shape (n,)."""
    outcome = np.empty(citizen.size, dtype=np.int8)
    for bucket, rows in snapshot.by_bucket(citizen):
        # Stays and the ends of care stand among the standing facts: no stream file need be read.
        events = snapshot.standing(bucket)
        outcome[rows] = label(events, citizen[rows], as_of[rows], policy, known_before)
    return outcome


def acted_on(
    snapshot: Snapshot, citizen: NDArray[np.int32], as_of: NDArray[np.int32], known_before: int
) -> NDArray[np.bool_]:
    """Whether nurses acted within each row's horizon, as known before the day `known_before`; shape (n,)."""
    told = np.zeros(citizen.size, dtype=np.bool_)
    for bucket, rows in snapshot.by_bucket(citizen):
        told[rows] = acted(snapshot.standing(bucket), citizen[rows], as_of[rows], known_before)
    return told


def reach(catalogue: Catalogue) -> int:
    """How many days before T the events of the stream must be read from.

    Who has long been silent is told by the days before T too, however short the windows are; and how late a measurement
    was by the days before it (`models.monitoring`), so where that is looked at, they are read too.
    """
    late = (part.window.end + LONGEST_GAP_DAYS for part in catalogue.aggregates if _asks_how_late(catalogue, part))
    return max(catalogue.longest, SILENT_AFTER_DAYS, *late)


def _asks_how_late(catalogue: Catalogue, part: Aggregate) -> bool:
    """Whether the aggregate looks at the values of measurements judged beside a plan, not only at how many they are."""
    signal = catalogue.signal(part.signal)
    of_values = part.aggregation not in NEEDS_ONLY_EVENTS or signal.found_only
    return of_values and any(code.startswith("monitored:") for code in signal.codes)


def rows_of(events: Events, days: Sequence[int], catalogue: Catalogue) -> tuple[Cohort, NDArray[np.float32]]:
    """Who of some citizens is in care on each of the days, and their features, shape (len(cohort), features)."""
    who = cohort(events, days)
    return who, build(events, who.citizen, who.as_of, catalogue)


def _places(snapshot: Snapshot, days: Sequence[int]) -> list[NDArray[np.int64]]:
    """Where each bucket's rows lie among those of all, sorted by as-of day and citizen."""
    rows = _each_bucket(snapshot, lambda bucket: in_care(snapshot.standing(bucket, DECIDING), days))
    citizen = np.concatenate([of_bucket for of_bucket, _ in rows])
    as_of = np.concatenate([of_bucket for _, of_bucket in rows])
    place = np.empty(citizen.size, dtype=np.int64)
    place[np.lexsort((citizen, as_of))] = np.arange(citizen.size)
    return np.split(place, np.cumsum([of_bucket.size for of_bucket, _ in rows])[:-1])


def _known(snapshot: Snapshot, bucket: int, days: Sequence[int], back: int) -> Events:
    """The bucket's events that rows of these rising as-of days need, from so many days before the first."""
    return snapshot.read(bucket, from_day=days[0] - back, known_before=days[-1]) if days else Events.of([])


def _fill(
    snapshot: Snapshot,
    days: Sequence[int],
    catalogue: Catalogue,
    bucket: int,
    values: NDArray[np.float32],
    place: NDArray[np.int64],
) -> Cohort:
    """Compute one bucket's rows into their places of `values`; its cohort."""
    events = _known(snapshot, bucket, days, reach(catalogue))
    who = cohort(events, days)
    build_into(values, place, events, who.citizen, who.as_of, catalogue)
    return who


def _each_bucket(snapshot: Snapshot, work: Callable[[int], Made], progress: Progress | None = None) -> list[Made]:
    """`work` for every bucket, in order, a few at once."""
    done: list[Made] = []
    with ThreadPoolExecutor(WORKERS) as pool:
        for result in pool.map(work, range(snapshot.manifest.buckets)):
            done.append(result)
            if progress:
                progress(len(done) / snapshot.manifest.buckets)
    return done


def _gathered(parts: Sequence[Cohort], places: Sequence[NDArray[np.int64]]) -> Cohort:
    """The buckets' cohorts as one."""
    districts = tuple(sorted({district for who in parts for district in who.districts}))
    order = np.argsort(np.concatenate(places))
    return Cohort(
        citizen=np.concatenate([who.citizen for who in parts])[order],
        as_of=np.concatenate([who.as_of for who in parts])[order],
        status=np.concatenate([who.status for who in parts])[order],
        district=np.concatenate([_renumbered(who, districts) for who in parts])[order],
        districts=districts,
    )


def _renumbered(who: Cohort, districts: Sequence[str]) -> NDArray[np.int32]:
    """District indexes of one bucket's own list as indexes into the whole list."""
    lookup = np.array([districts.index(name) for name in who.districts] + [-1], dtype=np.int32)
    return lookup[who.district]
