"""Stored lists: written once and whole, read by district and by citizen.

The store refuses to change a list (migration 0002). Whoever has objected since is left out when one is read. A silent
list is found only when silent ones are asked for, which are then all there are: no page can show one by forgetting to
leave it out, and operating later does not reveal it.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, RowMapping, Select, and_, case, func, insert, select

from models.errors import RequestWrong
from service.storage import people
from service.storage.database import ReadSession, WriteSession
from service.storage.keys import among
from service.storage.list_rows import entry, entry_row, head, head_row, score
from service.storage.list_tables import LIST_ENTRIES, LISTS
from service.storage.objections import standing
from service.weekly.follow_up import Listed
from service.weekly.lists import Change, Counts, Entry, ListHead, ListId, Score, Standing, Status, WeeklyList

EVERY_STATUS: Final = tuple(Status)

_NOT_OBJECTING: Final = and_(LIST_ENTRIES.c.citizen.not_in(standing()), LIST_ENTRIES.c.status != Status.OBJECTED.value)
"""Who objects is on no list any more, whenever it was made: told of by `counts` alone, which name nobody."""


def store_list(session: WriteSession, weekly: WeeklyList) -> ListId:
    """Store a list whole and give its number. Raises `RequestWrong` when one of its kind, date and model is stored."""
    if find_list(session, weekly.as_of, model_version=weekly.model_version, silent=weekly.silent):
        raise RequestWrong(
            f"The list of {weekly.as_of} by model {weekly.model_version} is stored and does not change.",
            "Fetch it instead.",
        )
    number = ListId(session.scalars(insert(LISTS).returning(LISTS.c.list_id), head_row(weekly)).one())
    if weekly.entries:
        session.execute(insert(LIST_ENTRIES), [entry_row(number, one) for one in weekly.entries])
    people.ensure_references(session, [one.citizen for one in weekly.entries])
    return number


def find_list(
    session: ReadSession, as_of: date, *, model_version: str | None = None, silent: bool = False
) -> ListHead | None:
    """The list of exactly this date, of this model or else the one made last; of the silent ones when `silent`."""
    asked = _heads(silent=silent).where(LISTS.c.as_of == as_of.isoformat())
    if model_version is not None:
        asked = asked.where(LISTS.c.model_version == model_version)
    return _first(session, asked)


def latest_list(session: ReadSession, not_after: date, *, silent: bool = False) -> ListHead | None:
    """The newest list dated `not_after` or before; of several models the one made last."""
    return _first(session, _heads(silent=silent).where(LISTS.c.as_of <= not_after.isoformat()))


def list_heads(session: ReadSession, *, limit: int, silent: bool = False) -> tuple[ListHead, ...]:
    """The newest lists, newest first, at most `limit`."""
    return tuple(map(head, session.execute(_heads(silent=silent).limit(limit))))


def head_of(session: ReadSession, number: ListId) -> ListHead | None:
    """The list of a number, or None when there is none, or a silent one."""
    return _first(session, _heads(silent=False).where(LISTS.c.list_id == number))


def districts_of(session: ReadSession, number: ListId) -> tuple[str, ...]:
    """The districts that have anyone on a list, by name."""
    asked = select(LIST_ENTRIES.c.district).where(LIST_ENTRIES.c.list_id == number).distinct()
    return tuple(sorted(session.scalars(asked)))


def dates_beside(session: ReadSession, head: ListHead, not_after: date) -> tuple[date | None, date | None]:
    """The dates of the list shown before this one, and of the newest one shown after it, up to and including a date."""
    shown = select(func.max(LISTS.c.as_of)).where(LISTS.c.silent == int(head.silent))
    day = head.as_of.isoformat()
    before = shown.where(LISTS.c.as_of < day).scalar_subquery()
    after = shown.where(LISTS.c.as_of > day, LISTS.c.as_of <= not_after.isoformat()).scalar_subquery()
    found = session.execute(select(before, after)).one()
    earlier, later = (date.fromisoformat(one) if one else None for one in found)
    return earlier, later


def entries(
    session: ReadSession,
    number: ListId,
    districts: Collection[str],
    *,
    shown: bool | None = None,
    status: Collection[Status] = EVERY_STATUS,
    citizens: Collection[int] | None = None,
    teams: Collection[str] = (),
) -> tuple[Entry, ...]:
    """The entries of a list in some districts, by district and rank, the unranked last; none where there are none.

    `citizens` are few: of them alone, where they are given; of `teams` alone, where any are.
    """
    asked = (
        select(LIST_ENTRIES)
        .where(LIST_ENTRIES.c.list_id == number, *within(districts, teams), _NOT_OBJECTING)
        .order_by(LIST_ENTRIES.c.district, LIST_ENTRIES.c.rank.is_(None), LIST_ENTRIES.c.rank, LIST_ENTRIES.c.citizen)
    )
    if shown is not None:
        asked = asked.where(LIST_ENTRIES.c.shown == int(shown))
    if citizens is not None:
        asked = asked.where(among(session, LIST_ENTRIES.c.citizen, citizens))
    if set(status) != set(EVERY_STATUS):
        asked = asked.where(LIST_ENTRIES.c.status.in_([one.value for one in status]))
    return tuple(map(entry, session.execute(asked)))


def listed(session: ReadSession, numbers: Collection[ListId], districts: Collection[str]) -> tuple[Listed, ...]:
    """Who was shown on these lists in these districts: what a follow-up counts."""
    asked = select(LIST_ENTRIES.c.list_id, LIST_ENTRIES.c.district, LIST_ENTRIES.c.citizen).where(
        LIST_ENTRIES.c.list_id.in_(sorted(numbers)),
        LIST_ENTRIES.c.district.in_(sorted(districts)),
        LIST_ENTRIES.c.shown == 1,
    )
    return tuple(Listed(ListId(row.list_id), row.district, row.citizen) for row in session.execute(asked))


def every_entry(session: ReadSession, number: ListId) -> tuple[Entry, ...]:
    """All entries of a list, by overall rank, the unranked last. For evaluation and the command line, never a page."""
    order = (LIST_ENTRIES.c.overall_rank.is_(None), LIST_ENTRIES.c.overall_rank, LIST_ENTRIES.c.citizen)
    asked = select(LIST_ENTRIES).where(LIST_ENTRIES.c.list_id == number, _NOT_OBJECTING).order_by(*order)
    return tuple(map(entry, session.execute(asked)))


def scores_of(session: ReadSession, citizen: int, *, limit: int = 30, silent: bool = False) -> tuple[Score, ...]:
    """One citizen on the newest lists, newest first. Where a date has lists of two models both are given."""
    asked = (
        _heads(silent=silent)
        .add_columns(*LIST_ENTRIES.c)
        .join(LIST_ENTRIES, LIST_ENTRIES.c.list_id == LISTS.c.list_id)
        .where(LIST_ENTRIES.c.citizen == citizen, _NOT_OBJECTING)
        .limit(limit)
    )
    return tuple(map(score, session.execute(asked)))


def standings(session: ReadSession, number: ListId) -> Mapping[int, Standing]:
    """Where everyone stood on a list, by citizen: what `service.weekly.lists.compared` wants of the list before."""
    columns = (
        LIST_ENTRIES.c.citizen,
        LIST_ENTRIES.c.district,
        LIST_ENTRIES.c.rank,
        LIST_ENTRIES.c.shown,
        LIST_ENTRIES.c.weeks,
    )
    rows = session.execute(select(*columns).where(LIST_ENTRIES.c.list_id == number))
    return {row.citizen: Standing(row.district, row.rank, bool(row.shown), row.weeks) for row in rows}


def objecting(session: ReadSession, number: ListId) -> int:
    """How many in care on the list's date object; who they are is told to nobody."""
    asked = select(func.count()).where(LIST_ENTRIES.c.list_id == number, LIST_ENTRIES.c.citizen.in_(standing()))
    return session.scalar(asked) or 0


