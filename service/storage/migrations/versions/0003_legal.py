"""The legal switch, and the index by which a reason's words are found."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "legal_bases",
        sa.Column("legal_basis_id", sa.Integer, primary_key=True),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Text, nullable=False),
        sa.Column("valid_to", sa.Text),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.Column("set_at", sa.BigInteger, nullable=False),
    )
    # Reasons quote the notes of a hundred citizens out of some hundred thousand notes.
    op.create_index("notes_citizen", "notes", ["citizen"])


def downgrade() -> None:
    op.drop_index("notes_citizen", "notes")
    op.drop_table("legal_bases")
