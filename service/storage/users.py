"""Users: local accounts with a role and districts, their failed logins, and one-time logins.

Passwords arrive hashed and codes as fingerprints; nothing that opens a door is stored.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, insert, select, update

from models.errors import NotFound, RequestWrong
from service.security.rights import GRANTS, Role, Visitor
from service.storage.access_tables import ONE_TIME_LOGINS, USERS
from service.storage.database import ReadSession, WriteSession
from service.storage.times import moment_or_none, stored


@dataclass(frozen=True, slots=True)
class User:
    """A local account; `password` is its argon2id hash, None when only a one-time login opens it."""

    number: int
    name: str
    role: Role
    districts: frozenset[str]
    password: str | None
    failures: int
    locked_until: datetime | None
    teams: frozenset[str] = frozenset()
    subject: str | None = None

    def visitor(self) -> Visitor:
        """The user as one who asks, with the rights of the role."""
        granted = GRANTS[self.role]
        return Visitor("user", self.number, self.name, self.role.value, granted, self.districts, teams=self.teams)


def add_user(
    session: WriteSession,
    name: str,
    role: Role,
    districts: Collection[str],
    password: str | None,
    at: datetime,
    *,
    teams: Collection[str] = (),
    subject: str | None = None,
) -> int:
    """Store a user and give the number. Raises `RequestWrong` when the name is taken.

    `subject` is who they are at the identity provider, for those who log in there.
    """
    if session.scalar(select(USERS.c.user_id).where(USERS.c.name == name)) is not None:
        raise RequestWrong(f"There is a user called {name} already.", "Choose another name.")
    row = {
        "name": name,
        "role": role.value,
        "districts": json.dumps(sorted(set(districts)), ensure_ascii=False),
        "password": password,
        "made_at": stored(at),
        "failures": 0,
        "teams": json.dumps(sorted(set(teams)), ensure_ascii=False),
        "subject": subject,
    }
    return session.scalars(insert(USERS).returning(USERS.c.user_id), row).one()


def user_called(session: ReadSession, name: str) -> User | None:
    """The user of that name who has not been ended, or None."""
    row = session.execute(select(USERS).where(USERS.c.name == name, USERS.c.ended_at.is_(None))).mappings().first()
    return None if row is None else read_user(row)


def user_of(session: ReadSession, number: int) -> User:
    """The user of this number who has not been ended. Raises `NotFound`."""
    asked = select(USERS).where(USERS.c.user_id == number, USERS.c.ended_at.is_(None))
    row = session.execute(asked).mappings().first()
    if row is None:
        raise NotFound("There is no such user.")
    return read_user(row)


def user_known_as(session: ReadSession, subject: str) -> User | None:
    """The user whom the identity provider calls so, and who has not been ended; or None."""
    asked = select(USERS).where(USERS.c.subject == subject, USERS.c.ended_at.is_(None))
    row = session.execute(asked).mappings().first()
    return None if row is None else read_user(row)


def subject_was_ended(session: ReadSession, subject: str) -> bool:
    """Whether the account of whom the identity provider calls so was ended here."""
    return session.scalar(select(USERS.c.user_id).where(USERS.c.subject == subject)) is not None


def every_user(session: ReadSession) -> tuple[User, ...]:
    """Everyone who has not been ended, by name."""
    asked = select(USERS).where(USERS.c.ended_at.is_(None)).order_by(USERS.c.name)
    return tuple(read_user(row) for row in session.execute(asked).mappings())


def number_called(session: ReadSession, name: str) -> int | None:
    """The number of the user of a name, ended or not; None when nobody ever had it."""
    return session.scalar(select(USERS.c.user_id).where(USERS.c.name == name))


def set_rights(
    session: WriteSession, number: int, role: Role, districts: Collection[str], teams: Collection[str]
) -> None:
    """Replace a user's role and limits, from the next request on."""
    rights = {
        "role": role.value,
        "districts": json.dumps(sorted(set(districts)), ensure_ascii=False),
        "teams": json.dumps(sorted(set(teams)), ensure_ascii=False),
    }
    session.execute(update(USERS).where(USERS.c.user_id == number).values(rights))


