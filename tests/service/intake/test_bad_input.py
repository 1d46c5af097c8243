"""Files and rows nobody should send: each is refused or set aside with the reason, and the rest loads."""

import gzip
import math
from collections.abc import Callable, Generator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.storage import loads
from service.storage.database import Database
from tests.drops import citizen, emptied, load, load_rows, observation, versions, visit, write_drop

HEADER = "visit_id,citizen_id,started_at,recorded_at,kind\n"
GOOD = "v1,A1,2025-01-10T08:00:00,2025-01-10T09:00:00,night\n"


@pytest.fixture
def database(sqlite_url: str) -> Generator[Database]:
    """An empty store in SQLite: what a file is does not depend on where its rows would go."""
    with Database.open(sqlite_url) as opened:
        yield opened


def _truncated(folder: Path) -> None:
    whole = write_drop(folder, visits=[visit("v1")]) / "visits.parquet"
    whole.write_bytes(whole.read_bytes()[:-40])


def _damaged_inside(folder: Path) -> None:
    whole = write_drop(folder, visits=[visit(f"v{i}") for i in range(1000)]) / "visits.parquet"
    content = bytearray(whole.read_bytes())
    content[100:400] = b"\xff" * 300
    whole.write_bytes(content)


def _csv(text: str | bytes, name: str = "visits.csv") -> Callable[[Path], None]:
    content = text if isinstance(text, bytes) else text.encode()

    def write(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return write


def _number_ids(folder: Path) -> None:
    write_drop(folder, visits=[visit("v1", citizen_id=102401234)])


def _column_twice(folder: Path) -> None:
    table = pa.Table.from_pylist([visit("v1")])
    pq.write_table(table.append_column("kind", table["kind"]), folder / "visits.parquet")


def _lists(folder: Path) -> None:
    write_drop(folder, visits=[visit("v1", planned_minutes=[30.0])])


def _invalid_text(folder: Path) -> None:
    table = pa.Table.from_pylist([visit("v1")])
    wrong = pa.array([b"n\xe6gter"]).view(pa.string())
    pq.write_table(table.set_column(table.schema.get_field_index("kind"), "kind", wrong), folder / "visits.parquet")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_truncated, "cannot be read as Parquet"),
        (_damaged_inside, "cannot be read as Parquet"),
        (_invalid_text, "cannot be read as Parquet"),
        (_csv(GOOD.encode(), "visits.parquet"), "cannot be read as Parquet"),
        (_number_ids, "citizen_id is a number, not text"),
        (_column_twice, "more than once: kind"),
        (_lists, "planned_minutes is of type list"),
        (_csv(""), "the file is empty"),
        (
            _csv("visit_id,citizen_id\n"),
            "required column missing: recorded_at, started_at; found: visit_id, citizen_id",
        ),
        (_csv(HEADER.replace(",", ";") + GOOD.replace(",", ";")), "separated by semicolons"),
        (_csv((HEADER + GOOD.replace("night", "nægter")).encode("latin-1")), "looks like latin-1"),
        (_csv((HEADER + GOOD * 3000 + GOOD.replace("night", "æ")).encode("latin-1")), "looks like latin-1"),
        (_csv(HEADER + 'v1,A1,"' + "x" * 30_000_000), "longer than 8 MB"),
        (_csv(gzip.compress((HEADER + GOOD * 3000).encode())[:60], "visits.csv.gz"), "cannot be unpacked"),
        (_csv(b"no gzip at all", "visits.csv.gz"), "cannot be unpacked"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_and_the_others_load(
    database: Database, tmp_path: Path, spoil: Callable[[Path], None], words: str
) -> None:
    spoil(tmp_path)
    write_drop(tmp_path, citizens=[citizen("A1")])
    told = load(database, tmp_path)

    (refused,) = told.refused
    assert words in refused.message
    assert refused.remedy
    assert "visits" not in told.tables
    assert told.exit_code == 2
    assert versions(database, "visits") == []
    assert told.tables["citizens"].new == 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (visit(""), "missing"),
        ({**visit("v"), "visit_id": None}, "missing"),
        (visit("v", citizen_id=None), "missing"),
        (visit("v", started_at="1899-12-30T00:00:00"), "time_out_of_range"),
        (visit("v", started_at="2099-01-01T00:00:00"), "time_out_of_range"),
        (visit("v", started_at="9999-12-31T00:00:00"), "not_a_time"),
        (visit("v", "10/1 2025"), "not_a_time"),
        (visit("v", planned_minutes=math.nan), "not_finite"),
        (visit("v", planned_minutes=math.inf), "not_finite"),
        (visit("v", delivered_minutes=-1.0), "out_of_range"),
        (visit("v", status="forgotten"), "not_one_of"),
        (visit("v" * 201), "too_long"),
        (visit("v\0"), "zero_byte"),
    ],
)
def test_a_row_that_breaks_a_rule_is_set_aside_and_the_others_load(
    database: Database, tmp_path: Path, row: dict[str, object], reason: str
) -> None:
    told = load_rows(database, tmp_path, visits=[visit("v1"), row, visit("v2")]).tables["visits"]

    assert told.set_aside == {reason: 1}
    assert told.new == 2


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e9])
def test_a_measured_value_nobody_can_have_is_set_aside(database: Database, tmp_path: Path, value: float) -> None:
    told = load_rows(database, tmp_path, observations=[observation("o1", "NPU08676", value=value)])
    assert sum(told.tables["observations"].set_aside.values()) == 1


