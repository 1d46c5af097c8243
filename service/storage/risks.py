"""Stored scores found by whoever, when and how new: what a search of RiskAssessments is answered from.

Silent lists and citizens who object are never among them, whatever is asked for.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from service.outbound.risk_resources import EntryId
from service.storage.database import ReadSession
from service.storage.list_rows import score
from service.storage.list_tables import LIST_ENTRIES, LISTS
from service.storage.lists import within
from service.storage.objections import standing
from service.storage.times import stored
from service.weekly.lists import Score, Status


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for. None and empty ask for no more; `date` and `made` are half-open, `made` is UTC.

    `citizens` empty finds nobody; `after` is the last that was told already.
    """

    citizens: frozenset[int] | None = None
    list_number: int | None = None
    entry: EntryId | None = None
    since: date | None = None
    until: date | None = None
    made_since: datetime | None = None
    made_until: datetime | None = None
    after: EntryId | None = None


def search(
    session: ReadSession, wanted: Wanted, districts: Collection[str], limit: int, *, teams: Collection[str] = ()
) -> tuple[Score, ...]:
    """The newest ranked scores in some districts, newest list first, at most `limit`; of `teams`, if any are given."""
    asked = _asked(wanted, districts, teams).limit(limit)
    if wanted.after is not None:
        asked = asked.where(_after(wanted.after))
    return tuple(map(score, session.execute(asked)))


def count(session: ReadSession, wanted: Wanted, districts: Collection[str], *, teams: Collection[str] = ()) -> int:
    """How many there are in all, told already or not."""
    asked = _asked(wanted, districts, teams).order_by(None).with_only_columns(func.count())
    return session.scalar(asked) or 0


def told_of(
    session: ReadSession, citizens: Collection[int], districts: Collection[str], *, teams: Collection[str] = ()
) -> frozenset[int]:
    """Those of some citizens whom any score in some districts is of."""
    asked = _asked(Wanted(frozenset(citizens)), districts, teams).order_by(None)
    return frozenset(session.scalars(asked.with_only_columns(LIST_ENTRIES.c.citizen).distinct()))


def shown_since(
    session: ReadSession, day: date, districts: Collection[str], *, teams: Collection[str] = ()
) -> tuple[EntryId, ...]:
    """Whom lists of a day and later showed in some districts: what a card can be about."""
    asked = _asked(Wanted(since=day), districts, teams).where(LIST_ENTRIES.c.shown == 1)
    rows = session.execute(asked.with_only_columns(LISTS.c.list_id, LIST_ENTRIES.c.citizen))
    return tuple(EntryId(row.list_id, row.citizen) for row in rows)


def _asked(wanted: Wanted, districts: Collection[str], teams: Collection[str]) -> Select[Any]:
    return (
        select(LISTS)
        .add_columns(*LIST_ENTRIES.c)
        .join(LIST_ENTRIES, LIST_ENTRIES.c.list_id == LISTS.c.list_id)
        .where(
            LISTS.c.silent == 0,
            LIST_ENTRIES.c.status == Status.RANKED.value,
            *within(districts, teams),
            LIST_ENTRIES.c.citizen.not_in(standing()),
            *_limits(wanted),
        )
        .order_by(LISTS.c.list_id.desc(), LIST_ENTRIES.c.citizen)
    )


def _limits(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.citizens is not None:
        found.append(LIST_ENTRIES.c.citizen.in_(sorted(wanted.citizens)))
    if wanted.list_number is not None:
        found.append(LISTS.c.list_id == wanted.list_number)
    if wanted.entry is not None:
        found += [LISTS.c.list_id == wanted.entry.list_number, LIST_ENTRIES.c.citizen == wanted.entry.citizen]
    if wanted.since is not None:
        found.append(LISTS.c.as_of >= wanted.since.isoformat())
    if wanted.until is not None:
        found.append(LISTS.c.as_of < wanted.until.isoformat())
    if wanted.made_since is not None:
        found.append(LISTS.c.made_at >= stored(wanted.made_since))
    if wanted.made_until is not None:
        found.append(LISTS.c.made_at < stored(wanted.made_until))
    return found


def _after(last: EntryId) -> ColumnElement[bool]:
    same = and_(LISTS.c.list_id == last.list_number, LIST_ENTRIES.c.citizen > last.citizen)
    return or_(LISTS.c.list_id < last.list_number, same)
