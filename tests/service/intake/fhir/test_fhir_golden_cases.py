"""Golden cases: a folder each, with FHIR as it may come and, by table, the rows it must become.

To add one: make a folder below `golden`, put the files in as `input.json`, `input.xml` or `input.ndjson`, and write the
rows expected as `TABLE.csv` with the columns that are told. Empty fields are values that are not told.
"""

import csv
from pathlib import Path

import pytest

from service.intake.fhir.discovery import find_files
from service.intake.fhir.files import ReadFiles, meet_citizens, read

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(folder.name for folder in GOLDEN.iterdir() if folder.is_dir())


@pytest.mark.parametrize("case", CASES)
def test_a_golden_case_becomes_the_rows_it_must(case: str) -> None:
    expected = {file.stem: _expected(file) for file in (GOLDEN / case).glob("*.csv")}

    assert expected, "a case without a table expects nothing"
    assert rows_of(GOLDEN / case) == expected


def rows_of(folder: Path) -> dict[str, list[dict[str, str]]]:
    """The rows of the FHIR files in a folder, by table, what is not told left out."""
    files, told = find_files(folder), ReadFiles()
    citizens = meet_citizens(files)
    for file in files:
        assert read(file, citizens, told)
    assert told.unread == []
    found: dict[str, list[dict[str, str]]] = {}
    for table in told.rows.tables:
        rows = [row for raw in told.rows.batches(table) for row in raw.rows.to_pylist()]
        found[table] = [{name: value for name, value in row.items() if value} for row in rows]
    return found


def _expected(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return [{name: value for name, value in row.items() if value} for row in csv.DictReader(stream)]
