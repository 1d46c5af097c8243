"""Telling webhooks of a finished list: that it is there and how long it is, and nobody on it.

What was told is signed: `Omhu-Signature` is `v1=` and the HMAC-SHA256, in hexadecimal, of the value of
`Omhu-Timestamp`, a full stop and the body. A receiver refuses a timestamp that is minutes old, and an `Omhu-Delivery`
it has had: the same delivery may come twice. A delivery is tried again after growing waits, and then given up.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from service.clock import danish_date
from service.legal import Purpose, in_force
from service.outbound.outgoing import Sent, send
from service.settings import Settings
from service.storage import legal, lists, webhooks
from service.storage.database import Database, ReadSession
from service.storage.webhooks import Delivery, State
from service.weekly.lists import ListHead

WAITS: Final = tuple(timedelta(minutes=one) for one in (5, 15, 60, 240, 720, 1440))
"""How long is waited after each attempt that failed; after the one behind the last, nothing more is tried."""
FEWEST_LETTERS: Final = 16


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of telling came to."""

    delivered: int = 0
    failed: int = 0
    dead: int = 0


def deliver_due(database: Database, settings: Settings, now: datetime) -> Round:
    """Queue what is new and try what is due. Safe beside another that does the same; `now` is UTC.

    Without a legal basis to operate nothing leaves, and what waits goes on waiting.
    """
    with database.read() as session:
        if not in_force(legal.entries(session), Purpose.OPERATE, danish_date(now)):
            return Round()
    with database.write() as session:
        webhooks.queue(session, now)
    with database.read() as session:
        due = webhooks.due(session, now)
    ended = [_tried(database, settings, one, now) for one in due]
    return Round(ended.count(State.DELIVERED), ended.count(State.WAITING), ended.count(State.DEAD))


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What proves that a body was sent by the holder of the secret at that time."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _tried(database: Database, settings: Settings, delivery: Delivery, now: datetime) -> State | None:
    """Where the delivery stands after one attempt; None when another worker has taken it."""
    last = delivery.attempts >= len(WAITS)
    again = now + WAITS[min(delivery.attempts, len(WAITS) - 1)]
    with database.write() as session:
        if not webhooks.claim(session, delivery, again):
            return None
        head = lists.head_of(session, delivery.list_number)
        body = _body(session, delivery, head) if head else b""
    sent = _sent(settings, delivery, body, now) if body else Sent(False, "The list is kept no longer.")
    state = State.DELIVERED if sent.taken else State.DEAD if last or not body else State.WAITING
    with database.write() as session:
        webhooks.settle(session, delivery.name, state, again if state is State.WAITING else now, sent.told)
    return state


def _sent(settings: Settings, delivery: Delivery, body: bytes, now: datetime) -> Sent:
    timestamp = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Omhu",
        "Omhu-Delivery": delivery.name,
        "Omhu-Timestamp": timestamp,
        "Omhu-Signature": signature(delivery.webhook.secret, timestamp, body),
    }
    return send(delivery.webhook.url, headers, body, settings)


def _body(session: ReadSession, delivery: Delivery, head: ListHead) -> bytes:
    districts = lists.districts_of(session, head.number)
    told = {
        "event": "list.finished",
        "delivery": delivery.name,
        "as_of": head.as_of.isoformat(),
        "made_at": head.made_at.isoformat(),
        "model_version": head.model_version,
        "districts": [
            {"district": one.district, "ranked": one.ranked, "shown": one.shown, "new": one.new}
            for one in lists.counts(session, head.number, districts)
        ],
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
