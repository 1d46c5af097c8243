"""Rows of FHIR files, gathered by table until they are filed: few in memory, the rest in a temporary file.

The temporary file has no name in any folder, so that nothing of it is left, however the process ends.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import IO, Final

import numpy as np
import pyarrow as pa

from service.intake.fhir.rows import Row
from service.intake.reading import RawBatch
from service.intake.schema import TABLES, Column, TableRules

BATCH_ROWS: Final = 20_000
_IN_MEMORY: Final = 32 << 20


def rules_of(table: str) -> TableRules:
    """The rules for rows of a table that came as FHIR: the drop's, when the message was made, and a limit's unit."""
    known = TABLES[table]
    if table == "citizens":
        return known
    unit = (Column("unit", "text", limit=64),) if table == "monitoring_plans" else ()
    return replace(known, columns=(*known.columns, Column("sent_at", "time"), *unit))


@dataclass(slots=True)
class _Held:
    """The rows of one table: those not written out yet, with the file and line each stands in."""

    rules: TableRules
    rows: list[Row] = field(default_factory=list[Row])
    files: list[str] = field(default_factory=list[str])
    lines: list[int] = field(default_factory=list[int])
    out: IO[bytes] | None = None
    writer: pa.RecordBatchStreamWriter | None = None

    def batch(self) -> pa.RecordBatch:
        """What is held, as a batch of texts, and nothing held any more."""
        told = {
            # A character more than is taken is enough to set the row aside; a resource may say it of thousands.
            column.name: _text_array([_cut(row.values.get(column.name), column.limit + 1) for row in self.rows])
            for column in self.rules.columns
        }
        made = pa.record_batch({**told, _FILE: _text_array(self.files), _LINE: pa.array(self.lines, pa.int64())})
        self.rows, self.files, self.lines = [], [], []
        return made

    def write_out(self) -> None:
        """Move what is held into the temporary file."""
        batch = self.batch()
        writer = self.writer
        if writer is None:
            self.out = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by `Spool.close`
            writer = self.writer = pa.ipc.new_stream(self.out, batch.schema)
        writer.write_batch(batch)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Everything, in the order it came; to be asked for once."""
        if self.writer is not None and self.out is not None:
            self.writer.close()
            self.out.seek(0)
            yield from pa.ipc.open_stream(self.out)
        if self.rows:
            yield self.batch()


_FILE: Final = "file"
_LINE: Final = "line"


class Spool:
    """The rows of some files, by table."""

    def __init__(self) -> None:
        self.rows = 0
        self._tables: dict[str, _Held] = {}

    def add(self, file: str, line: int, row: Row) -> None:
        """Take a row; `line` is its number within the file."""
        held = self._tables.get(row.table)
        if held is None:
            held = self._tables[row.table] = _Held(rules_of(row.table))
        held.rows.append(row)
        held.files.append(file)
        held.lines.append(line)
        self.rows += 1
        if len(held.rows) >= BATCH_ROWS:
            held.write_out()

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables there are rows of, in the order they are loaded."""
        return tuple(name for name in TABLES if name in self._tables)

    def batches(self, table: str) -> Iterator[RawBatch]:
        """The rows of a table as filing takes them."""
        held = self._tables[table]
        for batch in held.batches():
            yield RawBatch(
                rows=batch.select(list(held.rules.names)),
                lines=np.asarray(batch.column(_LINE)),
                files=tuple(batch.column(_FILE).to_pylist()),
            )

    def close(self) -> None:
        """Let go of the temporary files."""
        for held in self._tables.values():
            if held.out is not None:
                held.out.close()


def _cut(value: str | None, length: int) -> str | None:
    return value if value is None or len(value) <= length else value[:length]


def _text_array(texts: Sequence[str | None]) -> pa.Array:
    try:
        return pa.array(texts, pa.string())
    except UnicodeEncodeError:  # half of a pair of UTF-16: JSON can say it, no text can hold it
        whole = [None if one is None else one.encode("utf-8", "replace").decode() for one in texts]
        return pa.array(whole, pa.string())
