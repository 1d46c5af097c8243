"""Records of the look-up log as an auditor reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.audit import Record
from service.clock import danish_date
from service.ui.language import Language
from service.ui.presenters import looks

_MOST_KEYS = 3


@dataclass(frozen=True, slots=True)
class LogRow:
    """A record: `code` is what the log holds for the `action`, `citizens` names a few keys and counts the rest."""

    number: int
    day: str
    clock: str
    who: str
    role: str
    action: str
    code: str
    search: str
    citizens: str
    address: str
    result: str
    refused: bool


def log_rows(language: Language, records: Sequence[Record], names: Mapping[int, str]) -> tuple[LogRow, ...]:
    """The records, in the order given."""
    return tuple(
        LogRow(
            number=record.number,
            day=language.full_date(danish_date(record.look.at)),
            clock=language.clock_to_the_second(record.look.at),
            who=looks.actor_words(language, record.look.actor, names),
            role=looks.look_role(language, record.look.role),
            action=looks.action_phrase(language, record.look.action),
            code=record.look.action,
            search=record.look.search,
            citizens=_citizens(language, record.look.citizens),
            address=record.look.address,
            result=looks.result_word(language, refused=record.look.result == "refused"),
            refused=record.look.result == "refused",
        )
        for record in records
    )


def _citizens(language: Language, citizens: Sequence[int]) -> str:
    first = ", ".join(str(one) for one in citizens[:_MOST_KEYS])
    more = len(citizens) - _MOST_KEYS
    return language.count("%(first)s og %(n)s til", "%(first)s og %(n)s til", more, first=first) if more > 0 else first
