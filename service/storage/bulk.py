"""Many rows at once, in and out, the fastest way each engine has.

PostgreSQL: `COPY` of CSV that Arrow writes and reads. SQLite: `executemany` and plain fetching. Both take and give
Arrow tables; which rows and which table is for the callers to say.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
from numpy.typing import NDArray
from sqlalchemy import Select, Table

from service.storage import background
from service.storage.database import ReadSession, WriteSession, is_sqlite

_CHUNK = 65_536
_SOME = 2_048


def insert(session: WriteSession, table: Table, rows: pa.Table) -> None:
    """Add the rows; `rows` has columns of the table by name, in any order."""
    if not rows.num_rows:
        return
    if is_sqlite(session):
        _insert_sqlite(session, table.name, rows)
    else:
        raw = _raw(session)
        # The server works while the next batch is read and judged, which takes about as long.
        background.send(session, lambda: _copy_in(raw, table.name, rows))


def fetch(session: ReadSession, query: Select[Any], schema: pa.Schema) -> Iterator[pa.Table]:
    """What the query finds, some ten thousand rows at a time, as tables of the schema (columns in the query's order).

    A query may hold integers as parameters and nothing else.
    """
    if is_sqlite(session):
        yield from _fetch_sqlite(session, query, schema)
    else:
        yield from _copy_out(session, query, schema)


def fetch_keyed(session: ReadSession, table: Table, keys: NDArray[np.int64], schema: pa.Schema) -> pa.Table:
    """The schema's columns of the rows whose `source_key` is one of the keys, shape (n,)."""
    query = f"SELECT {_quoted(schema.names)} FROM {table.name} WHERE source_key"  # noqa: S608 - our own names
    if is_sqlite(session):
        found = _raw(session).execute(f"{query} IN (SELECT value FROM json_each(?))", (json.dumps(keys.tolist()),))  # noqa: S608
    else:
        found = _raw(session).execute(f"{query} = ANY(%s)", (keys.tolist(),))
    return _as_table(found.fetchall(), schema)


def _as_table(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    if not rows:
        return schema.empty_table()
    columns = zip(zip(*rows, strict=True), schema, strict=True)
    return pa.table([pa.array(column, field.type) for column, field in columns], schema=schema)


def _insert_sqlite(session: WriteSession, name: str, rows: pa.Table) -> None:
    places = ", ".join("?" * rows.num_columns)
    statement = f"INSERT INTO {name} ({_quoted(rows.column_names)}) VALUES ({places})"  # noqa: S608 - our own names
    for batch in rows.to_batches(max_chunksize=_CHUNK):
        _raw(session).executemany(statement, zip(*(_values(column) for column in batch.columns), strict=True))


def _values(column: pa.Array) -> list[object]:
    """Python values; numbers without gaps go by numpy, which is several times faster."""
    if column.null_count == 0 and pa.types.is_primitive(column.type):
        return column.to_numpy().tolist()
    if column.null_count == len(column):
        return [None] * len(column)
    return column.to_pylist()


def _copy_in(raw: Any, name: str, rows: pa.Table) -> None:
    plain = pcsv.WriteOptions(include_header=False)
    with (
        raw.cursor() as cursor,
        cursor.copy(f"COPY {name} ({_quoted(rows.column_names)}) FROM STDIN (FORMAT CSV)") as copy,
    ):
        for batch in rows.to_batches(max_chunksize=_CHUNK):
            sink = pa.BufferOutputStream()
            pcsv.write_csv(batch, sink, plain)
            copy.write(memoryview(sink.getvalue()))


def _fetch_sqlite(session: ReadSession, query: Select[Any], schema: pa.Schema) -> Iterator[pa.Table]:
    cursor = _raw(session).execute(_literal(session, query))
    parts: list[pa.Table] = []
    # A few thousand rows at a time become arrays: Python's collector walks every row that is still alive.
    while rows := cursor.fetchmany(_SOME):
        parts.append(_as_table(rows, schema))
        if len(parts) * _SOME >= _CHUNK:
            yield pa.concat_tables(parts).combine_chunks()
            parts = []
    if parts:
        yield pa.concat_tables(parts).combine_chunks()


def _copy_out(session: ReadSession, query: Select[Any], schema: pa.Schema) -> Iterator[pa.Table]:
    convert = pcsv.ConvertOptions(
        column_types=schema, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
    )
    with (
        _raw(session).cursor() as cursor,
        cursor.copy(f"COPY ({_literal(session, query)}) TO STDOUT (FORMAT CSV)") as copy,
    ):
        for block in _blocks(copy):
            yield pcsv.read_csv(
                pa.py_buffer(block),
                pcsv.ReadOptions(column_names=schema.names, block_size=max(len(block), 1 << 10)),
                pcsv.ParseOptions(newlines_in_values=True),
                convert,
            )


def _blocks(copy: Any, size: int = 8 << 20) -> Iterator[bytes]:
    """The server sends one record a message, so that messages put together are always whole records."""
    held: list[memoryview | bytes] = []
    length = 0
    for data in copy:
        held.append(bytes(data))
        length += len(data)
        if length >= size:
            yield b"".join(held)
            held, length = [], 0
    if held:
        yield b"".join(held)


def _literal(session: ReadSession, query: Select[Any]) -> str:
    literal = str(query.compile(dialect=session.dialect, compile_kwargs={"literal_binds": True}))
    # The compiler doubles the sign for psycopg's placeholders; a text without parameters is sent as it stands.
    return literal if is_sqlite(session) else literal.replace("%%", "%")


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _raw(session: ReadSession) -> Any:
    background.settle(session)
    return session.connection.driver_connection


def set_superseded(
    session: WriteSession, table: Table, sequences: np.ndarray, superseded_at: np.ndarray, changed: int
) -> None:
    """Note on versions, by sequence, when they were superseded, and that they changed."""
    if not sequences.size:
        return
    raw = _raw(session)
    if is_sqlite(session):
        statement = f"UPDATE {table.name} SET superseded_at = ?, changed = ? WHERE sequence = ?"  # noqa: S608
        raw.executemany(
            statement, zip(superseded_at.tolist(), [changed] * sequences.size, sequences.tolist(), strict=True)
        )
        return
    raw.execute(
        f"UPDATE {table.name} SET superseded_at = new.moment, changed = %s "  # noqa: S608
        "FROM (SELECT unnest(%s::bigint[]) AS number, unnest(%s::bigint[]) AS moment) AS new "
        "WHERE sequence = new.number",
        (changed, sequences.tolist(), superseded_at.tolist()),
    )
