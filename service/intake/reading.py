"""Files to batches of raw rows, one after the other, in memory that does not grow with the file.

Only the columns the table knows are read. A file that cannot be read, or lacks a column, is refused here; what the
values mean is judged elsewhere. A parser's own words are never passed on: they quote the row they stumbled over.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from models.errors import FileRefused
from service.intake.drop import TableFile
from service.intake.localising import kept_columns, own_names
from service.intake.mapping.meanings import TableMapping
from service.intake.record_lines import RecordLines
from service.intake.schema import TableRules
from service.intake.unpacking import Unpacked, UnpacksTooFar

BATCH_ROWS: Final = 131_072
_BATCH_BYTES: Final = 64 << 20
"""Where a batch ends before it has that many rows: notes may be long, and what is made of a batch is as large again."""
_ROWS_AT_ONCE: Final = 2_048
_CSV_BLOCK: Final = 8 << 20
"""Bytes a CSV file is read in: a record longer than this is no record of a drop."""


@dataclass(frozen=True, slots=True)
class RawBatch:
    """Some rows as delivered: `lines` says where each stands in the file, `broken` are records that are no row.

    `files` names the file of each row where rows of several come together, and `parts`, shape (n,), says whose it is
    where what several sent comes together.
    """

    rows: pa.RecordBatch
    lines: NDArray[np.int64]
    broken: tuple[tuple[int, str], ...] = ()
    files: tuple[str, ...] = ()
    parts: NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file opened for reading: the columns found, and its batches, to be taken once."""

    found: tuple[str, ...]
    batches: Iterator[RawBatch]
    rows: int | None = None
    """How many rows there are, where the file says so."""


def open_file(file: TableFile, table: TableRules, mapping: TableMapping | None = None) -> RawFile:
    """Open a file of a drop; columns a mapping says are the table's are read too, under their own names.

    Raises `FileRefused`, here or while the batches are taken.
    """
    return _parquet(file, table, mapping) if file.is_parquet else _csv(file, table, mapping)


def require_columns(file: str, table: TableRules, columns: Sequence[str], mapping: TableMapping | None = None) -> None:
    """Raise `FileRefused` when a column is missing, or there twice."""
    found = own_names(columns, mapping)
    twice = sorted({name for name in found if found.count(name) > 1})
    if twice:
        raise FileRefused(file, f"column there more than once: {', '.join(twice)}.", "Leave one of them.")
    missing = [name for name in table.required if name not in found]
    if missing and len(found) == 1 and ";" in found[0]:
        raise FileRefused(
            file, "the columns are separated by semicolons, not commas.", "Export it with commas (RFC 4180)."
        )
    if missing:
        raise FileRefused.lacking(file, missing, columns)


def _parquet(file: TableFile, table: TableRules, mapping: TableMapping | None) -> RawFile:
    try:
        # One buffer a column, refilled as pages are decoded: a row group of any size streams through.
        source = pq.ParquetFile(file.path, buffer_size=1 << 20, pre_buffer=False)
    except (OSError, pa.ArrowException):
        raise _damaged(file) from None
    found = tuple(source.schema_arrow.names)
    require_columns(file.name, table, found, mapping)
    wanted = list(kept_columns(found, table, mapping))
    return RawFile(found, _parquet_batches(file, source, wanted), source.metadata.num_rows)


def _parquet_batches(file: TableFile, source: pq.ParquetFile, wanted: list[str]) -> Iterator[RawBatch]:
    first = 1
    with source:
        batches = _gathered(source.iter_batches(batch_size=min(_ROWS_AT_ONCE, BATCH_ROWS), columns=wanted))
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


def _gathered(pieces: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Batches as large as memory should hold, of pieces that are small however long their texts are."""
    held: list[pa.RecordBatch] = []
    for piece in pieces:
        held.append(piece)
        if sum(part.num_rows for part in held) >= BATCH_ROWS or sum(part.nbytes for part in held) >= _BATCH_BYTES:
            yield pa.concat_batches(held)
            held = []
    if held:
        yield pa.concat_batches(held)


def _damaged(file: TableFile) -> FileRefused:
    return FileRefused(
        file.name, "cannot be read as Parquet: it is cut off, damaged or something else.", "Send it again."
    )


def _csv(file: TableFile, table: TableRules, mapping: TableMapping | None) -> RawFile:
    found = _header(file)
    require_columns(file.name, table, found, mapping)
    return RawFile(found, _csv_batches(file, found, list(kept_columns(found, table, mapping))))


def _header(file: TableFile) -> tuple[str, ...]:
    try:
        with _stream(file.path) as stream:
            start = stream.read(1 << 16)
        text = start.decode("utf-8-sig", errors="strict" if len(start) < 1 << 16 else "ignore")
    except UnicodeDecodeError:
        raise _not_utf8(file) from None
    except (OSError, EOFError, zlib.error, pa.ArrowException):
        raise FileRefused(file.name, "cannot be unpacked: it is cut off or not gzip.", "Send it again.") from None
    if not text.strip():
        raise FileRefused(file.name, "the file is empty.", "Send it with its header, or leave it out.")
    line = text.splitlines()[0].encode() + b"\n"
    try:
        return tuple(pcsv.read_csv(pa.py_buffer(line), pcsv.ReadOptions(use_threads=False)).column_names)
    except pa.ArrowException:
        raise FileRefused(file.name, "the header row cannot be read.", "Quote it as RFC 4180 says.") from None


def _stream(path: Path) -> pa.NativeFile:
    return pa.PythonFile(Unpacked(path), "r") if path.suffix == ".gz" else pa.input_stream(str(path), compression=None)


def _csv_batches(file: TableFile, found: Sequence[str], wanted: list[str]) -> Iterator[RawBatch]:
    lines = RecordLines()
    # Every column is read, those left out as mere bytes: a line break in any of them moves all lines after it.
    kinds = {name: pa.string() if name in wanted else pa.binary() for name in found}
    try:
        with _stream(file.path) as stream:
            reader = pcsv.open_csv(
                stream,
                pcsv.ReadOptions(use_threads=False, block_size=_CSV_BLOCK),
                pcsv.ParseOptions(newlines_in_values=True, invalid_row_handler=lines, ignore_empty_lines=False),
                pcsv.ConvertOptions(column_types=kinds, strings_can_be_null=True, null_values=[""]),
            )
            for batch in reader:
                begins, broken = lines.place(batch)
                said = _says_something(batch)
                yield RawBatch(batch.select(wanted).filter(pa.array(said)), begins[said], broken)
            yield RawBatch(_nothing(wanted), np.array([], dtype=np.int64), lines.rest())
    except UnpacksTooFar as error:
        raise FileRefused(file.name, error.message, error.remedy) from None
    except pa.ArrowInvalid as error:
        raise _csv_fault(file, str(error)) from None
    except (OSError, EOFError, zlib.error):
        raise FileRefused(file.name, "cannot be unpacked: it is cut off or not gzip.", "Send it again.") from None


def _says_something(batch: pa.RecordBatch) -> NDArray[np.bool_]:
    """Which records hold any value, shape (n,): a blank line is no row."""
    said = np.zeros(batch.num_rows, dtype=np.bool_)
    for column in batch.columns:
        said |= column.is_valid().to_numpy(zero_copy_only=False)
        if said.all():
            break
    return said


def _nothing(columns: Sequence[str]) -> pa.RecordBatch:
    return pa.record_batch({name: pa.array([], pa.string()) for name in columns})


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
