"""Every table of the store out to Parquet and back in, whatever the engine: what a copy for safekeeping is made of."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Float, Integer, MetaData, Numeric, Table, func, inspect, select

from service.storage import bulk
from service.storage.database import Database, ReadSession, WriteSession, is_sqlite

_NOT_COPIED: Final = "alembic_version"
_ROWS: Final = 65_536


def is_bare(database: Database) -> bool:
    """Whether the store has no table at all."""
    with database.read() as session:
        return not inspect(session).get_table_names()


def write_out(session: ReadSession, folder: Path) -> Iterator[tuple[str, int]]:
    """Write each table to `folder/NAME.parquet`; yields its name and its number of rows. All are of one moment."""
    for table in _tables(session):
        schema = _schema(table)
        rows = 0
        with pq.ParquetWriter(folder / f"{table.name}.parquet", schema, compression="zstd") as file:
            for part in bulk.fetch(session, select(*table.c), schema):
                file.write_table(part)
                rows += part.num_rows
        yield table.name, rows


def read_in(session: WriteSession, folder: Path) -> Iterator[tuple[str, int]]:
    """Fill the tables of a store whose schema has just been made; yields each one's name and its number of rows."""
    tables = _tables(session)
    for table in reversed(tables):  # what the migrations put there is in the copy too
        session.execute(table.delete())
    for table in tables:
        file = pq.ParquetFile(folder / f"{table.name}.parquet")
        for batch in file.iter_batches(_ROWS):
            bulk.insert(session, table, pa.Table.from_batches([batch]))
        if not is_sqlite(session):
            _number_on(session, table)
        yield table.name, file.metadata.num_rows


def _tables(session: ReadSession) -> list[Table]:
    """The tables there are, each after those it refers to."""
    metadata = MetaData()
    metadata.reflect(session)
    return [table for table in metadata.sorted_tables if table.name != _NOT_COPIED]


def _schema(table: Table) -> pa.Schema:
    def kind(of: object) -> pa.DataType:
        if isinstance(of, Integer):
            return pa.int64()
        return pa.float64() if isinstance(of, Float | Numeric) else pa.string()

    return pa.schema([(column.name, kind(column.type)) for column in table.c])


def _number_on(session: WriteSession, table: Table) -> None:
    """PostgreSQL hands out numbers by a sequence beside the table: it goes on after the last one that was used."""
    for column in table.primary_key:
        sequence = session.execute(select(func.pg_get_serial_sequence(table.name, column.name))).scalar()
        if sequence:
            last = session.execute(select(func.max(column))).scalar()
            session.execute(select(func.setval(sequence, last or 1, last is not None)))
