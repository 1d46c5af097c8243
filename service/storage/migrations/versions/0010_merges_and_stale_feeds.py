"""Ids that are one person's, and lists made although a feed was stale."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sequence = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "citizen_merges",
        sa.Column("sequence", sequence, primary_key=True, autoincrement=False),
        sa.Column("citizen", sa.Integer, nullable=False),
        sa.Column("into_citizen", sa.Integer),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "stale_accepted",
        sa.Column("list_id", sa.Integer, sa.ForeignKey("lists.list_id"), primary_key=True, autoincrement=False),
        sa.Column("feeds", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("accepted_by", sa.Text, nullable=False),
        sa.Column("accepted_at", sa.BigInteger, nullable=False),
    )
    message = "merges of citizens do not change; add one that ends it"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER citizen_merges_no_update BEFORE UPDATE ON citizen_merges "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION citizen_merges_no_update() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER citizen_merges_no_update BEFORE UPDATE ON citizen_merges FOR EACH ROW "
        "EXECUTE FUNCTION citizen_merges_no_update()"
    )


def downgrade() -> None:
    op.drop_table("stale_accepted")
    op.drop_table("citizen_merges")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION citizen_merges_no_update()")
