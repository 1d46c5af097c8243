"""Clients that prove themselves with a key: registered, asked for by name, ended; and the assertions they used up."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from models.errors import NotFound, RequestWrong
from service.storage.access_tables import TOKENS
from service.storage.client_tables import CLIENT_ASSERTIONS, CLIENTS
from service.storage.database import ReadSession, WriteSession
from service.storage.times import moment, moment_or_none, stored

_TOKENS_KEPT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Client:
    """A registered client: `keys` is its JSON Web Key Set as text, `ended_at` is set once it counts no longer."""

    number: int
    name: str
    keys: str
    scopes: frozenset[str]
    districts: frozenset[str]
    made_at: datetime
    ended_at: datetime | None


def add(
    session: WriteSession, name: str, keys: str, scopes: Collection[str], districts: Collection[str], at: datetime
) -> int:
    """Register a client and give its number. Raises `RequestWrong` when the name is taken, by an ended one too."""
    if session.scalar(select(CLIENTS.c.client_id).where(CLIENTS.c.name == name)) is not None:
        raise RequestWrong("There is, or was, a client of that name.", "Choose another name.")
    row = {
        "name": name,
        "keys": keys,
        "scopes": json.dumps(sorted(set(scopes))),
        "districts": json.dumps(sorted(set(districts)), ensure_ascii=False),
        "made_at": stored(at),
    }
    return session.scalars(insert(CLIENTS).returning(CLIENTS.c.client_id), row).one()


def find(session: ReadSession, name: str) -> Client | None:
    """The client of that name that has not been ended, or None."""
    asked = select(CLIENTS).where(CLIENTS.c.name == name, CLIENTS.c.ended_at.is_(None))
    row = session.execute(asked).mappings().first()
    return _client(row) if row else None


def every(session: ReadSession) -> tuple[Client, ...]:
    """All clients, ended ones too, by name."""
    return tuple(_client(row) for row in session.execute(select(CLIENTS).order_by(CLIENTS.c.name)).mappings())


def end(session: WriteSession, name: str, at: datetime) -> None:
    """End a client and every token it was given, at once. Raises `NotFound`."""
    client = find(session, name)
    if client is None:
        raise NotFound("There is no client of that name in force.")
    session.execute(update(CLIENTS).where(CLIENTS.c.client_id == client.number).values(ended_at=stored(at)))
    given = update(TOKENS).where(TOKENS.c.client_id == client.number, TOKENS.c.ended_at.is_(None))
    session.execute(given.values(ended_at=stored(at)))


def use_up(session: WriteSession, client: int, fingerprint: str, expires_at: datetime, now: datetime) -> bool:
    """Note that an assertion was taken; False when it was taken before. What has expired meanwhile is forgotten."""
    session.execute(delete(CLIENT_ASSERTIONS).where(CLIENT_ASSERTIONS.c.expires_at <= stored(now)))
    session.execute(
        delete(TOKENS).where(TOKENS.c.client_id.is_not(None), TOKENS.c.expires_at <= stored(now - _TOKENS_KEPT))
    )
    row = {"client_id": client, "fingerprint": fingerprint, "expires_at": stored(expires_at)}
    try:
        with session.begin_nested():
            session.execute(insert(CLIENT_ASSERTIONS), row)
    except IntegrityError:
        return False
    return True


def _client(row: RowMapping) -> Client:
    return Client(
        number=row["client_id"],
        name=row["name"],
        keys=row["keys"],
        scopes=frozenset(json.loads(row["scopes"])),
        districts=frozenset(json.loads(row["districts"])),
        made_at=moment(row["made_at"]),
        ended_at=moment_or_none(row["ended_at"]),
    )
