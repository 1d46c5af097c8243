"""Lists made although a feed was stale: which feeds, who accepted it and why. Written once, with the list."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Table, Text, insert, select

from service.audit import Look
from service.storage import audit
from service.storage.database import ReadSession, WriteSession
from service.storage.list_tables import LISTS
from service.storage.tables import METADATA
from service.storage.times import moment, stored
from service.weekly.lists import ListId

STALE_ACCEPTED: Final = Table(
    "stale_accepted",
    METADATA,
    Column("list_id", Integer, ForeignKey(LISTS.c.list_id), primary_key=True, autoincrement=False),
    Column("feeds", Text, nullable=False),  # JSON list of sentences: table, district, last seen
    Column("reason", Text, nullable=False),
    Column("accepted_by", Text, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Somebody's word that a list be made of stale feeds; `feeds` says of each what was missing."""

    feeds: Sequence[str]
    reason: str
    by: str
    at: datetime


def log(session: WriteSession, acceptance: Acceptance, as_of: date) -> None:
    """Put the acceptance in the look-up log. Must be the first thing its session does, see `service.storage.audit`."""
    told = f"{as_of} {acceptance.reason}"
    look = Look(acceptance.at, acceptance.by, "operator", "list.accept_stale", "administration", told, (), "", "done")
    audit.append(session, look)


def accept(session: WriteSession, number: ListId, acceptance: Acceptance) -> None:
    """Keep the acceptance with its list."""
    row = {
        "list_id": number,
        "feeds": json.dumps(list(acceptance.feeds), ensure_ascii=False),
        "reason": acceptance.reason,
        "accepted_by": acceptance.by,
        "accepted_at": stored(acceptance.at),
    }
    session.execute(insert(STALE_ACCEPTED), row)


def accepted(session: ReadSession, number: ListId) -> Acceptance | None:
    """The acceptance a list was made with; none when every feed was fresh."""
    row = session.execute(select(STALE_ACCEPTED).where(STALE_ACCEPTED.c.list_id == number)).one_or_none()
    if row is None:
        return None
    return Acceptance(tuple(json.loads(row.feeds)), row.reason, row.accepted_by, moment(row.accepted_at))
