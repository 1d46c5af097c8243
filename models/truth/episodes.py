"""Hospital notifications to stays: what the messages say, as far as they were known at each moment.

A hospital sends messages about an episode (sygehusadvis, MedCom HospitalNotification): it began, it ended, an earlier
message was wrong (`revise-`) or void (`cancel-`). Every message may change what is believed about the episode, so each
belief is an event with its own `known_from` and `superseded_at`, and a list of last month sees the stays that could be
believed last month. Rules, field 3.4:

- of several reports of an admission the earliest holds, since MedCom has no message for a transfer and the next
  hospital reports an admission again; of several of anything else the one written last;
- a `revise-` takes the place of all reports of its activity, a `cancel-` takes the one of its own time away, or, when
  there is none, all;
- an admission after the episode's discharge is a new stay; leave is not discharge; death ends a stay;
- an emergency contact (EMER) alone is no admission; followed by an inpatient admission (IMP) within a day it makes
  that admission acute; so does the record's own tag `planned = false`; `planned = true` makes it elective;
- a stay that begins within hours of another's end is a transfer: the same stay.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from operator import attrgetter

import numpy as np
import pyarrow as pa

from models.events import SCHEMA, timestamps
from models.truth.notifications import (
    DECEASED,
    EMERGENCY,
    INPATIENT,
    LEFT_EMERGENCY,
    LEFT_INPATIENT,
    Message,
    messages_of,
    standing,
)
from models.windows import NEVER

ADMITTED_ACUTE = "stay:acute"
ADMITTED_UNTAGGED = "stay:untagged"
ADMITTED_PLANNED = "stay:planned"
EMERGENCY_ONLY = "stay:emergency"
ADMITTED = (ADMITTED_ACUTE, ADMITTED_UNTAGGED, ADMITTED_PLANNED)
"""To a bed; a visit to the emergency ward is none of these."""
BEGAN = "stay:start"
ENDED = "stay:end"
DIED = "stay:death"

_HOUR = 3_600_000_000
TRANSFER = 4 * _HOUR
"""A stay that begins this soon after another ended is a transfer (assumption; no Danish source fixes the hours)."""
EMERGENCY_BEFORE = 24 * _HOUR
"""An emergency contact this long before an inpatient admission belongs to it (field 3.4: "within hours")."""

_DISCHARGES = (LEFT_INPATIENT, LEFT_EMERGENCY, DECEASED)


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay in hospital as believed at some moment: instants in microseconds UTC, `None` where unknown.

    `start` is when the citizen came to hospital, `contacts` those with the emergency ward.
    """

    start: int
    contacts: tuple[int, ...]
    inpatient: int | None
    planned: bool | None
    end: int | None
    death: int | None

    @property
    def admission(self) -> str:
        """The code of what kind of admission it is."""
        if self.inpatient is None:
            return EMERGENCY_ONLY
        # An emergency contact in the midst of a stay, after a transfer, does not change how the stay began.
        emergency = any(0 <= self.inpatient - contact <= EMERGENCY_BEFORE for contact in self.contacts)
        if emergency or self.planned is False:
            return ADMITTED_ACUTE
        return ADMITTED_PLANNED if self.planned else ADMITTED_UNTAGGED

    def followed_by(self, later: "Stay") -> "Stay":
        """This stay and the one the citizen was transferred to, as one."""
        first_admission = self if self.inpatient is not None else later
        return replace(
            self,
            contacts=(*self.contacts, *later.contacts),
            inpatient=first_admission.inpatient,
            planned=first_admission.planned,
            # A stay within another, as when two wards report the same one, does not shorten it.
            end=None if self.end is None or later.end is None else max(self.end, later.end),
            death=later.death if later.death is not None else self.death,
        )


def stays(rows: pa.Table) -> pa.Table:
    """The stays of the notifications, as events of `models.events.SCHEMA`.

    `rows` has the columns of the drop's table `hospital_notifications` and those of every version (see
    `models.projection`). The answer does not depend on the order of the rows.
    """
    found = [
        (citizen, *event)
        for citizen, messages in groupby(sorted(messages_of(rows), key=attrgetter("citizen")), attrgetter("citizen"))
        for event in _beliefs(tuple(messages))
    ]
    return _as_table(found)


def stays_as_known(messages: Iterable[Message]) -> tuple[Stay, ...]:
    """The stays of one citizen that these messages add up to, oldest first, transfers joined."""
    # A message sent again under another id says nothing new, a second cancellation least of all.
    told = {(message.episode, message.place): message for message in messages}
    by_episode = (told[key] for key in sorted(told))
    parts = (part for _, group in groupby(by_episode, attrgetter("episode")) for part in parts_of(group))
    single = [stay_of(part) for part in parts]
    ordered = sorted((stay for stay in single if stay is not None), key=lambda stay: (stay.start, stay.end or NEVER))
    return tuple(_joined(ordered))


