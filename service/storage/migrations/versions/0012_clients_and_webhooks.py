"""Clients that prove themselves with a key of their own, and webhooks with what became of each delivery."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clients",
        sa.Column("client_id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("keys", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("districts", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
    )
    op.create_table(
        "client_assertions",
        sa.Column("client_id", sa.Integer, sa.ForeignKey("clients.client_id"), primary_key=True, autoincrement=False),
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.add_column("tokens", sa.Column("client_id", sa.Integer))
    op.create_index("tokens_client", "tokens", ["client_id"])
    op.create_table(
        "webhooks",
        sa.Column("webhook_id", sa.Integer, primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column(
            "webhook_id", sa.Integer, sa.ForeignKey("webhooks.webhook_id"), primary_key=True, autoincrement=False
        ),
        sa.Column("list_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("delivery", sa.Text, nullable=False, unique=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
    )
    op.create_index("webhook_deliveries_due", "webhook_deliveries", ["state", "next_at"])


def downgrade() -> None:
    op.drop_table("webhook_deliveries")
    op.drop_table("webhooks")
    op.drop_index("tokens_client", "tokens")
    op.drop_column("tokens", "client_id")
    op.drop_table("client_assertions")
    op.drop_table("clients")
