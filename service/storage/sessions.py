"""Sessions of logged-in users: kept here, so that they can be ended here, and known by a fingerprint only."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from service.storage.access_tables import SESSIONS, USERS
from service.storage.database import ReadSession, WriteSession
from service.storage.times import moment, stored
from service.storage.users import User, read_user


@dataclass(frozen=True, slots=True)
class Session:
    """A session that has not been ended, and its user. Whether it has timed out is for `service.security.login`."""

    fingerprint: str
    user: User
    made_at: datetime
    seen_at: datetime


def open_session(session: WriteSession, fingerprint: str, number: int, at: datetime) -> None:
    """Store a new session of a user."""
    row = {"session": fingerprint, "user_id": number, "made_at": stored(at), "seen_at": stored(at)}
    session.execute(insert(SESSIONS), row)


def find_session(session: ReadSession, fingerprint: str) -> Session | None:
    """The session with this fingerprint, unless it or its user has been ended."""
    asked = (
        select(USERS, SESSIONS.c.made_at.label("opened_at"), SESSIONS.c.seen_at)
        .join(USERS, USERS.c.user_id == SESSIONS.c.user_id)
        .where(SESSIONS.c.session == fingerprint, SESSIONS.c.ended_at.is_(None), USERS.c.ended_at.is_(None))
    )
    row = session.execute(asked).mappings().first()
    if row is None:
        return None
    return Session(fingerprint, read_user(row), moment(row["opened_at"]), moment(row["seen_at"]))


def saw_session(session: WriteSession, fingerprint: str, at: datetime) -> None:
    """Note that a session was used."""
    session.execute(update(SESSIONS).where(SESSIONS.c.session == fingerprint).values(seen_at=stored(at)))


def end_session(session: WriteSession, fingerprint: str, at: datetime) -> None:
    """End a session for good."""
    session.execute(update(SESSIONS).where(SESSIONS.c.session == fingerprint).values(ended_at=stored(at)))


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as the administrator sees it: whose, since when, last used when; known by its fingerprint."""

    fingerprint: str
    name: str
    made_at: datetime
    seen_at: datetime


def open_sessions(session: ReadSession, seen_after: datetime, made_after: datetime) -> tuple[OpenSession, ...]:
    """The sessions that have neither been ended nor timed out, the last used first."""
    asked = (
        select(SESSIONS, USERS.c.name)
        .join(USERS, USERS.c.user_id == SESSIONS.c.user_id)
        .where(SESSIONS.c.ended_at.is_(None), USERS.c.ended_at.is_(None))
        .where(SESSIONS.c.seen_at > stored(seen_after), SESSIONS.c.made_at > stored(made_after))
        .order_by(SESSIONS.c.seen_at.desc())
    )
    return tuple(
        OpenSession(row.session, row.name, moment(row.made_at), moment(row.seen_at)) for row in session.execute(asked)
    )


def end_sessions_of(session: WriteSession, number: int, at: datetime) -> None:
    """End every session of a user."""
    open_ones = (SESSIONS.c.user_id == number, SESSIONS.c.ended_at.is_(None))
    session.execute(update(SESSIONS).where(*open_ones).values(ended_at=stored(at)))
