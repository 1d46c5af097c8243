"""Who is on the list of a date: everyone whose home care is in force, and why some of them are not ranked.

Home care is in force on T when `care_start <= T < care_end`; a date nobody wrote down beforehand is known on its day,
so not yet at 00:00. Nobody is dropped silently: who is in care but cannot be scored is kept with the reason. What a
nurse did because of a list decides nothing here, or a list would make its own rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.events import Events, matching
from models.truth import episodes
from models.windows import NEVER, NEVER_DAY

SILENT_AFTER_DAYS = 14
"""Nothing written for so long is not low risk, it is no knowledge (field 8, point 18)."""
OPEN_STAY_DAYS = 60
"""A stay no message has ended for so long is taken as over: a lost discharge must not hide a citizen for good."""
OPEN_EMERGENCY_DAYS = 2
"""The same of a visit to the emergency ward that no admission followed; such a visit takes hours (assumption)."""
Number = TypeVar("Number", np.int32, np.int64, np.float32)

DECIDING = ("citizen:*", "district:*", "stay:*")
"""Codes that decide who is in care, where, and in hospital; `in_care` looks at no other."""
NOT_WRITING = (
    "visit:planned",
    "citizen:*",
    "district:*",
    "team:*",
    "sex:*",
    "granted*",
    "monitoring*",
    "stay:*",
    "review:*",
)
"""Codes that stand in the record without anybody having seen the citizen that day. The others cannot be named: what is
observed may have any code.
"""


class Status(IntEnum):
    """Whether a citizen in care is ranked on a date, or why not."""

    RANKED = 0
    IN_HOSPITAL = 1
    TERMINAL = 2
    NO_DATA = 3


class Absence(IntEnum):
    """Why a citizen is not in care on a date."""

    UNKNOWN = 0
    NOT_BEGUN = 1
    ENDED = 2
    DEAD = 3


@dataclass(frozen=True, slots=True)
class Cohort:
    """Citizens in care on as-of dates, sorted by as-of day and citizen; all arrays have shape (n,).

    `district` is an index into `districts`, -1 where the citizen has none; `as_of` are day numbers.
    """

    citizen: NDArray[np.int32]
    as_of: NDArray[np.int32]
    status: NDArray[np.int8]
    district: NDArray[np.int32]
    districts: tuple[str, ...]

    def __len__(self) -> int:
        return self.citizen.size


def cohort(events: Events, as_of_days: Sequence[int]) -> Cohort:
    """The citizens of `events` that are in care on each as-of day, with their status, as known on that day."""
    facts = _Facts.of(events)
    citizen, as_of = _in_care(facts, as_of_days)
    order = np.lexsort((citizen, as_of))
    return Cohort(
        citizen=citizen[order],
        as_of=as_of[order],
        status=_status(facts, events, citizen, as_of)[order],
        district=_district(facts, citizen, as_of)[order],
        districts=facts.districts,
    )


@dataclass(frozen=True, slots=True)
class _Facts:
    """The few events that decide, by what they decide."""

    care_start: Events
    care_end: Events
    death: Events
    terminal: Events
    district: Events
    districts: tuple[str, ...]
    district_of_code: NDArray[np.int32]
    """The index into `districts` each code names, -1 where it names none, shape (len(events.codes),)."""
    admitted: Events
    came: Events
    left: Events
    told: NDArray[np.bool_]
    """Which of all events say something seen or done on the day, shape (len(events),)."""

    @classmethod
    def of(cls, events: Events) -> "_Facts":
        few = events.with_codes(DECIDING)
        is_district = np.array([code.startswith("district:") for code in few.codes], np.bool_)
        return cls(
            care_start=few.with_codes(("citizen:care_start",)),
            care_end=few.with_codes(("citizen:care_end",)),
            death=few.with_codes(("citizen:death", episodes.DIED)),
            terminal=few.with_codes(("citizen:terminal",)),
            district=few.with_codes(("district:*",)),
            districts=tuple(code.removeprefix("district:") for code in few.codes if code.startswith("district:")),
            district_of_code=np.where(is_district, np.cumsum(is_district) - 1, -1).astype(np.int32),
            admitted=few.with_codes(episodes.ADMITTED),
            came=few.with_codes((episodes.BEGAN,)),
            left=few.with_codes((episodes.ENDED,)),
            told=~matching(events.codes, NOT_WRITING)[events.code],
        )


def in_care(events: Events, as_of_days: Sequence[int]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Citizen and as-of day of the rows of `cohort`, in its order; standing facts are all that decides it."""
    citizen, as_of = _in_care(_Facts.of(events), as_of_days)
    order = np.lexsort((citizen, as_of))
    return citizen[order], as_of[order]


def absence(events: Events, citizen: int, day: int) -> Absence | None:
    """Why a citizen is not in care on the day, as known on it; None for one who is."""
    told, started, ended, dead = (
        bool(is_so[0])
        for is_so in _care(_Facts.of(events), np.array([citizen], dtype=np.int32), np.array([day], dtype=np.int32))
    )
    if not told:
        return Absence.UNKNOWN
    if dead or ended:
        return Absence.DEAD if dead else Absence.ENDED
    return None if started else Absence.NOT_BEGUN


