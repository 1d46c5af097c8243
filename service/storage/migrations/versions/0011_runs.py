"""Runs of jobs, claimed by workers."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("job", sa.Text, primary_key=True),
        sa.Column("due_at", sa.BigInteger, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("heard_at", sa.BigInteger, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
    )
    op.execute("INSERT INTO counters (name, value) VALUES ('run', 0)")


def downgrade() -> None:
    op.execute("DELETE FROM counters WHERE name = 'run'")
    op.drop_table("runs")
