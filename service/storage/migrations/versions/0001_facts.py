"""Identities, loads, and one append-only table of versions for each table of the drop."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TIME, _NUMBER, _TEXT, _FLAG = sa.BigInteger, sa.Double, sa.Text, sa.SmallInteger

_FACTS = {
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
    "hospital_notifications": {"episode_id": _TEXT, "activity": _TEXT, "occurred_at": _TIME, "planned": _FLAG},
}


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("citizen", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("citizen_id", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text),
        sa.Column("named_at", sa.BigInteger),
    )
    op.create_table(
        "loads",
        sa.Column("load_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("finished_at", sa.BigInteger),
        sa.Column("report", sa.Text),
    )
    op.create_table(
        "set_aside",
        sa.Column("load_id", sa.Integer, sa.ForeignKey("loads.load_id"), primary_key=True),
        sa.Column("file", sa.Text, primary_key=True),
        sa.Column("line", sa.BigInteger, primary_key=True),
        sa.Column("column", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("row", sa.Text, nullable=False),
    )
    counters = op.create_table(
        "counters",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(counters, [{"name": name, "value": 0} for name in ("citizen", "load", "sequence")])
    for name in _FACTS:
        _versions(name)


def _versions(name: str) -> None:
    op.create_table(
        name,
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("load_id", sa.Integer, nullable=False),
        sa.Column("source_id", sa.Text, nullable=False),
        sa.Column("source_key", sa.BigInteger, nullable=False),
        sa.Column("content", sa.BigInteger, nullable=False),
        sa.Column("citizen", sa.Integer, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=name == "citizens"),
        sa.Column("known_from", sa.BigInteger, nullable=False),
        sa.Column("superseded_at", sa.BigInteger),
        sa.Column("changed", sa.BigInteger),
        sa.Column("retracted", sa.SmallInteger, nullable=False),
        *(sa.Column(column, kind) for column, kind in _FACTS[name].items()),
    )
    op.create_index(f"{name}_source", name, ["source_key"])
    changed = sa.text("changed IS NOT NULL")
    op.create_index(f"{name}_changed", name, ["changed"], sqlite_where=changed, postgresql_where=changed)


def downgrade() -> None:
    for name in (*_FACTS, "counters", "set_aside", "loads", "identities"):
        op.drop_table(name)
