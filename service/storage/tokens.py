"""API tokens: known by a fingerprint, with scopes, districts and an end."""

import json
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import insert, select, update

from models.errors import NotFound
from service.security.rights import Permission, Visitor
from service.storage.access_tables import TOKENS
from service.storage.database import ReadSession, WriteSession
from service.storage.times import stored


def add_token(  # noqa: PLR0913 - what a token is, in one row
    session: WriteSession,
    fingerprint: str,
    name: str,
    scopes: Collection[Permission],
    districts: Collection[str],
    at: datetime,
    expires_at: datetime,
    *,
    client: int | None = None,
    teams: Collection[str] = (),
) -> int:
    """Store a token and give its number; `name` says what it is for, `client` which client asked for it.

    `teams` limits it to some teams of its districts; without any it reaches all of them.
    """
    row = {
        "token": fingerprint,
        "name": name,
        "scopes": json.dumps(sorted(scopes)),
        "districts": json.dumps(sorted(set(districts)), ensure_ascii=False),
        "made_at": stored(at),
        "expires_at": stored(expires_at),
        "client_id": client,
        "teams": json.dumps(sorted(set(teams)), ensure_ascii=False),
    }
    return session.scalars(insert(TOKENS).returning(TOKENS.c.token_id), row).one()


def holder_of(session: ReadSession, fingerprint: str, at: datetime) -> Visitor | None:
    """The token with this fingerprint as one who asks; None when it is unknown, ended or has expired."""
    asked = select(TOKENS).where(
        TOKENS.c.token == fingerprint, TOKENS.c.ended_at.is_(None), TOKENS.c.expires_at > stored(at)
    )
    row = session.execute(asked).mappings().first()
    if row is None:
        return None
    scopes = frozenset(Permission(scope) for scope in json.loads(row["scopes"]))
    districts = frozenset[str](json.loads(row["districts"]))
    if row["client_id"] is not None:
        # Its tokens live for minutes and are then forgotten, so the look-up log names the client.
        return Visitor("client", row["client_id"], row["name"], "client", scopes, districts)
    teams = frozenset[str](json.loads(row["teams"]))
    return Visitor("token", row["token_id"], row["name"], "token", scopes, districts, teams=teams)


def end_token(session: WriteSession, number: int, at: datetime) -> None:
    """End a token for good. Raises `NotFound`."""
    ended = update(TOKENS).where(TOKENS.c.token_id == number, TOKENS.c.ended_at.is_(None)).values(ended_at=stored(at))
    if session.execute(ended).rowcount == 0:
        raise NotFound(f"There is no token number {number} in force.")
