"""A drop of citizens who can be found by their names, numbers and words, and the search for them in files."""

import csv
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

NUMBERS = tuple(f"2509{479980 + n}" for n in range(6))
NAMES = tuple(f"Sentinella Plantet {n}" for n in range(6))
NOTE = "Drikker kun lidt i dag, sentinelord. Datteren Plantesen ringede, er bekymret for sin mor."
WORDS = (*NUMBERS, *NAMES, "Sentinella", "sentinelord", "Plantesen", "sentinelmaal", "Datteren")
"""What must be found nowhere but in the store."""


def write(folder: Path, first: date, weeks: int) -> Path:
    """The drop: in care from before `first`, seen and written about every third day, two of them admitted."""
    days = [first + timedelta(days=each) for each in range(0, 7 * weeks, 3)]
    moments = [(number, str(day), f"{number}-{day}") for number in NUMBERS for day in days]
    stays = [(number, first + timedelta(days=30 * n)) for number in NUMBERS[:2] for n in (1, 2, 3, 4)]
    tables: Mapping[str, Sequence[tuple[str, ...]]] = {
        "citizens": [
            ("citizen_id", "name", "birth_date", "sex", "district", "care_start"),
            *(
                (number, name, "1939-03-01", "female", "Nord", "2023-01-01")
                for number, name in zip(NUMBERS, NAMES, strict=True)
            ),
        ],
        "notes": [
            ("note_id", "citizen_id", "observed_at", "recorded_at", "role", "text"),
            *((id_, number, f"{day}T09:00", f"{day}T10:00", "SSA", NOTE) for number, day, id_ in moments),
            ("bad", NUMBERS[0], "sentinelord", "sentinelord", "SSA", NOTE),
        ],
        "observations": [
            ("observation_id", "citizen_id", "observed_at", "recorded_at", "code", "value", "value_text"),
            *(
                (id_, number, f"{day}T09:00", f"{day}T10:00", "NPU08676", "37.2", "sentinelmaal")
                for number, day, id_ in moments
            ),
        ],
        "hospital_notifications": [
            ("notification_id", "citizen_id", "episode_id", "activity", "occurred_at", "recorded_at"),
            *(
                (f"{number}-{day}-{activity}", number, f"{number}-{day}", activity, f"{at}T12:00", f"{at}T12:30")
                for number, day in stays
                for activity, at in (
                    ("admit-inpatient", day),
                    ("discharge-inpatient-home", day + timedelta(days=3)),
                )
            ),
        ],
    }
    folder.mkdir()
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    return folder


def found_below(folder: Path, but: str) -> dict[str, set[str]]:
    """The words that stand in files below a folder, by file; those whose name begins with `but` are left out."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(but)]
    told = {str(path.relative_to(folder)): found_in(path) for path in files}
    return {name: words for name, words in told.items() if words}


def found_in(path: Path) -> set[str]:
    """The words that stand in a file: in its bytes, and in what they say where Parquet or SQLite packs it."""
    kept = path.read_bytes()
    found = {word for word in WORDS if word.encode() in kept}
    if kept[:4] == b"PAR1":
        found |= {word for column in _columns(path) for word in WORDS if _holds(column, word)}
    if kept[:15] == b"SQLite format 3":
        found |= {word for row in _rows(path) for word in WORDS if word in row}
    return found


def _columns(path: Path) -> Iterator[pa.ChunkedArray]:
    table = pq.read_table(path)
    for name in table.column_names:
        column = table[name]
        yield column if not pa.types.is_nested(column.type) else pa.chunked_array([[repr(column.to_pylist())]])


def _holds(column: pa.ChunkedArray, word: str) -> bool:
    return bool(pc.any(pc.match_substring(column.cast(pa.string()), word)).as_py())


def _rows(path: Path) -> Iterator[str]:
    """Every row as text: a long one lies in several pages, so that the bytes alone do not show it."""
    store = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        tables = [name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in tables:
            yield from (repr(row) for row in store.execute(f'SELECT * FROM "{name}"'))
    finally:
        store.close()
