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


def end_sessions_of(session: WriteSession, number: int, at: datetime) -> None:
    """End every session of a user."""
    open_ones = (SESSIONS.c.user_id == number, SESSIONS.c.ended_at.is_(None))
    session.execute(update(SESSIONS).where(*open_ones).values(ended_at=stored(at)))
