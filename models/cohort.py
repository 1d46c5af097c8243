"""Who is on the list of a date: everyone whose home care is in force, and why some of them are not ranked.

Home care is in force on T when `care_start <= T < care_end`; a date nobody wrote down beforehand is known on its day,
so not yet at 00:00. Nobody is dropped silently: who is in care but cannot be scored is kept with the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.events import Events, matches
from models.truth import episodes
from models.windows import visible

SILENT_AFTER_DAYS = 14
"""Nothing written for so long is not low risk, it is no knowledge (field 8, point 18)."""
OPEN_STAY_DAYS = 60
"""A stay no message has ended for so long is taken as over: a lost discharge must not hide a citizen for good."""


_NOT_WRITTEN_DAILY = (
    "visit:planned",
    "citizen:*",
    "district:*",
    "team:*",
    "sex:*",
    "granted*",
    "monitoring*",
    "stay:*",
)
"""Codes that stand in the record without anybody having seen the citizen that day."""


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
    rows = [_on(facts, events, day) for day in sorted(set(as_of_days))]
    return Cohort(
        citizen=np.concatenate([row.citizen for row in rows] or [np.empty(0, np.int32)]),
        as_of=np.concatenate([row.as_of for row in rows] or [np.empty(0, np.int32)]),
        status=np.concatenate([row.status for row in rows] or [np.empty(0, np.int8)]),
        district=np.concatenate([row.district for row in rows] or [np.empty(0, np.int32)]),
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
    stay_start: Events
    stay_end: Events
    told: NDArray[np.bool_]
    """Which of all events say something seen or done on the day, shape (len(events),)."""

    @classmethod
    def of(cls, events: Events) -> "_Facts":
        few = events.with_codes(("citizen:*", "district:*", "stay:*"))
        is_district = np.array([code.startswith("district:") for code in few.codes], np.bool_)
        return cls(
            care_start=few.with_codes(("citizen:care_start",)),
            care_end=few.with_codes(("citizen:care_end",)),
            death=few.with_codes(("citizen:death", episodes.DIED)),
            terminal=few.with_codes(("citizen:terminal",)),
            district=few.with_codes(("district:*",)),
            districts=tuple(code.removeprefix("district:") for code in few.codes if code.startswith("district:")),
            district_of_code=np.where(is_district, np.cumsum(is_district) - 1, -1).astype(np.int32),
            stay_start=few.with_codes((episodes.BEGAN,)),
            stay_end=few.with_codes((episodes.ENDED,)),
            told=np.array([not matches(code, _NOT_WRITTEN_DAILY) for code in events.codes], np.bool_)[events.code],
        )


def in_care(events: Events, as_of_days: Sequence[int]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Citizen and as-of day of the rows of `cohort`, in its order; standing facts are all that decides it."""
    facts = _Facts.of(events)
    days = sorted(set(as_of_days))
    found = [_in_care(facts, day) for day in days]
    citizen = np.concatenate(found or [np.empty(0, np.int32)])
    return citizen, np.repeat(np.array(days, dtype=np.int32), [citizens.size for citizens in found])


def absence(events: Events, citizen: int, day: int) -> Absence | None:
    """Why a citizen is not in care on the day, as known on it; None for one who is."""
    facts, who = _Facts.of(events), np.array([citizen], dtype=np.int32)
    if citizen not in _known(facts.care_start, day).citizen:
        return Absence.UNKNOWN
    started, ended, dead = (bool(is_so[0]) for is_so in _care(facts, who, day))
    if dead or ended:
        return Absence.DEAD if dead else Absence.ENDED
    return None if started else Absence.NOT_BEGUN


def _in_care(facts: _Facts, day: int) -> NDArray[np.int32]:
    known = np.unique(_known(facts.care_start, day).citizen)
    started, ended, dead = _care(facts, known, day)
    return known[started & ~ended & ~dead]