def counts(
    session: ReadSession, number: ListId, districts: Collection[str], *, teams: Collection[str] = ()
) -> tuple[Counts, ...]:
    """What a list comes to in each of the districts that has anyone on it, by district; of these teams, if given."""
    new = and_(LIST_ENTRIES.c.shown == 1, LIST_ENTRIES.c.change == Change.NEW.value)
    status = case((_NOT_OBJECTING, LIST_ENTRIES.c.status), else_=Status.OBJECTED.value).label("status")
    asked = (
        select(
            LIST_ENTRIES.c.district,
            status,
            func.count().label("citizens"),
            func.sum(LIST_ENTRIES.c.shown).label("shown"),
            func.sum(case((new, 1), else_=0)).label("new"),
        )
        .where(LIST_ENTRIES.c.list_id == number, *within(districts, teams))
        .group_by(LIST_ENTRIES.c.district, status)
        # By status too: without it PostgreSQL answers in another order once it has statistics, and groups by hashing.
        .order_by(LIST_ENTRIES.c.district, status)
    )
    rows = session.execute(asked).mappings().all()
    names = sorted({row["district"] for row in rows})
    return tuple(_counts(name, [row for row in rows if row["district"] == name]) for name in names)


def _counts(district: str, rows: Sequence[RowMapping]) -> Counts:
    ranked = [row for row in rows if row["status"] == Status.RANKED]
    return Counts(
        district=district,
        ranked=sum(row["citizens"] for row in ranked),
        shown=sum(row["shown"] for row in ranked),
        new=sum(row["new"] for row in ranked),
        unranked={Status(row["status"]): row["citizens"] for row in rows if row["status"] != Status.RANKED},
    )


def within(districts: Collection[str], teams: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    """The limit of somebody's right: districts, and within them teams, where it is not all of them."""
    limit = LIST_ENTRIES.c.district.in_(sorted(districts))
    return (limit, LIST_ENTRIES.c.team.in_(sorted(teams))) if teams else (limit,)


def _heads(*, silent: bool) -> Select[Any]:
    asked = select(LISTS).order_by(LISTS.c.as_of.desc(), LISTS.c.made_at.desc(), LISTS.c.list_id.desc())
    return asked.where(LISTS.c.silent == int(silent))


def _first(session: ReadSession, asked: Select[Any]) -> ListHead | None:
    row = session.execute(asked.limit(1)).first()
    return None if row is None else head(row)
