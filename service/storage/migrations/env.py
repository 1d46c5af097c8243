"""Alembic's entry: runs the revisions on the connection it is handed; there is no other way in."""

from alembic import context

from service.storage.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite cannot alter a table, Alembic copies it instead
)
with context.begin_transaction():
    context.run_migrations()