def _care(
    facts: _Facts, citizen: NDArray[np.int32], day: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each citizen's care has begun by the day, has ended, and whether they died before it; each shape (n,)."""
    started = _last_day(_known(facts.care_start, day), citizen) <= day
    # `care_end` is the first day without care, so a citizen whose care ends on T is out on T if that was known.
    ended = _last_day(_known(facts.care_end, day), citizen) <= day
    dead = _last_day(_known(facts.death, day), citizen) < day
    return started, ended, dead


def _on(facts: _Facts, events: Events, day: int) -> Cohort:
    citizen = _in_care(facts, day)
    return Cohort(
        citizen=citizen,
        as_of=np.full(citizen.size, day, dtype=np.int32),
        status=_status(facts, events, citizen, day),
        district=_district(facts, citizen, day),
        districts=facts.districts,
    )


def _status(facts: _Facts, events: Events, citizen: NDArray[np.int32], day: int) -> NDArray[np.int8]:
    status = np.full(citizen.size, Status.RANKED, dtype=np.int8)
    written = _last_written(
        events.citizen, events.day, events.known_day, events.superseded_day, facts.told, citizen, day
    )
    status[written < day - SILENT_AFTER_DAYS] = Status.NO_DATA
    terminal = _known(facts.terminal, day)
    status[_last_value(terminal, citizen) > 0] = Status.TERMINAL
    came = _last_day(_past(facts.stay_start, day), citizen, never=-1)
    left = _last_instant(_past(facts.stay_end, day), citizen)
    open_stay = _last_instant(_past(facts.stay_start, day), citizen) > left
    status[open_stay & (came >= day - OPEN_STAY_DAYS)] = Status.IN_HOSPITAL
    return status


def _known(events: Events, day: int) -> Events:
    return events.where(visible(events.known_day, events.superseded_day, day))


def _past(events: Events, day: int) -> Events:
    known = _known(events, day)
    return known.where(known.day < day)


def _last_row(events: Events, citizen: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """For each citizen the position of their last event, and whether there is one; both shape (len(citizen),)."""
    position = np.searchsorted(events.citizen, citizen, side="right") - 1
    safe = np.maximum(position, 0)
    found = (position >= 0) & (events.citizen[safe] == citizen) if len(events) else np.zeros(citizen.size, np.bool_)
    return safe, found


def _last_day(events: Events, citizen: NDArray[np.int32], never: int = np.iinfo(np.int32).max) -> NDArray[np.int32]:
    row, found = _last_row(events, citizen)
    return np.where(found, events.day[row] if len(events) else never, never).astype(np.int32)


def _last_instant(events: Events, citizen: NDArray[np.int32]) -> NDArray[np.int64]:
    row, found = _last_row(events, citizen)
    never = np.iinfo(np.int64).min
    return np.where(found, events.occurred_at[row] if len(events) else never, never)


def _last_value(events: Events, citizen: NDArray[np.int32]) -> NDArray[np.float32]:
    row, found = _last_row(events, citizen)
    return np.where(found, events.value[row] if len(events) else 0, 0).astype(np.float32)


def _district(facts: _Facts, citizen: NDArray[np.int32], day: int) -> NDArray[np.int32]:
    known = _known(facts.district, day)
    row, found = _last_row(known, citizen)
    return np.where(found, facts.district_of_code[known.code[row]] if len(known) else -1, -1).astype(np.int32)


def latest_name(events: Events, citizen: NDArray[np.int32], day: int, prefix: str) -> list[str]:
    """What stood last, as known on the day, in codes such as `district:Nord`, for each citizen; empty where nothing."""
    known = _known(events.with_codes((f"{prefix}*",)), day)
    if not len(known):
        return [""] * citizen.size
    row, found = _last_row(known, citizen)
    return [known.codes[known.code[at]].removeprefix(prefix) if has else "" for at, has in zip(row, found, strict=True)]


@njit(cache=True, nogil=True)
def _last_written(  # pragma: no cover - compiled; the tests of cohort measure it
    event_citizen: NDArray[np.int32],
    event_day: NDArray[np.int32],
    known_day: NDArray[np.int32],
    superseded_day: NDArray[np.int32],
    told: NDArray[np.bool_],
    citizen: NDArray[np.int32],
    as_of: int,
) -> NDArray[np.int32]:
    """The last day before `as_of` on which anything known by then happened to each citizen, shape (len(citizen),)."""
    last = np.full(citizen.size, np.iinfo(np.int32).min, dtype=np.int32)
    for i in range(citizen.size):
        first = np.searchsorted(event_citizen, citizen[i], side="left")
        end = np.searchsorted(event_citizen, citizen[i], side="right")
        row = first + np.searchsorted(event_day[first:end], as_of, side="left") - 1
        while row >= first:
            if told[row] and known_day[row] < as_of <= superseded_day[row]:
                last[i] = event_day[row]
                break
            row -= 1
    return last
