"""An index for one citizen's hospital notifications: the citizen's page asks for them."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("hospital_notifications_citizen", "hospital_notifications", ["citizen"])
