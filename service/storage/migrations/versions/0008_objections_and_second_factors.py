"""Objections; users limited to teams, known elsewhere by a subject, with a second factor and recovery codes."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("teams", sa.Text, nullable=False, server_default="[]"))
    op.add_column("users", sa.Column("subject", sa.Text))
    op.create_index("users_subject", "users", ["subject"], unique=True)
    op.create_table(
        "second_factors",
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.user_id"), primary_key=True, autoincrement=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("confirmed_at", sa.BigInteger),
        sa.Column("last_step", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.user_id"), nullable=False),
        sa.Column("used_at", sa.BigInteger),
    )
    op.create_table(
        "half_logins",
        sa.Column("half_login", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.user_id"), nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "objections",
        sa.Column("objection_id", sa.Integer, primary_key=True),
        sa.Column("citizen", sa.Integer, nullable=False),
        sa.Column("starts_on", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("known_from", sa.BigInteger, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.Column("superseded_at", sa.BigInteger),
        sa.Column("withdrawn_by", sa.Text),
    )
    op.create_index("objections_citizen", "objections", ["citizen"])


def downgrade() -> None:
    for table in ("objections", "half_logins", "recovery_codes", "second_factors"):
        op.drop_table(table)
    op.drop_index("users_subject", "users")
    with op.batch_alter_table("users") as users:
        users.drop_column("subject")
        users.drop_column("teams")
