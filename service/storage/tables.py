"""The tables of facts, as SQLAlchemy sees them; the migrations are what makes them.

Times are whole microseconds since 1970, UTC, as BIGINT: the same number in SQLite, PostgreSQL, Arrow and the
snapshot, with no driver's idea of time zones in between. Dates are the instant their local day begins. Citizens are
keys of `identities`, the only table that knows a citizen's own id or name.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
)

METADATA: Final = MetaData()

IDENTITIES: Final = Table(
    "identities",
    METADATA,
    Column("citizen", Integer, primary_key=True, autoincrement=False),
    Column("citizen_id", Text, nullable=False, unique=True),
    Column("name", Text),
    Column("named_at", BigInteger),  # place in time of the row the name stands in: a later one replaces it
)

LOADS: Final = Table(
    "loads",
    METADATA,
    Column("load_id", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),  # the drop's last path component, no machine's path
    Column("mode", Text, nullable=False),  # live | history
    Column("status", Text, nullable=False),  # running | loaded | partly | refused | failed | stopped | interrupted
    Column("received_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Column("report", Text),
)

SET_ASIDE: Final = Table(
    "set_aside",
    METADATA,
    Column("load_id", Integer, ForeignKey("loads.load_id"), primary_key=True),
    Column("file", Text, primary_key=True),
    Column("line", BigInteger, primary_key=True),
    Column("column", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("row", Text, nullable=False),  # as JSON, so that it can be mended and sent again
)

COUNTERS: Final = Table(
    "counters",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
"""Numbers handed out: `citizen`, `load`, and `sequence`, whose row every writer of facts locks, one after the other."""

_TIME, _NUMBER, _TEXT, _FLAG = BigInteger, Double, Text, SmallInteger

FACT_COLUMNS: Final[Mapping[str, Mapping[str, type[BigInteger | Double | Text | SmallInteger]]]] = {
    "citizens": {
        "birth_date": _TIME,
        "sex": _TEXT,
        "district": _TEXT,
        "team": _TEXT,
        "care_start": _TIME,
        "care_end": _TIME,
        "death_date": _TIME,
        "terminal": _FLAG,
    },
    "visits": {
        "started_at": _TIME,
        "planned_minutes": _NUMBER,
        "delivered_minutes": _NUMBER,
        "kind": _TEXT,
        "status": _TEXT,
    },
    "observations": {
        "observed_at": _TIME,
        "code": _TEXT,
        "value": _NUMBER,
        "value_text": _TEXT,
        "unit": _TEXT,
        "role": _TEXT,
    },
    "notes": {"observed_at": _TIME, "role": _TEXT, "heading": _TEXT, "text": _TEXT},
    "conditions": {"code": _TEXT, "severity": _NUMBER, "status": _TEXT},
    "services": {"valid_from": _TIME, "valid_to": _TIME, "code": _TEXT, "minutes_per_week": _NUMBER},
    "monitoring_plans": {
        "valid_from": _TIME,
        "valid_to": _TIME,
        "code": _TEXT,
        "times_per_week": _NUMBER,
        "low": _NUMBER,
        "high": _NUMBER,
    },
    "hospital_notifications": {
        "episode_id": _TEXT,
        "activity": _TEXT,
        "occurred_at": _TIME,
        "planned": _FLAG,
    },
}
"""What each table of the drop says, beside what every version has."""


def _versions(name: str) -> Table:
    return Table(
        name,
        METADATA,
        Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
        Column("load_id", Integer, nullable=False),
        Column("source_id", Text, nullable=False),  # of citizens: the key, never the citizen's own id
        Column("source_key", BigInteger, nullable=False),  # a 64-bit hash of it: half the index, a third of the time
        Column("content", BigInteger, nullable=False),  # a 64-bit hash of what the row says
        Column("citizen", Integer, nullable=False),
        Column("recorded_at", BigInteger, nullable=name == "citizens"),
        Column("known_from", BigInteger, nullable=False),
        Column("superseded_at", BigInteger),
        Column("changed", BigInteger),  # the sequence at which superseded_at was last set
        Column("retracted", SmallInteger, nullable=False),
        Column("sent", Text),  # as JSON, the values as they came that a mapping or the vocabulary changed
        *(Column(column, kind) for column, kind in FACT_COLUMNS[name].items()),
    )


FACTS: Final[Mapping[str, Table]] = {name: _versions(name) for name in FACT_COLUMNS}
"""One append-only table of versions for each table of the drop."""

for _table in FACTS.values():
    Index(f"{_table.name}_source", _table.c.source_key)
    # Rows that changed are few among rows that came: the index of the many is the primary key.
    Index(
        f"{_table.name}_changed",
        _table.c.changed,
        sqlite_where=_table.c.changed.is_not(None),
        postgresql_where=_table.c.changed.is_not(None),
    )
