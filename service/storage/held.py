"""Everything the store holds on a person, as plain rows, found by asking the store itself which tables know one."""

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, inspect, text

from service.audit import Record
from service.storage import audit
from service.storage.database import ReadSession

Row = Mapping[str, object]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANTS: Final = ("_at", "_from", "_to", "_until", "_date", "_start", "_end")


def rows(session: ReadSession, keys: Collection[int]) -> Mapping[str, tuple[Row, ...]]:
    """Every row with one of the keys in its column `citizen`, by table; instants as ISO text, JSON read.

    The same tables that erasing empties: a new table is in the report from the day it has such a column.
    """
    found: dict[str, tuple[Row, ...]] = {}
    inspected = inspect(session)
    for name in sorted(inspected.get_table_names()):
        if any(column["name"] == "citizen" for column in inspected.get_columns(name)):
            asked = text(f'SELECT * FROM "{name}" WHERE citizen IN :keys')  # noqa: S608 - the name is the store's own
            held = session.execute(asked.bindparams(bindparam("keys", sorted(keys), expanding=True))).mappings()
            if told := tuple({column: _readable(column, value) for column, value in row.items()} for row in held):
                found[name] = told
    return found


def looks(session: ReadSession, keys: Collection[int]) -> tuple[Record, ...]:
    """Every record of the look-up log in which one of the keys was looked at, oldest first."""
    wanted = frozenset(keys)
    return tuple(record for record in audit.records(session) if wanted & set(record.look.citizens))


def _readable(column: str, value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and column.endswith(_INSTANTS) and abs(value) > 86_400:
        return (_EPOCH + timedelta(microseconds=value)).isoformat()
    if isinstance(value, str) and value[:1] in {"[", "{"}:
        try:
            return json.loads(value)
        except ValueError:
            return value  # a note may begin with a bracket
    return value