def latest_name(events: Events, citizen: NDArray[np.int32], day: int, prefix: str) -> list[str]:
    """What stood last, as known on the day, in codes such as `district:Nord`, for each citizen; empty where nothing."""
    named = events.with_codes((f"{prefix}*",))
    names = [code.removeprefix(prefix) for code in named.codes]
    last = _latest(named, citizen, np.full(citizen.size, day, dtype=np.int32))
    return [names[named.code[at]] if at >= 0 else "" for at in last.tolist()]


def _in_care(facts: _Facts, as_of_days: Sequence[int]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Citizen and as-of day of everyone in care, by citizen and day."""
    people, days = np.unique(facts.care_start.citizen), np.unique(np.array(as_of_days, dtype=np.int32))
    citizen, as_of = np.repeat(people, days.size), np.tile(days, people.size)
    _, started, ended, dead = _care(facts, citizen, as_of)
    is_in = started & ~ended & ~dead
    return citizen[is_in], as_of[is_in]


def _care(
    facts: _Facts, citizen: NDArray[np.int32], as_of: NDArray[np.int32]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Of each row whether anything is told of its citizen's care, and whether that has begun, has ended, or the citizen
    died before the day; each shape (n,).
    """
    start, end, death = (_latest(told, citizen, as_of) for told in (facts.care_start, facts.care_end, facts.death))
    return (
        start >= 0,
        _of(facts.care_start.day, start, NEVER_DAY) <= as_of,
        # `care_end` is the first day without care, so a citizen whose care ends on T is out on T if that was known.
        _of(facts.care_end.day, end, NEVER_DAY) <= as_of,
        _of(facts.death.day, death, NEVER_DAY) < as_of,
    )


def _status(facts: _Facts, events: Events, citizen: NDArray[np.int32], as_of: NDArray[np.int32]) -> NDArray[np.int8]:
    status = np.full(citizen.size, Status.RANKED, dtype=np.int8)
    written = _latest(events, citizen, as_of, before=True, among=facts.told)
    status[_of(events.day, written, -NEVER_DAY) < as_of - SILENT_AFTER_DAYS] = Status.NO_DATA
    terminal = _latest(facts.terminal, citizen, as_of)
    status[_of(facts.terminal.value, terminal, 0.0) > 0] = Status.TERMINAL
    left = _of(facts.left.occurred_at, _latest(facts.left, citizen, as_of, before=True), -NEVER)
    for begun, longest in ((facts.admitted, OPEN_STAY_DAYS), (facts.came, OPEN_EMERGENCY_DAYS)):
        last = _latest(begun, citizen, as_of, before=True)
        is_recent = _of(begun.day, last, -NEVER_DAY) >= as_of - longest
        status[is_recent & (_of(begun.occurred_at, last, -NEVER) > left)] = Status.IN_HOSPITAL
    return status


def _district(facts: _Facts, citizen: NDArray[np.int32], as_of: NDArray[np.int32]) -> NDArray[np.int32]:
    return _of(facts.district_of_code[facts.district.code], _latest(facts.district, citizen, as_of), -1)


def _latest(
    events: Events,
    citizen: NDArray[np.int32],
    as_of: NDArray[np.int32],
    *,
    before: bool = False,
    among: NDArray[np.bool_] | None = None,
) -> NDArray[np.int64]:
    """The place of each row's last event, as known on its day, -1 where there is none; shape (n,).

    With `before`, of those that happened before the day; with `among`, shape (len(events),), of those it holds on to.
    """
    chosen = np.ones(len(events), dtype=np.bool_) if among is None else among
    return _places(events.citizen, events.day, events.known_day, events.superseded_day, chosen, citizen, as_of, before)


def _of(column: NDArray[Number], place: NDArray[np.int64], otherwise: float) -> NDArray[Number]:
    """The column's values at the places, shape (n,), and another where there is no place."""
    told = np.full(place.size, otherwise, dtype=column.dtype)
    told[place >= 0] = column[place[place >= 0]]
    return told


@njit(cache=True, nogil=True)
def _places(  # pragma: no cover - compiled; the tests of cohort measure it
    event_citizen: NDArray[np.int32],
    event_day: NDArray[np.int32],
    known_day: NDArray[np.int32],
    superseded_day: NDArray[np.int32],
    chosen: NDArray[np.bool_],
    citizen: NDArray[np.int32],
    as_of: NDArray[np.int32],
    before: bool,
) -> NDArray[np.int64]:
    """See `_latest`. Rows of one citizen are best neighbours."""
    places = np.full(citizen.size, -1, dtype=np.int64)
    first, end = 0, 0
    for i in range(citizen.size):
        if i == 0 or citizen[i] != citizen[i - 1]:
            first = np.searchsorted(event_citizen, citizen[i], side="left")
            end = np.searchsorted(event_citizen, citizen[i], side="right")
        row = first + np.searchsorted(event_day[first:end], as_of[i], side="left") - 1 if before else end - 1
        while row >= first:
            if chosen[row] and known_day[row] < as_of[i] <= superseded_day[row]:
                places[i] = row
                break
            row -= 1
    return places
