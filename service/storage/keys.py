"""Asking for the rows of many keys at once: one parameter however many they are, in either store.

A hundred parameters take longer to write into a statement than the store takes to answer it, and a statement whose text
changes with their number is prepared anew each time.
"""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import KeyedColumnElement

from service.storage.database import ReadSession, is_sqlite


def among(
    session: ReadSession, column: KeyedColumnElement[Any], keys: Collection[int] | Collection[str]
) -> ColumnElement[bool]:
    """That the column holds one of these; none does where there are none."""
    chosen = sorted(set(keys))
    if not is_sqlite(session):
        return column == any_(bindparam(None, chosen, ARRAY(column.type)))
    listed = func.json_each(json.dumps(chosen)).table_valued("value")
    return column.in_(select(listed.c.value))
