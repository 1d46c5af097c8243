"""What notes were read to say, kept beside them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sequence = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "readings",
        sa.Column("sequence", sequence, primary_key=True, autoincrement=False),
        sa.Column("citizen", sa.Integer, nullable=False),
        sa.Column("lexicon", sa.Text, nullable=False),
        sa.Column("words", sa.Integer, nullable=False),
        sa.Column("codes", sa.Text, nullable=False),
        sa.Column("places", sa.Text, nullable=False),
    )
    op.create_index("ix_readings_citizen", "readings", ["citizen"])


def downgrade() -> None:
    op.drop_table("readings")
