"""Objections of citizens (GDPR art. 21): who is neither ranked nor learnt from, as of when, and since when it is known.

Two time axes: `starts_on` is the day the citizen objects from, `known_from` when it was registered here and
`superseded_at` when it was withdrawn. Nothing is overwritten. An objection that stands hides the citizen's risk from
everyone at once, whatever day it starts on.

It is stored under one key and is the person's, whichever key a list or a fact of theirs has.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Index, Integer, RowMapping, Select, Table, Text, func, insert, select, update

from models.errors import NotFound, RequestWrong
from service.storage.database import ReadSession, WriteSession
from service.storage.persons import every_key, keys_of
from service.storage.tables import METADATA
from service.storage.times import moment, moment_or_none, stored

OBJECTIONS: Final = Table(
    "objections",
    METADATA,
    Column("objection_id", Integer, primary_key=True),
    Column("citizen", Integer, nullable=False),
    Column("starts_on", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("known_from", BigInteger, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("superseded_at", BigInteger),
    Column("withdrawn_by", Text),
)
Index("objections_citizen", OBJECTIONS.c.citizen)
_STANDING: Final = OBJECTIONS.c.superseded_at.is_(None)


@dataclass(frozen=True, slots=True)
class Objection:
    """One objection, standing while `superseded_at` is None; times are UTC."""

    citizen: int
    starts_on: date
    reason: str
    known_from: datetime
    set_by: str
    superseded_at: datetime | None
    withdrawn_by: str | None


def standing() -> Select[*tuple[Any, ...]]:
    """Every key of those whose objection stands, as a subquery for whoever must leave them out."""
    return every_key(select(OBJECTIONS.c.citizen).where(_STANDING))


def objecting(session: ReadSession) -> Mapping[int, date]:
    """Everyone whose objection stands, by every key of theirs, with the first day it starts on."""
    keys = every_key(select(OBJECTIONS.c.citizen, OBJECTIONS.c.starts_on).where(_STANDING)).subquery()
    asked = select(keys.c.citizen, func.min(keys.c.starts_on).label("first")).group_by(keys.c.citizen)
    return {row.citizen: date.fromisoformat(row.first) for row in session.execute(asked)}


def add(session: WriteSession, citizen: int, starts_on: date, reason: str, set_by: str, at: datetime) -> None:
    """Register an objection. Raises `RequestWrong` when one of the person stands already."""
    if citizen in objecting(session):
        raise RequestWrong("An objection of this citizen is registered already.", "Withdraw it to register another.")
    row = {
        "citizen": citizen,
        "starts_on": starts_on.isoformat(),
        "reason": reason.strip(),
        "known_from": stored(at),
        "set_by": set_by,
    }
    session.execute(insert(OBJECTIONS), row)


def withdraw(session: WriteSession, citizen: int, withdrawn_by: str, at: datetime) -> None:
    """End what objections of the person stand; they stay on record. Raises `NotFound` when none stands."""
    ended = (
        update(OBJECTIONS)
        .where(OBJECTIONS.c.citizen.in_(keys_of(session, citizen)), _STANDING)
        .values(superseded_at=stored(at), withdrawn_by=withdrawn_by)
    )
    if session.execute(ended).rowcount == 0:
        raise NotFound("No objection of this citizen stands.")


def objections_of(session: ReadSession, citizen: int) -> tuple[Objection, ...]:
    """Every objection of a person, oldest first, withdrawn ones too."""
    asked = select(OBJECTIONS).where(OBJECTIONS.c.citizen.in_(keys_of(session, citizen)))
    rows = session.execute(asked.order_by(OBJECTIONS.c.objection_id)).mappings()
    return tuple(_objection(row) for row in rows)


def _objection(row: RowMapping) -> Objection:
    return Objection(
        citizen=row["citizen"],
        starts_on=date.fromisoformat(row["starts_on"]),
        reason=row["reason"],
        known_from=moment(row["known_from"]),
        set_by=row["set_by"],
        superseded_at=moment_or_none(row["superseded_at"]),
        withdrawn_by=row["withdrawn_by"],
    )
