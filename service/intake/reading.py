"""Files to batches of raw rows, one after the other, in memory that does not grow with the file.

Only the columns the table knows are read. A file that cannot be read, or lacks a column, is refused here; what the
values mean is judged elsewhere. A parser's own words are never passed on: they quote the row they stumbled over.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from models.errors import FileRefused
from service.intake.drop import TableFile
from service.intake.schema import TableRules

BATCH_ROWS: Final = 131_072
_CSV_BLOCK: Final = 8 << 20
"""Bytes a CSV file is read in: a record longer than this is no record of a drop."""


@dataclass(frozen=True, slots=True)
class RawBatch:
    """Some rows as delivered: `lines` says where each stands in the file, `broken` are records that are no row.

    `files` names the file of each row where rows of several come together.
    """

    rows: pa.RecordBatch
    lines: NDArray[np.int64]
    broken: tuple[tuple[int, str], ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file opened for reading: the columns found, and its batches, to be taken once."""

    found: tuple[str, ...]
    batches: Iterator[RawBatch]
    rows: int | None = None
    """How many rows there are, where the file says so."""


def open_file(file: TableFile, table: TableRules) -> RawFile:
    """Open a file of a drop. Raises `FileRefused`, here or while the batches are taken."""
    return _parquet(file, table) if file.is_parquet else _csv(file, table)


def require_columns(file: str, table: TableRules, found: Sequence[str]) -> None:
    """Raise `FileRefused` when a column is missing, or there twice."""
    twice = sorted({name for name in found if found.count(name) > 1})
    if twice:
        raise FileRefused(file, f"column there more than once: {', '.join(twice)}.", "Leave one of them.")
    missing = [name for name in table.required if name not in found]
    if missing and len(found) == 1 and ";" in found[0]:
        raise FileRefused(
            file, "the columns are separated by semicolons, not commas.", "Export it with commas (RFC 4180)."
        )
    if missing:
        raise FileRefused.lacking(file, missing, found)


def _parquet(file: TableFile, table: TableRules) -> RawFile:
    try:
        # One buffer a column, refilled as pages are decoded: a row group of any size streams through.
        source = pq.ParquetFile(file.path, buffer_size=1 << 20, pre_buffer=False)
    except (OSError, pa.ArrowException):
        raise _damaged(file) from None
    found = tuple(source.schema_arrow.names)
    require_columns(file.name, table, found)
    wanted = [name for name in found if name in table.names]
    return RawFile(found, _parquet_batches(file, source, wanted), source.metadata.num_rows)


def _parquet_batches(file: TableFile, source: pq.ParquetFile, wanted: list[str]) -> Iterator[RawBatch]:
    first = 1
    with source:
        batches = source.iter_batches(batch_size=BATCH_ROWS, columns=wanted)
        while True:
            try:
                batch = next(batches, None)
                if batch is None:
                    return
                batch.validate(full=True)
            except (OSError, pa.ArrowException):
                raise _damaged(file) from None
            yield RawBatch(batch, np.arange(first, first + batch.num_rows, dtype=np.int64))
            first += batch.num_rows


def _damaged(file: TableFile) -> FileRefused:
    return FileRefused(
        file.name, "cannot be read as Parquet: it is cut off, damaged or something else.", "Send it again."
    )


@dataclass(slots=True)
class _Broken:
    """Collects the records that do not have as many values as the header, as the parser meets them."""

    met: list[str] = field(default_factory=list[str])

    def __call__(self, row: pcsv.InvalidRow) -> str:
        self.met.append(json.dumps({"record": row.text}, ensure_ascii=False))
        return "skip"

    def taken(self) -> list[str]:
        taken, self.met = self.met, []
        return taken


def _csv(file: TableFile, table: TableRules) -> RawFile:
    found = _header(file)
    require_columns(file.name, table, found)
    return RawFile(found, _csv_batches(file, [name for name in found if name in table.names]))


def _header(file: TableFile) -> tuple[str, ...]:
    try:
        with _stream(file.path) as stream:
            start = stream.read(1 << 16)
        text = start.decode("utf-8-sig", errors="strict" if len(start) < 1 << 16 else "ignore")
    except UnicodeDecodeError:
        raise _not_utf8(file) from None
    except (OSError, pa.ArrowException):
        raise FileRefused(file.name, "cannot be unpacked: it is cut off or not gzip.", "Send it again.") from None
    if not text.strip():
        raise FileRefused(file.name, "the file is empty.", "Send it with its header, or leave it out.")
    line = text.splitlines()[0].encode() + b"\n"
    try:
        return tuple(pcsv.read_csv(pa.py_buffer(line), pcsv.ReadOptions(use_threads=False)).column_names)
    except pa.ArrowException:
        raise FileRefused(file.name, "the header row cannot be read.", "Quote it as RFC 4180 says.") from None


def _stream(path: Path) -> pa.NativeFile:
    return pa.input_stream(str(path), compression="gzip" if path.suffix == ".gz" else None)


def _csv_batches(file: TableFile, wanted: list[str]) -> Iterator[RawBatch]:
    broken = _Broken()
    line = 2  # the header is line 1
    try:
        with _stream(file.path) as stream:
            reader = pcsv.open_csv(
                stream,
                pcsv.ReadOptions(use_threads=False, block_size=_CSV_BLOCK),
                pcsv.ParseOptions(newlines_in_values=True, invalid_row_handler=broken),
                pcsv.ConvertOptions(
                    include_columns=wanted,
                    column_types={name: pa.string() for name in wanted},
                    strings_can_be_null=True,
                    null_values=[""],
                ),
            )
            for batch in reader:
                skipped = broken.taken()
                lines, line = _lines(batch, line)
                yield RawBatch(batch, lines, tuple((line + i, text) for i, text in enumerate(skipped)))
                line += len(skipped)
    except pa.ArrowInvalid as error:
        raise _csv_fault(file, str(error)) from None
    except OSError:
        raise FileRefused(file.name, "cannot be unpacked: it is cut off or not gzip.", "Send it again.") from None


def _lines(batch: pa.RecordBatch, first: int) -> tuple[NDArray[np.int64], int]:
    """The line each record begins on, counting those inside quoted values, and the line after the last."""
    height = np.ones(batch.num_rows, dtype=np.int64)
    for column in batch.columns:
        breaks = pc.fill_null(pc.count_substring(column, "\n"), 0)
        height += breaks.to_numpy()
    ends = first + np.cumsum(height)
    return ends - height, int(ends[-1]) if ends.size else first


def _csv_fault(file: TableFile, words: str) -> FileRefused:
    if "UTF8" in words or "UTF-8" in words:
        return _not_utf8(file)
    if "straddling" in words or "block size" in words:
        return FileRefused(file.name, f"a record is longer than {_CSV_BLOCK >> 20} MB.", "Is a quote not closed?")
    return FileRefused(file.name, "cannot be read as CSV.", "Write it as RFC 4180 says: commas, quotes doubled.")


def _not_utf8(file: TableFile) -> FileRefused:
    return FileRefused(
        file.name,
        "is not UTF-8; it looks like latin-1 (Windows-1252), where æ, ø and å are one byte each.",
        "Export it as UTF-8.",
    )
