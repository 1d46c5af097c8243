"""Webhooks and their deliveries: who is told of finished lists, and what became of telling them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import ColumnElement, RowMapping, and_, insert, select, update

from models.errors import NotFound
from service.storage.client_tables import WEBHOOK_DELIVERIES, WEBHOOKS
from service.storage.database import ReadSession, WriteSession
from service.storage.list_tables import LISTS
from service.storage.times import moment, stored
from service.weekly.lists import ListId


class State(StrEnum):
    """Where a delivery stands; a dead one is tried no more."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told of finished lists, from when it was added on."""

    number: int
    url: str
    secret: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One list told to one webhook, or to be told; `next_at` (UTC) is when it is tried next, or when it ended."""

    name: str
    webhook: Webhook
    list_number: ListId
    state: State
    attempts: int
    next_at: datetime
    told: str


def add(session: WriteSession, url: str, secret: str, at: datetime) -> int:
    """Store a webhook and give its number."""
    row = {"url": url, "secret": secret, "made_at": stored(at)}
    return session.scalars(insert(WEBHOOKS).returning(WEBHOOKS.c.webhook_id), row).one()


def every(session: ReadSession) -> tuple[Webhook, ...]:
    """The webhooks in force."""
    asked = select(WEBHOOKS).where(WEBHOOKS.c.ended_at.is_(None)).order_by(WEBHOOKS.c.webhook_id)
    return tuple(_webhook(row) for row in session.execute(asked).mappings())


def end(session: WriteSession, number: int, at: datetime) -> None:
    """Tell a webhook nothing more; its secret is forgotten. Raises `NotFound`."""
    ended = update(WEBHOOKS).where(WEBHOOKS.c.webhook_id == number, WEBHOOKS.c.ended_at.is_(None))
    if session.execute(ended.values(ended_at=stored(at), secret="")).rowcount == 0:
        raise NotFound(f"There is no webhook number {number} in force.")


def queue(session: WriteSession, at: datetime) -> None:
    """Let every webhook wait for each list that was finished since it was added, and that it was not told of yet."""
    known = and_(
        WEBHOOK_DELIVERIES.c.webhook_id == WEBHOOKS.c.webhook_id, WEBHOOK_DELIVERIES.c.list_id == LISTS.c.list_id
    )
    asked = (
        select(WEBHOOKS.c.webhook_id, LISTS.c.list_id)
        .join(LISTS, and_(LISTS.c.made_at >= WEBHOOKS.c.made_at, LISTS.c.silent == 0))
        .join(WEBHOOK_DELIVERIES, known, isouter=True)
        .where(WEBHOOKS.c.ended_at.is_(None), WEBHOOK_DELIVERIES.c.delivery.is_(None))
        .order_by(LISTS.c.list_id)
    )
    always = {"state": State.WAITING.value, "attempts": 0, "next_at": stored(at), "told": ""}
    rows = [row._asdict() | always | {"delivery": str(uuid4())} for row in session.execute(asked)]
    if rows:
        session.execute(insert(WEBHOOK_DELIVERIES), rows)


def due(session: ReadSession, now: datetime) -> tuple[Delivery, ...]:
    """The deliveries to be tried now, the oldest list first."""
    waiting = WEBHOOK_DELIVERIES.c.state == State.WAITING.value, WEBHOOK_DELIVERIES.c.next_at <= stored(now)
    return _deliveries(session, (*waiting, WEBHOOKS.c.ended_at.is_(None)), newest_first=False)


def deliveries(session: ReadSession, limit: int) -> tuple[Delivery, ...]:
    """The newest deliveries, newest first."""
    return _deliveries(session, (), newest_first=True)[:limit]


def claim(session: WriteSession, delivery: Delivery, again_at: datetime) -> bool:
    """Take a delivery for one attempt; False when another worker has. Left alone it is tried again at `again_at`."""
    table = WEBHOOK_DELIVERIES
    mine = update(table).where(table.c.delivery == delivery.name, table.c.attempts == delivery.attempts)
    taken = mine.where(table.c.state == State.WAITING.value)
    return session.execute(taken.values(attempts=delivery.attempts + 1, next_at=stored(again_at))).rowcount == 1


def settle(session: WriteSession, name: str, state: State, at: datetime, told: str) -> None:
    """Note what became of an attempt."""
    one = update(WEBHOOK_DELIVERIES).where(WEBHOOK_DELIVERIES.c.delivery == name)
    session.execute(one.values(state=state.value, next_at=stored(at), told=told))


def _deliveries(
    session: ReadSession, which: Sequence[ColumnElement[bool]], *, newest_first: bool
) -> tuple[Delivery, ...]:
    order = WEBHOOK_DELIVERIES.c.list_id.desc() if newest_first else WEBHOOK_DELIVERIES.c.list_id
    asked = (
        select(WEBHOOK_DELIVERIES, WEBHOOKS.c.url, WEBHOOKS.c.secret, WEBHOOKS.c.made_at)
        .join(WEBHOOKS, WEBHOOKS.c.webhook_id == WEBHOOK_DELIVERIES.c.webhook_id)
        .where(*which)
        .order_by(order, WEBHOOK_DELIVERIES.c.webhook_id)
    )
    return tuple(_delivery(row) for row in session.execute(asked).mappings())


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(
        name=row["delivery"],
        webhook=_webhook(row),
        list_number=ListId(row["list_id"]),
        state=State(row["state"]),
        attempts=row["attempts"],
        next_at=moment(row["next_at"]),
        told=row["told"],
    )


def _webhook(row: RowMapping) -> Webhook:
    return Webhook(row["webhook_id"], row["url"], row["secret"], moment(row["made_at"]))
