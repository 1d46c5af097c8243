"""A server that ended our connections is met with new ones, and nobody is shown an error for it."""

from sqlalchemy import text

from service.storage.database import Database


def backend(database: Database) -> int:
    with database.read() as session:
        return session.execute(text("SELECT pg_backend_pid()")).scalar_one()


def test_a_connection_is_used_again_and_one_the_server_ended_is_replaced(postgresql_url: str) -> None:
    with Database.open(postgresql_url) as database, Database.open(postgresql_url) as other:
        first = backend(database)
        assert backend(database) == first
        with other.write() as session:
            session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": first})
        assert backend(database) != first
