"""A citizen's access report (GDPR art. 15): everything held on a person, and everyone who looked.

It is made for the person, so it holds names, notes and scores in the clear; whoever asks for it is logged first. The
municipality must weigh what of it a third person's rights keep back before it is handed over.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from service.audit import Record
from service.storage import held, identities, lists, merges, users
from service.storage.database import ReadSession
from service.weekly.lists import ListId

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class AccessReport:
    """What is held: `ids` are the drop's own, `tables` the rows by table, `looks` a row for each look, oldest first.

    `users` are the names of those the rows know by number, `lists` the dates of lists that were shown.
    """

    ids: tuple[str, ...]
    name: str
    made_at: datetime
    tables: Mapping[str, tuple[Row, ...]]
    looks: tuple[Row, ...]
    users: Mapping[int, str]
    lists: Mapping[int, date]

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
    tables = held.rows(session, keys)
    return AccessReport(
        ids=tuple(identities.citizen_ids(session, keys).values()),
        name=next((name for name in identities.names(session, keys).values() if name), ""),
        made_at=now,
        tables=tables,
        looks=tuple(_look(record, names) for record in records),
        users=users.names_of(session, _numbers(tables, "user_id", "to_user")),
        lists=_dates(session, _numbers(tables, "list_id")),
    )


def _numbers(tables: Mapping[str, tuple[Row, ...]], *columns: str) -> frozenset[int]:
    told = (row.get(column) for rows in tables.values() for row in rows for column in columns)
    return frozenset(value for value in told if isinstance(value, int))


def _dates(session: ReadSession, numbers: Iterable[int]) -> dict[int, date]:
    heads = (lists.head_of(session, ListId(number)) for number in numbers)
    return {head.number: head.as_of for head in heads if head}


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
