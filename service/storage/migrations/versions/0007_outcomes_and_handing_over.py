"""What became of lists, added as it becomes known, and to whom a citizen was handed over."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "list_outcomes",
        sa.Column("outcome_id", sa.Integer, primary_key=True),
        sa.Column("list_id", sa.Integer, sa.ForeignKey("lists.list_id"), nullable=False),
        sa.Column("district", sa.Text, nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("known_before", sa.Text, nullable=False),
        sa.Column("computed_at", sa.BigInteger, nullable=False),
        sa.Column("figures", sa.Text, nullable=False),
    )
    op.create_index("list_outcomes_list", "list_outcomes", ["list_id", "district", "policy"])
    op.create_table(
        "hand_overs",
        sa.Column("review_id", sa.Integer, sa.ForeignKey("reviews.review_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("citizen", sa.Integer, nullable=False),
        sa.Column("to_user", sa.Integer, nullable=False),
        sa.Column("until", sa.Text, nullable=False),
    )
    op.create_index("hand_overs_citizen", "hand_overs", ["citizen"])
    op.create_index("hand_overs_to_user", "hand_overs", ["to_user"])


def downgrade() -> None:
    op.drop_table("hand_overs")
    op.drop_table("list_outcomes")
