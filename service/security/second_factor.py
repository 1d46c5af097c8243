"""The second factor of a login: enrolled by the user, asked for after the password, never taken twice.

A wrong code counts as a failed login and makes the next one wait; what was wrong is never told. Nothing here knows of
cookies or pages.
"""

from datetime import datetime

from models.errors import NotAllowed, RequestWrong
from service.security import login
from service.security.codes import new_recovery_codes, new_totp_secret, plain_recovery_code, step_of
from service.security.secrets import fingerprint
from service.settings import Settings
from service.storage import second_factors, sessions, users
from service.storage.database import Database, ReadSession, WriteSession


class EnrolFirst(NotAllowed):
    """A second factor is required, and whoever asks has none."""


def lacks_factor(session: ReadSession, settings: Settings, user: users.User) -> bool:
    """Whether the user must enrol before anything else; whoever logs in at a provider has it asked for there."""
    return settings.second_factor == "required" and not user.subject and not is_needed(session, user.number)


def is_needed(session: ReadSession, number: int) -> bool:
    """Whether a user has a second factor that counts."""
    factor = second_factors.factor_of(session, number)
    return factor is not None and factor.confirmed


def finish(database: Database, half: str, code: str, now: datetime) -> login.Opened:
    """Open the session by a code of the app or a recovery code. Raises `NotAllowed`, in the same words always."""
    with database.read() as session:
        found = second_factors.half_of(session, fingerprint(half), now)
    with database.write() as session:
        user = users.held_user(session, found.number) if found else None
        if user is not None and not login.is_locked(user, now):
            if _takes(session, user.number, code, now):
                second_factors.end_half(session, fingerprint(half), now)
                users.count_failure(session, user.number, 0, None)
                return login.open_session(session, user, now)
            login.count_failure(session, user, now)
    raise NotAllowed("The code is wrong, or it was too long ago.", "Log in again.")


def enrol(database: Database, number: int) -> str:
    """A new secret for a user without a second factor. Raises `RequestWrong` when there is one."""
    with database.write() as session:
        if is_needed(session, number):
            raise RequestWrong("There is a second factor already.", "Remove it first.")
        secret = new_totp_secret()
        second_factors.begin(session, number, secret)
    return secret


def confirm(database: Database, number: int, code: str, now: datetime) -> tuple[str, ...]:
    """Let the enrolled secret count, shown by a code from it; gives the recovery codes, this once.

    Raises `RequestWrong` when the code is not of the secret that was enrolled last.
    """
    with database.write() as session:
        factor = second_factors.factor_of(session, number)
        step = step_of(factor.secret, code, now, factor.last_step) if factor and not factor.confirmed else None
        if step is None:
            raise RequestWrong("The code is not of this secret.", "Wait for the next code and type that.")
        second_factors.use_step(session, number, step)
        recovery = new_recovery_codes()
        prints = [fingerprint(plain_recovery_code(one)) for one in recovery]
        second_factors.confirm(session, number, prints, now)
    return recovery


def remove(database: Database, number: int, code: str, now: datetime) -> None:
    """Let a user do without again, who must show a code first; wrong ones count as at login. Raises `NotAllowed`."""
    with database.write() as session:
        user = users.held_user(session, number)
        if user is not None and not login.is_locked(user, now):
            if _takes(session, number, code, now):
                second_factors.remove(session, number)
                users.count_failure(session, number, 0, None)
                return
            login.count_failure(session, user, now)
    raise NotAllowed("The code is wrong.", "Wait a moment, and type the newest code or a recovery code.")


def reset(session: WriteSession, number: int, now: datetime) -> None:
    """Take a lost second factor from a user, for an administrator, and end every session."""
    second_factors.remove(session, number)
    sessions.end_sessions_of(session, number, now)


def _takes(session: WriteSession, number: int, code: str, now: datetime) -> bool:
    factor = second_factors.factor_of(session, number)
    if factor is None or not factor.confirmed:
        return False
    step = step_of(factor.secret, code, now, factor.last_step)
    if step is not None:
        return second_factors.use_step(session, number, step)
    return second_factors.use_recovery_code(session, number, fingerprint(plain_recovery_code(code)), now)
