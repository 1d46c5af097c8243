"""Lists, reviews and capacities; users, sessions, tokens and uploads; the look-up log that nothing may change."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SIX_MONTHS_US = 183 * 86_400 * 1_000_000
_UNCHANGEABLE = ("lists", "list_entries", "look_ups")


def upgrade() -> None:
    _lists()
    _reviews()
    _access()
    _look_ups()
    op.create_index("citizens_citizen", "citizens", ["citizen"])
    for table in _UNCHANGEABLE:
        _refuse(table, "update")
    # The log must be kept six months (field 6), after that a retention setting may let it go.
    _refuse("look_ups", "delete", only_younger=True)


def _lists() -> None:
    op.create_table(
        "lists",
        sa.Column("list_id", sa.Integer, primary_key=True),
        sa.Column("as_of", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("model_version", sa.Text, nullable=False),
        sa.Column("snapshot_hash", sa.Text, nullable=False),
        sa.Column("data_until", sa.BigInteger, nullable=False),
        sa.Column("silent", sa.SmallInteger, nullable=False),
        sa.UniqueConstraint("as_of", "model_version", name="lists_as_of_model"),
    )
    op.create_table(
        "list_entries",
        sa.Column("list_id", sa.Integer, sa.ForeignKey("lists.list_id"), primary_key=True),
        sa.Column("citizen", sa.Integer, primary_key=True),
        sa.Column("district", sa.Text, nullable=False),
        sa.Column("team", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("rank", sa.Integer),
        sa.Column("overall_rank", sa.Integer),
        sa.Column("probability", sa.Double),
        sa.Column("band", sa.Text),
        sa.Column("shown", sa.SmallInteger, nullable=False),
        sa.Column("change", sa.Text),
        sa.Column("previous_rank", sa.Integer),
        sa.Column("weeks", sa.Integer, nullable=False),
        sa.Column("discharged_on", sa.Text),
        sa.Column("weekly_minutes", sa.Double),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("against", sa.Text, nullable=False),
    )
    op.create_index("list_entries_district", "list_entries", ["list_id", "district", "shown"])
    op.create_index("list_entries_citizen", "list_entries", ["citizen"])


def _reviews() -> None:
    op.create_table(
        "capacities",
        sa.Column("district", sa.Text, primary_key=True),
        sa.Column("capacity", sa.Integer, nullable=False),
    )
    op.create_table(
        "citizen_references",
        sa.Column("citizen", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("reference", sa.Text, nullable=False, unique=True),
    )
    op.create_table(
        "reviews",
        sa.Column("review_id", sa.Integer, primary_key=True),
        sa.Column("citizen", sa.Integer, nullable=False),
        sa.Column("list_id", sa.Integer, sa.ForeignKey("lists.list_id"), nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("grounds", sa.Text, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("snoozed_until", sa.Text),
        sa.Column("undone_at", sa.BigInteger),
        sa.Column("undone_by", sa.Integer),
    )
    op.create_index("reviews_citizen", "reviews", ["citizen"])
    op.create_index("reviews_list", "reviews", ["list_id"])


def _access() -> None:
    op.create_table(
        "users",
        sa.Column("user_id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("districts", sa.Text, nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", sa.BigInteger),
    )
    op.create_table(
        "one_time_logins",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.user_id"), nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger),
    )
    op.create_table(
        "sessions",
        sa.Column("session", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.user_id"), nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
    )
    op.create_table(
        "tokens",
        sa.Column("token_id", sa.Integer, primary_key=True),
        sa.Column("token", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("districts", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
    )
    op.create_table(
        "uploads",
        sa.Column("upload_id", sa.Text, primary_key=True),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("finished_at", sa.BigInteger),
        sa.Column("report", sa.Text),
        sa.Column("problem", sa.Text),
    )


def _look_ups() -> None:
    op.create_table(
        "look_ups",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("search", sa.Text, nullable=False),
        sa.Column("citizens", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.create_index("look_ups_at", "look_ups", ["at"])


def _refuse(table: str, change: str, *, only_younger: bool = False) -> None:
    """Let the store itself refuse a change, whoever asks; written for both stores."""
    name, message = f"{table}_no_{change}", f"{table} cannot be changed"
    if op.get_bind().dialect.name == "sqlite":
        when = f"WHEN OLD.at > unixepoch() * 1000000 - {_SIX_MONTHS_US}" if only_younger else ""
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {change.upper()} ON {table} {when} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )
        return
    now_us = "EXTRACT(EPOCH FROM now()) * 1000000"
    when = f"WHEN (OLD.at > {now_us} - {_SIX_MONTHS_US})" if only_younger else ""
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{message}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {change.upper()} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION {name}()"
    )


def downgrade() -> None:
    op.drop_index("citizens_citizen", "citizens")
    tables = ("look_ups", "uploads", "tokens", "sessions", "one_time_logins", "users")
    for table in (*tables, "reviews", "citizen_references", "capacities", "list_entries", "lists"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for name in (*(f"{table}_no_update" for table in _UNCHANGEABLE), "look_ups_no_delete"):
            op.execute(f"DROP FUNCTION {name}()")