def names_of(session: ReadSession, numbers: Collection[int]) -> dict[int, str]:
    """The names behind users' numbers, ended ones too."""
    asked = select(USERS.c.user_id, USERS.c.name).where(USERS.c.user_id.in_(sorted(set(numbers))))
    return {row.user_id: row.name for row in session.execute(asked)}


def author_for(session: WriteSession, name: str, at: datetime) -> int:
    """The number under which a machine's reviews are kept: an account of that name that was never open to anybody."""
    known = session.scalar(select(USERS.c.user_id).where(USERS.c.name == name, USERS.c.made_at == USERS.c.ended_at))
    if known is not None:
        return known
    number = add_user(session, name, Role.NURSE, (), None, at)
    session.execute(update(USERS).where(USERS.c.user_id == number).values(ended_at=stored(at)))
    return number


def end_user(session: WriteSession, name: str, at: datetime) -> None:
    """End an account: its sessions count no longer. Raises `NotFound`."""
    user = user_called(session, name)
    if user is None:
        raise NotFound(f"There is no user called {name}.")
    session.execute(update(USERS).where(USERS.c.user_id == user.number).values(ended_at=stored(at)))


def set_password(session: WriteSession, number: int, password: str) -> None:
    """Replace a user's password hash."""
    session.execute(update(USERS).where(USERS.c.user_id == number).values(password=password))


def held_user(session: WriteSession, number: int) -> User | None:
    """The user as they stand now, None when ended; nobody else judges a login of theirs until this transaction ends.

    SQLite has one writer at a time anyhow; there the row need not be locked.
    """
    asked = select(USERS).where(USERS.c.user_id == number, USERS.c.ended_at.is_(None)).with_for_update()
    row = session.execute(asked).mappings().first()
    return None if row is None else read_user(row)


def count_failure(session: WriteSession, number: int, failures: int, locked_until: datetime | None) -> None:
    """Note that a login failed for the so-manieth time in a row, and until when the next one is not tried."""
    until = None if locked_until is None else stored(locked_until)
    session.execute(update(USERS).where(USERS.c.user_id == number).values(failures=failures, locked_until=until))


def add_one_time_login(session: WriteSession, number: int, code: str, expires_at: datetime) -> None:
    """Let the holder of the code with this fingerprint log in once as the user."""
    row = {"code": code, "user_id": number, "expires_at": stored(expires_at)}
    session.execute(insert(ONE_TIME_LOGINS), row)


def use_one_time_login(session: WriteSession, code: str, at: datetime) -> User | None:
    """Spend the code with this fingerprint and give its user; None when unknown, spent, late, or the user ended."""
    now = stored(at)
    spent = session.scalar(
        update(ONE_TIME_LOGINS)
        .where(ONE_TIME_LOGINS.c.code == code, ONE_TIME_LOGINS.c.used_at.is_(None), ONE_TIME_LOGINS.c.expires_at > now)
        .values(used_at=now)
        .returning(ONE_TIME_LOGINS.c.user_id)
    )
    asked = select(USERS).where(USERS.c.user_id == spent, USERS.c.ended_at.is_(None))
    row = session.execute(asked).mappings().first() if spent is not None else None
    return None if row is None else read_user(row)


def read_user(row: RowMapping) -> User:
    """The user of a row of `users`."""
    return User(
        number=row["user_id"],
        name=row["name"],
        role=Role(row["role"]),
        districts=frozenset(json.loads(row["districts"])),
        password=row["password"],
        failures=row["failures"],
        locked_until=moment_or_none(row["locked_until"]),
        teams=frozenset(json.loads(row["teams"])),
        subject=row["subject"],
    )