def parts_of(messages: Iterable[Message]) -> tuple[tuple[Message, ...], ...]:
    """One episode's messages, in order of `place`, as one part for each stay it holds.

    An episode (LPR3 forløbselement) may last for months, and the citizen be admitted more than once in it.
    """
    parts: list[list[Message]] = [[]]
    for message in messages:
        if message.activity in (INPATIENT, EMERGENCY) and _begins_anew(stay_of(parts[-1]), message):
            parts.append([])
        parts[-1].append(message)
    return tuple(tuple(part) for part in parts)


def _begins_anew(before: Stay | None, admission: Message) -> bool:
    """Whether the admission begins another stay than the one the episode's messages have told of so far."""
    if before is None or before.end is None or before.death is not None or admission.occurred_at <= before.end:
        return False
    to_a_bed = before.inpatient is None and admission.occurred_at - max(before.contacts) <= EMERGENCY_BEFORE
    return admission.activity == EMERGENCY or not to_a_bed


def stay_of(messages: Iterable[Message]) -> Stay | None:
    """The stay that one part of an episode tells of; nothing when no admission is left standing."""
    reports = standing(messages)
    contacts = tuple(report.occurred_at for report in reports.get(EMERGENCY, ()))
    # Of two reports of one time the one written last says whether it was planned.
    inpatient = min(reversed(reports.get(INPATIENT, ())), key=attrgetter("occurred_at"), default=None)
    if not contacts and inpatient is None:
        return None
    admitted = inpatient.occurred_at if inpatient else None
    came = contacts if admitted is None else (*contacts, admitted)
    death = next(reversed(reports.get(DECEASED, ())), None)
    return Stay(
        start=min(came),
        contacts=contacts,
        inpatient=admitted,
        planned=inpatient.planned if inpatient else None,
        end=max(_ends(reports, min(came), admitted), default=None),
        death=death.occurred_at if death else None,
    )


def _ends(reports: Mapping[str, Sequence[Message]], start: int, admitted: int | None) -> Iterator[int]:
    """When discharges, or death, end the stay."""
    for about in _DISCHARGES:
        if not reports.get(about):
            continue
        end = reports[about][-1].occurred_at
        # Discharge from the emergency ward, before or at the admission, does not end a stay that goes on as an
        # inpatient's.
        goes_on = about == LEFT_EMERGENCY and end == admitted
        if end >= (start if admitted is None else admitted) and not goes_on:
            yield end


def _joined(ordered: Sequence[Stay]) -> Iterator[Stay]:
    """The stays with each transfer made part of the stay it continues."""
    current: Stay | None = None
    for stay in ordered:
        if current is not None and current.end is not None and stay.start - current.end <= TRANSFER:
            current = current.followed_by(stay)
            continue
        if current is not None:
            yield current
        current = stay
    if current is not None:
        yield current


def _facts(messages: Iterable[Message]) -> frozenset[tuple[str, int, float]]:
    """What the messages make one believe: codes with their time and value (the end's value: days in hospital)."""
    facts: set[tuple[str, int, float]] = set()
    for stay in stays_as_known(messages):
        admitted_at = stay.inpatient if stay.inpatient is not None else stay.start
        facts |= {(BEGAN, stay.start, np.nan), (stay.admission, admitted_at, np.nan)}
        if stay.end is not None:
            facts.add((ENDED, stay.end, (stay.end - stay.start) / (24 * _HOUR)))
        if stay.death is not None:
            facts.add((DIED, stay.death, np.nan))
    return frozenset(facts)


def _beliefs(messages: Sequence[Message]) -> Iterator[tuple[str, int, float, int, int]]:
    """Each fact with the stretch of knowledge it was believed in: code, time, value, known_from, superseded_at."""
    changes = sorted({m.known_from for m in messages} | {m.superseded_at for m in messages} | {NEVER})
    since: dict[tuple[str, int, float], int] = {}
    for moment, _ in pairwise(changes):
        believed = _facts(m for m in messages if m.known_from <= moment < m.superseded_at)
        for fact in sorted(since.keys() - believed):
            yield (*fact, since.pop(fact), moment)
        for fact in believed - since.keys():
            since[fact] = moment
    for fact in sorted(since):
        yield (*fact, since[fact], NEVER)


def _as_table(found: Sequence[tuple[int, str, int, float, int, int]]) -> pa.Table:
    if not found:
        return SCHEMA.empty_table()
    citizen, code, occurred_at, value, known_from, superseded_at = zip(*sorted(found), strict=True)
    return pa.table(
        {
            "citizen": pa.array(citizen, pa.int32()),
            "occurred_at": timestamps(np.array(occurred_at, dtype=np.int64)),
            "known_from": timestamps(np.array(known_from, dtype=np.int64)),
            "superseded_at": timestamps(np.array(superseded_at, dtype=np.int64)),
            "code": pa.array(code).dictionary_encode(),
            "value": pa.array(value, pa.float32(), from_pandas=True),
            # A belief rests on several messages, so it has no place of its own in the order of arrival.
            "sequence": pa.array(np.zeros(len(found), dtype=np.int64)),
        }
    ).cast(SCHEMA)
