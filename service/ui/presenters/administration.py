"""Users, sessions and legal bases as an administrator reads them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from service.legal import LegalBasis, Purpose, in_force
from service.security.rights import Role
from service.storage.sessions import OpenSession
from service.storage.users import User
from service.ui.language import Language


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user: `marks` are short remarks, such as that the account is locked."""

    number: int
    name: str
    role: str
    role_word: str
    districts: str
    teams: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session that is open."""

    fingerprint: str
    name: str
    since: str
    used: str


@dataclass(frozen=True, slots=True)
class BasisRow:
    """An entry of the legal switch."""

    purpose: str
    basis: str
    document: str
    begins: str
    ends: str
    set_by: str
    holds: bool


def role_word(language: Language, role: Role) -> str:
    """A role in a word."""
    say = language.say
    return {
        Role.NURSE: say("Sygeplejerske"),
        Role.LEADER: say("Leder"),
        Role.DATA_SCIENTIST: say("Dataanalytiker"),
        Role.ADMINISTRATOR: say("Administrator"),
        Role.AUDITOR: say("Revisor"),
    }[role]


def purpose_word(language: Language, purpose: Purpose) -> str:
    """A purpose of the legal switch in a word."""
    say = language.say
    return {
        Purpose.TRAIN: say("Udvikling (train)"),
        Purpose.SILENT: say("Stille afprøvning (silent)"),
        Purpose.OPERATE: say("Drift (operate)"),
    }[purpose]


def user_rows(
    language: Language, found: Sequence[User], factors: Collection[int], now: datetime
) -> tuple[UserRow, ...]:
    """The users, by name."""
    return tuple(
        UserRow(
            number=user.number,
            name=user.name,
            role=user.role.value,
            role_word=role_word(language, user.role),
            districts=", ".join(sorted(user.districts)),
            teams=", ".join(sorted(user.teams)),
            marks=_marks(language, user, factors, now),
        )
        for user in found
    )


def _marks(language: Language, user: User, factors: Collection[int], now: datetime) -> tuple[str, ...]:
    say = language.say
    told = (
        (user.number in factors, say("To faktorer")),
        (user.subject is not None, say("Arbejdskonto")),
        (user.password is None and user.subject is None, say("Uden adgangskode")),
        (user.locked_until is not None and now < user.locked_until, say("Låst efter fejl")),
    )
    return tuple(word for holds, word in told if holds)


def session_rows(language: Language, found: Sequence[OpenSession]) -> tuple[SessionRow, ...]:
    """The open sessions, the last used first."""
    return tuple(
        SessionRow(one.fingerprint, one.name, language.day_and_clock(one.made_at), language.day_and_clock(one.seen_at))
        for one in found
    )


def basis_rows(language: Language, entries: Sequence[LegalBasis], today: date) -> tuple[BasisRow, ...]:
    """What is on record, the newest first."""
    return tuple(
        BasisRow(
            purpose=purpose_word(language, entry.purpose),
            basis=entry.basis,
            document=entry.document,
            begins=language.full_date(entry.valid_from),
            ends=language.full_date(entry.valid_to) if entry.valid_to else "",
            set_by=entry.set_by,
            holds=in_force(entries, entry.purpose, today) is entry,
        )
        for entry in reversed(entries)
    )
