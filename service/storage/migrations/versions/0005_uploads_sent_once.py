"""Uploads: the load each became, and the sender's key by which sending again is told from sending something new."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ADDED = (
    ("load_id", sa.Integer),
    ("idempotency_key", sa.Text),
    ("fingerprint", sa.Text),
)


def upgrade() -> None:
    for name, kind in _ADDED:
        op.add_column("uploads", sa.Column(name, kind))
    op.create_index("uploads_key", "uploads", ["sender", "idempotency_key"], unique=True)
    op.create_index("uploads_waiting", "uploads", ["status", "received_at"])


def downgrade() -> None:
    op.drop_index("uploads_waiting", "uploads")
    op.drop_index("uploads_key", "uploads")
    for name, _ in reversed(_ADDED):
        op.drop_column("uploads", name)
