"""Hospital notifications to stays: what the messages say, as far as they were known at each moment.

A hospital sends messages about an episode (sygehusadvis, MedCom HospitalNotification): it began, it ended, an earlier
message was wrong (`revise-`) or void (`cancel-`). Every message may change what is believed about the episode, so each
belief is an event with its own `known_from` and `superseded_at`, and a list of last month sees the stays that could be
believed last month. Rules, field 3.4:

- of several messages about one activity of an episode the one written last holds; a `cancel-` leaves nothing;
- leave is not discharge; death ends a stay;
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

from models.events import SCHEMA, instants, timestamps
from models.windows import NEVER

ADMITTED_ACUTE = "stay:acute"
ADMITTED_UNTAGGED = "stay:untagged"
ADMITTED_PLANNED = "stay:planned"
EMERGENCY_ONLY = "stay:emergency"
BEGAN = "stay:start"
ENDED = "stay:end"
DIED = "stay:death"

_HOUR = 3_600_000_000
TRANSFER = 4 * _HOUR
"""A stay that begins this soon after another ended is a transfer (assumption; no Danish source fixes the hours)."""
EMERGENCY_BEFORE = 24 * _HOUR
"""An emergency contact this long before an inpatient admission belongs to it (field 3.4: "within hours")."""

_LEFT_EMERGENCY = "discharge-emergency-home"
_DISCHARGES = ("discharge-inpatient-home", _LEFT_EMERGENCY, "deceased")


@dataclass(frozen=True, slots=True)
class Message:
    """One version of one notification; times are instants in microseconds UTC."""

    citizen: int
    episode: str
    activity: str
    planned: bool | None
    occurred_at: int
    recorded_at: int
    known_from: int
    superseded_at: int
    sequence: int

    @property
    def about(self) -> str:
        """The activity it is about, whether it reports, revises or cancels it."""
        return self.activity.removeprefix("revise-").removeprefix("cancel-")

    @property
    def place(self) -> tuple[int, int, int]:
        """Its place among messages: of those written in one moment a change comes after what it changes."""
        verb = 2 if self.activity.startswith("cancel-") else int(self.activity.startswith("revise-"))
        return self.recorded_at, verb, self.sequence


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay in hospital as believed at some moment: instants in microseconds UTC, `None` where unknown.

    `start` is when the citizen came to hospital, `emergency` the contact with the emergency ward nearest before the
    inpatient admission.
    """

    start: int
    emergency: int | None
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
        emergency = self.emergency is not None and 0 <= self.inpatient - self.emergency <= EMERGENCY_BEFORE
        if emergency or self.planned is False:
            return ADMITTED_ACUTE
        return ADMITTED_PLANNED if self.planned else ADMITTED_UNTAGGED

    def followed_by(self, later: "Stay") -> "Stay":
        """This stay and the one the citizen was transferred to, as one."""
        first_admission = self if self.inpatient is not None else later
        went_on = self.inpatient is None and later.emergency is not None
        return replace(
            self,
            emergency=later.emergency if went_on else self.emergency,
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
        for citizen, messages in groupby(sorted(_messages(rows), key=attrgetter("citizen")), attrgetter("citizen"))
        for event in _beliefs(tuple(messages))
    ]
    return _as_table(found)


def stays_as_known(messages: Iterable[Message]) -> tuple[Stay, ...]:
    """The stays of one citizen that these messages add up to, oldest first, transfers joined."""
    by_episode = sorted(messages, key=lambda message: (message.episode, message.place))
    single = [_stay(tuple(group)) for _, group in groupby(by_episode, attrgetter("episode"))]
    ordered = sorted((stay for stay in single if stay is not None), key=lambda stay: (stay.start, stay.end or NEVER))
    return tuple(_joined(ordered))


def _stay(messages: Sequence[Message]) -> Stay | None:
    """One episode, from its messages in the order they were written; nothing when no admission is left standing."""
    last = {message.about: message for message in messages}
    standing = {about: message for about, message in last.items() if not message.activity.startswith("cancel-")}
    emergency, inpatient = standing.get("admit-emergency"), standing.get("admit-inpatient")
    if emergency is None and inpatient is None:
        return None
    death = standing.get("deceased")
    return Stay(
        start=min(message.occurred_at for message in (emergency, inpatient) if message is not None),
        emergency=emergency.occurred_at if emergency else None,
        inpatient=inpatient.occurred_at if inpatient else None,
        planned=inpatient.planned if inpatient else None,
        end=max(_ends(standing, inpatient), default=None),
        death=death.occurred_at if death else None,
    )


def _ends(standing: Mapping[str, Message], inpatient: Message | None) -> Iterator[int]:
    """When discharges, or death, end the episode."""
    for about in _DISCHARGES:
        if about not in standing:
            continue
        end = standing[about].occurred_at
        # Discharge from the emergency ward, before or at the admission, does not end a stay that goes on as an
        # inpatient's.
        before = inpatient is not None and (
            end < inpatient.occurred_at or (about == _LEFT_EMERGENCY and end == inpatient.occurred_at)
        )
        if not before:
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


def _messages(rows: pa.Table) -> Iterator[Message]:
    columns = (
        rows["citizen"].to_pylist(),
        rows["episode_id"].to_pylist(),
        rows["activity"].to_pylist(),
        rows["planned"].to_pylist(),
        *(instants(rows[name]).tolist() for name in ("occurred_at", "recorded_at", "known_from", "superseded_at")),
        rows["sequence"].to_pylist(),
    )
    return (Message(*values) for values in zip(*columns, strict=True))


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
