"""Logging in and out: by password or one-time code, with back-off after failures and sessions that time out.

What was wrong is never told: an unknown name, a wrong password and a locked account get the same answer after the same
work. Nothing here knows of cookies or pages.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from models.errors import NotAllowed, NotFound
from service.security import passwords
from service.security.secrets import fingerprint, new_secret
from service.storage import second_factors, sessions, users
from service.storage.database import Database, ReadSession, WriteSession

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=10)
"""A session ends after so long unused, and after a working day however much it is used."""
ONE_TIME_LIFE: Final = timedelta(minutes=15)
HALF_LIFE: Final = timedelta(minutes=5)
"""How long the second factor may take after the first."""

_NOTE_EVERY: Final = timedelta(minutes=1)  # not every page view: that would be a write for each
_FREE_FAILURES: Final = 4
_LONGEST_WAIT: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Opened:
    """A session just opened: its secret, which is stored nowhere, and its user."""

    secret: str
    user: users.User


@dataclass(frozen=True, slots=True)
class Half:
    """A login that waits for the second factor: its secret, which is stored nowhere."""

    secret: str


def log_in(database: Database, name: str, password: str, now: datetime) -> Opened | Half:
    """Open a session for the user of this name and password, or half of one where a second factor is to come.

    Raises `NotAllowed`, in the same words always.
    """
    with database.read() as session:
        user = users.user_called(session, name)
    right = passwords.matches(user.password if user else None, password)
    opened = None
    if user is not None and not is_locked(user, now):
        with database.write() as session:
            opened = _judged(session, user.number, password, now, right=right)
    if opened is None:
        raise NotAllowed("The name or the password is wrong.", "Wait a moment and try again.")
    return opened


def is_locked(user: users.User, now: datetime) -> bool:
    """Whether the next try of a user is not looked at yet."""
    return user.locked_until is not None and now < user.locked_until


def _judged(session: WriteSession, number: int, password: str, now: datetime, *, right: bool) -> Opened | Half | None:
    """What a password leads to. By what has failed until now: guesses sent at once are as many failures in a row."""
    user = users.held_user(session, number)
    if user is None or is_locked(user, now):
        return None
    if not right:
        count_failure(session, user, now)
        return None
    if user.password and passwords.outdated(user.password):
        users.set_password(session, user.number, passwords.hashed(password))
    return _admitted(session, user, now)


def log_in_once(database: Database, code: str, now: datetime) -> Opened | Half:
    """As `log_in`, for the user a one-time code was made for; spends the code. Raises `NotAllowed`."""
    with database.write() as session:
        user = users.use_one_time_login(session, fingerprint(code), now)
        if user is not None:
            return _admitted(session, user, now)
    raise NotAllowed("The code is unknown, used, or too old.", "Ask for a new one: omhu user one-time-login.")


def one_time_code(database: Database, name: str, now: datetime) -> str:
    """A code that opens one session for this user within `ONE_TIME_LIFE`. Raises `NotFound`."""
    code = new_secret()
    with database.write() as session:
        user = users.user_called(session, name)
        if user is None:
            raise NotFound(f"There is no user called {name}.", "Add one: omhu user add.")
        users.add_one_time_login(session, user.number, fingerprint(code), now + ONE_TIME_LIFE)
    return code


def _admitted(session: WriteSession, user: users.User, now: datetime) -> Opened | Half:
    """Failures are forgotten only when nothing more is asked for: else a known password would undo the back-off."""
    factor = second_factors.factor_of(session, user.number)
    if factor is not None and factor.confirmed:
        secret = new_secret()
        second_factors.begin_half(session, fingerprint(secret), user.number, now + HALF_LIFE)
        return Half(secret)
    if user.failures:
        users.count_failure(session, user.number, 0, None)
    return open_session(session, user, now)


def session_of(session: ReadSession, secret: str, now: datetime) -> sessions.Session | None:
    """The session of this secret; None when it is unknown, ended or timed out. Whoever uses it calls `note_use`."""
    found = sessions.find_session(session, fingerprint(secret))
    if found is None or now >= found.seen_at + IDLE or now >= found.made_at + LONGEST:
        return None
    return found


def note_use(database: Database, used: sessions.Session, now: datetime) -> None:
    """Note a session as used, at most once a minute."""
    if now >= used.seen_at + _NOTE_EVERY:
        with database.write() as session:
            sessions.saw_session(session, used.fingerprint, now)


def log_out(database: Database, secret: str, now: datetime) -> None:
    """End the session of this secret."""
    with database.write() as session:
        sessions.end_session(session, fingerprint(secret), now)


def open_session(session: WriteSession, user: users.User, now: datetime) -> Opened:
    """A new session of a user who has shown everything that is asked for."""
    secret = new_secret()
    sessions.open_session(session, fingerprint(secret), user.number, now)
    return Opened(secret, user)


def count_failure(session: WriteSession, user: users.User, now: datetime) -> None:
    """From the fifth failure in a row each next try waits twice as long, up to a quarter of an hour."""
    failures = user.failures + 1
    beyond = min(failures - _FREE_FAILURES, 20)
    wait = min(timedelta(seconds=2**beyond), _LONGEST_WAIT) if beyond > 0 else None
    users.count_failure(session, user.number, failures, now + wait if wait else None)
