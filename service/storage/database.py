"""The database: connecting, transactions, migrating, and what SQLite and PostgreSQL do differently about them.

A use case opens one session and hands it down; only the edge commits. A `WriteSession` may be used wherever reading
is enough, never the other way round. Nothing here knows a table.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NewType

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.pool import ConnectionPoolEntry

from models.errors import SystemWrong
from service.storage import background, liveness

if TYPE_CHECKING:
    from alembic.config import Config

ReadSession = NewType("ReadSession", Connection)
"""A transaction that sees one state of the store from beginning to end, and changes nothing."""
WriteSession = NewType("WriteSession", ReadSession)
"""A transaction that may change the store: all of it is kept, or none."""

MIGRATIONS = Path(__file__).with_name("migrations")
_PATIENCE_SECONDS = 10

_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode = WAL",  # a reader is never stopped by a load
    "PRAGMA synchronous = FULL",  # what was said to be stored survives a power cut
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 60000",
    "PRAGMA secure_delete = ON",  # an erased citizen's bytes are overwritten, not only forgotten
    "PRAGMA cache_size = -131072",  # 128 MB: the index of ids of a whole history stays in memory while it is filled
    "PRAGMA journal_size_limit = 67108864",
)


class StoreAway(SystemWrong):
    """The store cannot be reached, or went away: nothing of the transaction was kept, and it may be tried again."""


@dataclass(frozen=True, slots=True)
class Database:
    """One store, opened. Use as a context manager, or call `close`."""

    engine: Engine

    @classmethod
    def open(cls, url: str) -> "Database":
        """Open the store at an SQLAlchemy address; connects at the first session. Raises `SystemWrong`.

        Every session raises `StoreAway` when the store cannot be reached, or goes away while it is used.
        """
        try:
            address = make_url(url)
        except ArgumentError:
            raise SystemWrong("The database address cannot be read.", "Set OMHU_DATABASE_URL.") from None
        if address.get_backend_name() == "sqlite":
            return cls(_sqlite(url))
        if address.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
            # REPEATABLE READ: what a session reads belongs together, also while a load is being written.
            address = address.set(drivername="postgresql+psycopg")
            # By itself the driver waits two minutes for a machine that is away, and so does whoever asked for a page.
            patience = {} if "connect_timeout" in address.query else {"connect_timeout": _PATIENCE_SECONDS}
            engine = create_engine(
                address, isolation_level="REPEATABLE READ", hide_parameters=True, connect_args=patience
            )
            background.watch(engine)
            liveness.watch(engine)
            return cls(engine)
        raise SystemWrong(f"A store of the kind {address.drivername} is not known.", "Use sqlite:// or postgresql://.")

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()

    @contextmanager
    def read(self) -> Generator[ReadSession]:
        """A transaction for reading; rolled back at the end."""
        with _connected(self.engine) as connection:
            yield ReadSession(connection)
            connection.rollback()

    @contextmanager
    def write(self) -> Generator[WriteSession]:
        """A transaction for writing: committed at the end, rolled back on an error. `SystemWrong` on a full disk."""
        try:
            with _connected(self.engine) as connection:
                connection.execution_options(**_writing(connection))
                with connection.begin():
                    yield WriteSession(ReadSession(connection))
        except OperationalError as error:
            if not _disk_failed(error):
                raise
            raise SystemWrong("The store cannot be written to the disk.", "Is it full?") from error

    @contextmanager
    def alone(self) -> Generator[Connection]:
        """A session outside any transaction: one that stays open for hours would keep the store from cleaning up."""
        with _connected(self.engine) as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    def migrate(self, revision: str = "head") -> None:
        """Bring the schema up to a revision, the newest unless named; does nothing when it is there.

        Raises `SystemWrong` for a revision this version does not know: a later version made it.
        """
        from alembic import command  # noqa: PLC0415 - half a second, which only migrating needs

        if revision not in {"head", *revisions()}:
            raise SystemWrong(f"This version does not know the schema {revision}.", "Use the version that made it.")
        with _connected(self.engine) as connection, _unbound(connection):
            connection.execution_options(**_writing(connection))
            with connection.begin():
                command.upgrade(_alembic(connection), revision)
                _require_bound(connection)

    def require_migrated(self, *, create: bool = False) -> None:
        """Raise `SystemWrong` unless the schema is the one this code was written for.

        With `create` a store that has never been set up is set up; one of another revision is never changed here.
        """
        newest = revisions()[-1]
        with _connected(self.engine) as connection:
            present = revision_of(ReadSession(connection))
        if present is None and create:
            self.migrate()
        elif present != newest:
            found = f"is at revision {present}" if present else "has not been set up"
            raise SystemWrong(f"The store {found}, this version needs {newest}.", "Run `omhu init`.")


def is_sqlite(session: ReadSession) -> bool:
    """Whether the session's store is SQLite; otherwise it is PostgreSQL."""
    return session.dialect.name == "sqlite"


