"""Records of the look-up log as an auditor reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.audit import Record
from service.clock import DENMARK
from service.ui.language import Language

_MOST_KEYS = 3


@dataclass(frozen=True, slots=True)
class LogRow:
    """A record: `citizens` names a few keys and counts the rest."""

    number: int
    when: str
    who: str
    role: str
    action: str
    search: str
    citizens: str
    address: str
    refused: bool


def log_rows(language: Language, records: Sequence[Record], names: Mapping[int, str]) -> tuple[LogRow, ...]:
    """The records, in the order given."""
    return tuple(
        LogRow(
            number=record.number,
            when=f"{record.look.at.astimezone(DENMARK):%Y-%m-%d %H:%M:%S}",
            who=_who(record.look.actor, names),
            role=record.look.role,
            action=record.look.action,
            search=record.look.search,
            citizens=_citizens(language, record.look.citizens),
            address=record.look.address,
            refused=record.look.result == "refused",
        )
        for record in records
    )


def _who(actor: str, names: Mapping[int, str]) -> str:
    kind, _, number = actor.partition(":")
    return names.get(int(number), actor) if kind == "user" and number.isdigit() else actor


def _citizens(language: Language, citizens: Sequence[int]) -> str:
    first = ", ".join(str(one) for one in citizens[:_MOST_KEYS])
    more = len(citizens) - _MOST_KEYS
    return language.count("%(first)s og %(n)s til", "%(first)s og %(n)s til", more, first=first) if more > 0 else first
