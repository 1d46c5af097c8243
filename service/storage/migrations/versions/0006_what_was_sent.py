"""Facts: what a row said before a mapping or the vocabulary changed it, so that no code a municipality sent is lost."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_FACTS = (
    "citizens",
    "visits",
    "observations",
    "notes",
    "conditions",
    "services",
    "monitoring_plans",
    "hospital_notifications",
)


def upgrade() -> None:
    for table in _FACTS:
        op.add_column(table, sa.Column("sent", sa.Text))


def downgrade() -> None:
    for table in _FACTS:
        op.drop_column(table, "sent")