def revisions() -> tuple[str, ...]:
    """The revisions of the schema this version knows, oldest first: each migration's file begins with its own."""
    return tuple(sorted(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py")))


def revision_of(session: ReadSession) -> str | None:
    """The revision of the store's schema; none when it was never set up."""
    if not inspect(session).has_table("alembic_version"):
        return None
    return session.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _disk_failed(error: OperationalError) -> bool:
    """Whether the disk was full or failed, in the words of SQLite or of PostgreSQL."""
    told = str(error.orig)
    return "disk is full" in told or "disk I/O" in told or "No space left" in told


def _writing(connection: Connection) -> dict[str, object]:
    """A writer's options: in PostgreSQL it must see what others finished while it waited for their lock."""
    if connection.dialect.name == "sqlite":
        return {"omhu_writes": True}
    return {"isolation_level": "READ COMMITTED"}


@contextmanager
def _unbound(connection: Connection) -> Generator[None]:
    """SQLite alters a table by copying it, which nothing may refer to meanwhile; settable outside transactions only."""
    if connection.dialect.name != "sqlite":
        yield
        return
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()


def _require_bound(connection: Connection) -> None:
    """Raise `SystemWrong`, so that nothing is kept of a migration, when it left rows that refer to nothing."""
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise SystemWrong("The new schema would refer to rows that are not there.", "Restore the store from a copy.")


@contextmanager
def _connected(engine: Engine) -> Generator[Connection]:
    try:
        connection = engine.connect()
    except DBAPIError as error:
        # The driver's own words name hosts and users, never citizens; the address with its password is not among them.
        raise StoreAway(f"The store cannot be reached: {error.orig}.", "Check OMHU_DATABASE_URL.") from error
    except PoolExhausted as error:
        raise StoreAway("Every connection to the store is in use.", "Try again in a moment.") from error
    try:
        with connection:
            yield connection
    except Exception as error:
        if not _went_away(error):
            raise
        raise StoreAway("The store went away while it was used.", "Try again in a moment.") from error


def _went_away(error: Exception) -> bool:
    """Whether the server is gone or going: told by SQLAlchemy, or by the driver itself where rows are copied in."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _is_going(error.orig)
    return _is_going(error)


def _is_going(error: BaseException | None) -> bool:
    """Whether the driver found the connection cut, or the server said that it shuts down or starts (class 57P)."""
    import psycopg  # noqa: PLC0415 - only where something went wrong

    if not isinstance(error, psycopg.OperationalError):
        return False
    return error.sqlstate is None or error.sqlstate.startswith("57P")


def _sqlite(url: str) -> Engine:
    file = make_url(url).database
    if file and file != ":memory:":
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, hide_parameters=True)  # an error must not quote the row it choked on
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # The driver's own transaction handling commits behind one's back; BEGIN is said explicitly below instead.
    connection.isolation_level = None  # pyright: ignore[reportAttributeAccessIssue]
    cursor = connection.cursor()
    for pragma in _SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its lock at once: one that begins by reading could not be let through later.
    writes = connection.get_execution_options().get("omhu_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _alembic(connection: Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
