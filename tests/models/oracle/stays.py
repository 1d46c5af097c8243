"""The oracle of stays: what the messages visible on a date say about time in hospital, worked out from scratch.

Where `models.truth.episodes` follows beliefs through time, this is asked for one date and knows nothing of any other.
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
    single = [
        stay
        for name in sorted({n.episode for n in own})
        for stay in _episode(_once(n for n in own if n.episode == name))
    ]
    found: list[_Stay] = []
    latest = datetime.max.replace(tzinfo=midnight(date(2000, 1, 1)).tzinfo)
    for stay in sorted(single, key=lambda s: (s.start, s.end or latest)):
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


def _written(notice: Notice) -> tuple[datetime, int, datetime, str, str]:
    """Order of writing; of one moment: reports, revisions, cancellations, each as they happened."""
    verb, _, rest = notice.activity.partition("-")
    changes = {"revise": 1, "cancel": 2}.get(verb, 0)
    tags = {None: "", True: "yes", False: "no"}
    return notice.recorded_at, changes, notice.occurred_at, rest if changes else notice.activity, tags[notice.planned]


def _once(notices: Iterable[Notice]) -> list[Notice]:
    """In order of writing, of several that say the same one."""
    ordered = sorted(notices, key=_written)
    return [one for place, one in enumerate(ordered) if place == 0 or _written(one) != _written(ordered[place - 1])]


def _episode(notices: Sequence[Notice]) -> list[_Stay]:
    """The stays of one episode: an admission that happened after the citizen was sent home begins another."""
    for place, notice in enumerate(notices):
        if not notice.activity.startswith("admit-"):
            continue
        told = _part(notices[:place])
        if told and told.end and not told.died and notice.occurred_at > told.end:
            since_contact = notice.occurred_at - max(told.contacts, default=told.end)
            from_ward_to_bed = told.admitted is None and since_contact <= timedelta(days=1)
            if notice.activity == "admit-emergency" or not from_ward_to_bed:
                return [told, *_episode(notices[place:])]
    whole = _part(notices)
    return [whole] if whole else []


def _part(notices: Sequence[Notice]) -> _Stay | None:
    """What messages, in order of writing, say of one stay."""

    def said(activity: str) -> list[Notice]:
        held: list[Notice] = []
        for notice in notices:
            if notice.activity == activity:
                held = [*held, notice]
            elif notice.activity == f"revise-{activity}":
                held = [notice]
            elif notice.activity == f"cancel-{activity}":
                meant = [one for one in held if one.occurred_at == notice.occurred_at]
                held = [one for one in held if meant and one not in meant]
        return held

    inpatient = said("admit-inpatient")
    earliest = min((n.occurred_at for n in inpatient), default=None)
    contacts = [n.occurred_at for n in said("admit-emergency")]
    if earliest is None and not contacts:
        return None
    ends = [n[-1].occurred_at for n in (said("discharge-inpatient-home"), said("deceased")) if n]
    left_emergency = [n.occurred_at for n in said("discharge-emergency-home")][-1:]
    if earliest is None:
        ends = [end for end in ends + left_emergency if end >= min(contacts)]
    else:
        ends = [end for end in ends if end >= earliest] + [end for end in left_emergency if end > earliest]
    return _Stay(
        contacts=contacts,
        admitted=earliest,
        planned=[n.planned for n in inpatient if n.occurred_at == earliest][-1] if inpatient else None,
        end=max(ends, default=None),
        died=next((n.occurred_at for n in reversed(said("deceased"))), None),
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
