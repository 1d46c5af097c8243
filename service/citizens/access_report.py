"""A citizen's access report (GDPR art. 15): everything held on a person, and everyone who looked.

It is made for the person, so it holds names, notes and scores in the clear; whoever asks for it is logged first. The
municipality must weigh what of it a third person's rights keep back before it is handed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from service.audit import Record
from service.storage import held, identities, merges, users
from service.storage.database import ReadSession

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class AccessReport:
    """What is held: `ids` are the drop's own, `tables` the rows by table, `looks` a row for each look, oldest first."""

    ids: tuple[str, ...]
    name: str
    made_at: datetime
    tables: Mapping[str, tuple[Row, ...]]
    looks: tuple[Row, ...]

    def as_json(self) -> dict[str, object]:
        """The report as JSON's own kinds of value."""
        return {
            "citizen_ids": list(self.ids),
            "name": self.name,
            "made_at": self.made_at.isoformat(),
            "held": {table: [dict(row) for row in rows] for table, rows in self.tables.items()},
            "looked_at_by": [dict(look) for look in self.looks],
        }


def person_keys(session: ReadSession, citizen_id: str) -> tuple[int, ...]:
    """All keys under which facts of this person stand. Raises `NotFound` for an unknown id."""
    persons = merges.persons(session)
    return persons.keys([persons.of(identities.key_of(session, citizen_id))])


def gather(session: ReadSession, keys: tuple[int, ...], now: datetime) -> AccessReport:
    """The report of the person with these keys."""
    records = held.looks(session, keys)
    names = users.names_of(session, [number for record in records for number in _user(record.look.actor)])
    return AccessReport(
        ids=tuple(identities.citizen_ids(session, keys).values()),
        name=next((name for name in identities.names(session, keys).values() if name), ""),
        made_at=now,
        tables=held.rows(session, keys),
        looks=tuple(_look(record, names) for record in records),
    )


def _user(actor: str) -> tuple[int, ...]:
    kind, _, number = actor.partition(":")
    return (int(number),) if kind == "user" and number.isdigit() else ()


def _look(record: Record, names: Mapping[int, str]) -> Row:
    """Who, when, what and what for; not whom else the answer held."""
    look = record.look
    return {
        "at": look.at.isoformat(),
        "who": next((names[number] for number in _user(look.actor) if number in names), look.actor),
        "role": look.role,
        "action": look.action,
        "purpose": look.purpose,
        "result": look.result,
    }
