"""Files are read in batches that memory holds: by rows where rows are short, by bytes where they are not."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from service.intake.drop import TableFile
from service.intake.reading import BATCH_ROWS, RawBatch, open_file
from service.intake.schema import TABLES

LONGEST = 64 << 20
PIECE = 2_048 * 20_000
"""The most that is read before it is counted: so many rows of notes as long as a note may be."""


def read(folder: Path, rows: int, length: int) -> list[RawBatch]:
    numbers = [f"{number:08d}" for number in range(rows)]
    text = pa.array([number * (length // 8) for number in numbers])
    times = pa.array(["2025-01-10T08:00:00"] * rows)
    notes = {"note_id": numbers, "citizen_id": numbers, "observed_at": times, "recorded_at": times, "text": text}
    pq.write_table(pa.table(notes), folder / "notes.parquet", use_dictionary=False)
    file = TableFile("notes", folder / "notes.parquet")
    return list(open_file(file, TABLES["notes"]).batches)


def test_long_notes_make_small_batches_and_none_is_lost(tmp_path: Path) -> None:
    batches = read(tmp_path, 8_000, 20_000)
    assert len(batches) > 1
    assert max(batch.rows.nbytes for batch in batches) <= LONGEST + PIECE
    assert np.concatenate([batch.lines for batch in batches]).tolist() == list(range(1, 8_001))
    ids = [name for batch in batches for name in batch.rows["note_id"].to_pylist()]
    assert ids == [f"{number:08d}" for number in range(8_000)]


def test_short_rows_make_batches_of_as_many_as_are_wanted(tmp_path: Path) -> None:
    assert [batch.rows.num_rows for batch in read(tmp_path, BATCH_ROWS + 5, 8)] == [BATCH_ROWS, 5]
