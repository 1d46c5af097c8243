"""API tokens may be limited to teams of their districts."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; tokens there are reach every team, as before."""
    op.add_column("tokens", sa.Column("teams", sa.Text, nullable=False, server_default="[]"))
