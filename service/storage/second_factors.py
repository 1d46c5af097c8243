"""Second factors of users, their recovery codes, and who has passed the first factor only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from service.storage.access_tables import HALF_LOGINS, RECOVERY_CODES, SECOND_FACTORS, USERS
from service.storage.database import ReadSession, WriteSession
from service.storage.times import stored
from service.storage.users import User, read_user


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """A user's secret, whether a code from it has been seen, and the time step of the last code used."""

    secret: str
    confirmed: bool
    last_step: int


def factor_of(session: ReadSession, number: int) -> SecondFactor | None:
    """The second factor of a user, or None."""
    row = session.execute(select(SECOND_FACTORS).where(SECOND_FACTORS.c.user_id == number)).first()
    return None if row is None else SecondFactor(row.secret, row.confirmed_at is not None, row.last_step)


def with_factor(session: ReadSession) -> frozenset[int]:
    """The numbers of the users whose second factor is confirmed."""
    asked = select(SECOND_FACTORS.c.user_id).where(SECOND_FACTORS.c.confirmed_at.is_not(None))
    return frozenset(session.scalars(asked))


def begin(session: WriteSession, number: int, secret: str) -> None:
    """Store a secret that counts once a code from it is seen."""
    remove(session, number)
    session.execute(insert(SECOND_FACTORS), {"user_id": number, "secret": secret, "last_step": 0})


def confirm(session: WriteSession, number: int, recovery: Collection[str], at: datetime) -> None:
    """Let the second factor count, with the fingerprints of its recovery codes."""
    chosen = SECOND_FACTORS.c.user_id == number
    session.execute(update(SECOND_FACTORS).where(chosen).values(confirmed_at=stored(at)))
    session.execute(insert(RECOVERY_CODES), [{"code": code, "user_id": number} for code in recovery])


def use_step(session: WriteSession, number: int, step: int) -> bool:
    """Note that the code of a time step was used; False when it, or a later one, was used before."""
    chosen = (SECOND_FACTORS.c.user_id == number, SECOND_FACTORS.c.last_step < step)
    return session.execute(update(SECOND_FACTORS).where(*chosen).values(last_step=step)).rowcount == 1


def use_recovery_code(session: WriteSession, number: int, code: str, at: datetime) -> bool:
    """Spend the recovery code with this fingerprint; False when it is none of the user's, or spent."""
    chosen = (RECOVERY_CODES.c.code == code, RECOVERY_CODES.c.user_id == number, RECOVERY_CODES.c.used_at.is_(None))
    return session.execute(update(RECOVERY_CODES).where(*chosen).values(used_at=stored(at))).rowcount == 1


def remove(session: WriteSession, number: int) -> None:
    """Forget a user's second factor and recovery codes."""
    session.execute(delete(RECOVERY_CODES).where(RECOVERY_CODES.c.user_id == number))
    session.execute(delete(SECOND_FACTORS).where(SECOND_FACTORS.c.user_id == number))


def begin_half(session: WriteSession, half_login: str, number: int, expires_at: datetime) -> None:
    """Note that a user has passed the first factor; `half_login` is a fingerprint."""
    row = {"half_login": half_login, "user_id": number, "expires_at": stored(expires_at)}
    session.execute(insert(HALF_LOGINS), row)


def half_of(session: ReadSession, half_login: str, at: datetime) -> User | None:
    """The user of a half login in force, or None."""
    asked = (
        select(USERS)
        .join(HALF_LOGINS, HALF_LOGINS.c.user_id == USERS.c.user_id)
        .where(HALF_LOGINS.c.half_login == half_login, HALF_LOGINS.c.expires_at > stored(at))
        .where(USERS.c.ended_at.is_(None))
    )
    row = session.execute(asked).mappings().first()
    return None if row is None else read_user(row)


def end_half(session: WriteSession, half_login: str, at: datetime) -> None:
    """Forget a half login, and those nobody finished in time."""
    done = HALF_LOGINS.c.half_login == half_login
    session.execute(delete(HALF_LOGINS).where(done | (HALF_LOGINS.c.expires_at <= stored(at))))