@pytest.mark.parametrize(("length", "taken"), [(20_000, 1), (20_001, 0)])
def test_a_note_may_have_twenty_thousand_characters(
    database: Database, tmp_path: Path, length: int, taken: int
) -> None:
    note = {
        "note_id": "n1",
        "citizen_id": "A1",
        "observed_at": "2025-01-10T08:00:00",
        "recorded_at": "2025-01-10T09:00:00",
        "text": "å" * length,
    }
    assert load_rows(database, tmp_path, notes=[note]).tables["notes"].new == taken


def test_lines_are_told_as_an_editor_counts_them(database: Database, tmp_path: Path) -> None:
    header = "note_id,citizen_id,observed_at,recorded_at,text\n"
    note = 'n1,A1,2025-01-10T08:00:00,2025-01-10T09:00:00,"spiser\nikke"\n'
    bad = "n2,A1,i går,2025-01-10T09:00:00,drikker\n"
    (tmp_path / "notes.csv").write_text(header + note + bad, encoding="utf-8")
    told = load(database, tmp_path)

    with database.read() as session:
        (row,) = loads.rejects(session, told.load)
    assert (row.line, row.column, row.reason) == (4, "observed_at", "not_a_time")


def test_a_record_with_too_many_values_is_set_aside(database: Database, tmp_path: Path) -> None:
    (tmp_path / "visits.csv").write_text(HEADER + GOOD + "v2,A1,too,many,values,here\n" + GOOD.replace("v1", "v3"))
    told = load(database, tmp_path).tables["visits"]

    assert (told.read, told.new, told.set_aside) == (3, 2, {"wrong_number_of_values": 1})


def test_packed_csv_with_a_mark_of_its_encoding_loads(database: Database, tmp_path: Path) -> None:
    (tmp_path / "visits.csv.gz").write_bytes(gzip.compress(("\ufeff" + HEADER + GOOD).encode()))
    assert load(database, tmp_path).tables["visits"].new == 1


def test_columns_and_files_nobody_knows_are_kept_out_and_reported(database: Database, tmp_path: Path) -> None:
    (tmp_path / "diagnoser.csv").write_text("x\n")
    told = load_rows(database, tmp_path, visits=[visit("v1", mood="glad")])

    assert told.tables["visits"].columns_left_out == ("mood",)
    assert told.unknown_files == ("diagnoser.csv",)


def test_a_report_and_a_refusal_hold_nothing_of_a_citizen(database: Database, tmp_path: Path) -> None:
    (tmp_path / "visits.csv").write_text(HEADER + '0102401234,"0102401234,unclosed')
    rows = [citizen("0102401234", name="Inger Jensen", sex="kvinde")]
    text = load_rows(database, tmp_path, citizens=rows).model_dump_json()

    assert "0102401234" not in text
    assert "Inger" not in text


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300), header=st.booleans())
def test_no_bytes_make_a_load_fall_over(
    database: Database, tmp_path_factory: pytest.TempPathFactory, content: bytes, header: bool
) -> None:
    emptied(database)
    folder = tmp_path_factory.mktemp("drop")
    (folder / "visits.csv").write_bytes(HEADER.encode() * header + content)
    (folder / "notes.parquet").write_bytes(content)
    told = load(database, folder)

    assert [refusal.file for refusal in told.refused if refusal.file == "notes.parquet"]
    for table in told.tables.values():
        counted = table.new + table.corrected + table.unchanged + table.retracted
        assert counted + sum(table.set_aside.values()) == table.read
