"""A date and a model may have a silent list and one that is shown: the silent one is never shown afterwards."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _unique("lists_as_of_model", "lists_as_of_model_silent", ["as_of", "model_version", "silent"])


def downgrade() -> None:
    _unique("lists_as_of_model_silent", "lists_as_of_model", ["as_of", "model_version"])


def _unique(old: str, new: str, columns: list[str]) -> None:
    with op.batch_alter_table("lists") as lists:
        lists.drop_constraint(old, type_="unique")
        lists.create_unique_constraint(new, columns)
    if op.get_bind().dialect.name == "sqlite":
        # SQLite cannot drop a constraint, so the table was copied, and what refuses to change a list went with the old.
        op.execute(
            "CREATE TRIGGER lists_no_update BEFORE UPDATE ON lists "
            "BEGIN SELECT RAISE(ABORT, 'lists cannot be changed'); END"
        )
