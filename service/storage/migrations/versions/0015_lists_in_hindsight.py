"""A list says whether its model had learnt from what came after its date."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of lists there are nothing says what their model had learnt, and they are measured as before."""
    op.add_column("lists", sa.Column("hindsight", sa.SmallInteger, nullable=False, server_default="0"))
