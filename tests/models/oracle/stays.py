"""The oracle of stays: what the messages visible on a date say about time in hospital, worked out from scratch.

Where `models.episodes` follows beliefs through time, this is asked for one date and knows nothing of any other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pyarrow as pa

from tests.models.oracle.times import midnight


@dataclass(frozen=True, slots=True)
class Notice:
    """One version of one hospital notification; times are aware, in UTC."""

    citizen: int
    episode: str
    activity: str
    occurred_at: datetime
    recorded_at: datetime
    known_from: datetime
    superseded_at: datetime | None
    planned: bool | None
    sequence: int


@dataclass(slots=True)
class _Stay:
    contacts: list[datetime]
    admitted: datetime | None
    planned: bool | None
    end: datetime | None
    died: datetime | None

    @property
    def start(self) -> datetime:
        return min([*self.contacts, self.admitted] if self.admitted else self.contacts)


Fact = tuple[int, str, datetime, float | None]
"""Citizen, code, time, value."""


def believed(notices: Iterable[Notice], as_of: date) -> set[Fact]:
    """The facts about stays that a list dated `as_of` believes."""
    listed = midnight(as_of)
    known = [n for n in notices if _is_visible(n.known_from, n.superseded_at, listed)]
    facts: set[Fact] = set()
    for citizen in {notice.citizen for notice in known}:
        own = [notice for notice in known if notice.citizen == citizen]
        facts |= {(citizen, *fact) for stay in _stays(own) for fact in _facts(stay)}
    return facts


def told(events: pa.Table, as_of: date) -> set[Fact]:
    """The facts about stays among events of `models.events.SCHEMA` that a list dated `as_of` may use."""
    listed = midnight(as_of)
    rows = events.set_column(events.column_names.index("code"), "code", events["code"].cast(pa.string())).to_pylist()
    return {
        (row["citizen"], row["code"], row["occurred_at"], row["value"])
        for row in rows
        if _is_visible(row["known_from"], row["superseded_at"], listed)
    }


def _is_visible(known_from: datetime, superseded_at: datetime | None, listed: datetime) -> bool:
    return known_from < listed and (superseded_at is None or superseded_at >= listed)


def _stays(own: Sequence[Notice]) -> list[_Stay]:
    """The stays of one citizen, a transfer within four hours being the same stay."""
    single = [_episode([n for n in own if n.episode == name]) for name in sorted({n.episode for n in own})]
    found: list[_Stay] = []
    latest = datetime.max.replace(tzinfo=midnight(date(2000, 1, 1)).tzinfo)
    for stay in sorted((s for s in single if s is not None), key=lambda s: (s.start, s.end or latest)):
        before = found[-1] if found else None
        if before is None or before.end is None or stay.start > before.end + timedelta(hours=4):
            found.append(stay)
            continue
        before.end = None if stay.end is None else max(before.end, stay.end)
        before.died = stay.died or before.died
        before.contacts += stay.contacts
        if before.admitted is None:
            before.admitted, before.planned = stay.admitted, stay.planned
    return found


def _verb(activity: str) -> int:
    """A report, its revision, its cancellation: the order of those written in one moment."""
    return {"revise": 1, "cancel": 2}.get(activity.split("-", maxsplit=1)[0], 0)


def _episode(notices: Sequence[Notice]) -> _Stay | None:
    def said(activity: str) -> Notice | None:
        about = [n for n in notices if n.activity in (activity, f"revise-{activity}", f"cancel-{activity}")]
        last = max(about, key=lambda n: (n.recorded_at, _verb(n.activity), n.sequence), default=None)
        return None if last is None or last.activity.startswith("cancel-") else last

    emergency, inpatient = said("admit-emergency"), said("admit-inpatient")
    if emergency is None and inpatient is None:
        return None
    death = said("deceased")
    ends = [n.occurred_at for n in (said("discharge-inpatient-home"), death) if n]
    left_emergency = said("discharge-emergency-home")
    if inpatient is not None:
        ends = [end for end in ends if end >= inpatient.occurred_at]
    if left_emergency and (inpatient is None or left_emergency.occurred_at > inpatient.occurred_at):
        ends.append(left_emergency.occurred_at)
    return _Stay(
        contacts=[emergency.occurred_at] if emergency else [],
        admitted=inpatient.occurred_at if inpatient else None,
        planned=inpatient.planned if inpatient else None,
        end=max(ends, default=None),
        died=death.occurred_at if death else None,
    )


def _facts(stay: _Stay) -> set[tuple[str, datetime, float | None]]:
    facts: set[tuple[str, datetime, float | None]] = {
        ("stay:start", stay.start, None),
        (_kind(stay), stay.admitted or stay.start, None),
    }
    if stay.end:
        days = (stay.end - stay.start) / timedelta(days=1)
        facts.add(("stay:end", stay.end, float(pa.scalar(days, pa.float32()).as_py())))
    if stay.died:
        facts.add(("stay:death", stay.died, None))
    return facts


def _kind(stay: _Stay) -> str:
    if stay.admitted is None:
        return "stay:emergency"
    day = timedelta(days=1)
    if any(timedelta(0) <= stay.admitted - contact <= day for contact in stay.contacts) or stay.planned is False:
        return "stay:acute"
    return "stay:planned" if stay.planned else "stay:untagged"
