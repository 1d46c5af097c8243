"""Files and rows nobody should send: each is refused or set aside with the reason, and the rest loads."""

import gzip
import json
import math
from collections.abc import Callable, Generator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import RequestWrong
from service.intake import archive, reading
from service.storage import loads
from service.storage.database import Database
from tests.drops import RECEIVED, citizen, emptied, load, load_rows, observation, versions, visit, write_drop

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
        (
            _csv(gzip.compress((HEADER + GOOD * 5_000_000).encode(), 9), "visits.csv.gz"),
            "unpacks to more than is taken",
        ),
        (_csv(HEADER.replace("kind", "kind,kind") + GOOD), "more than once: kind"),
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


def test_lines_are_right_after_blank_ones_broken_ones_and_columns_nobody_knows(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_CSV_BLOCK", 400)  # so that the file is read in several pieces
    lines = ["visit_id,remark,citizen_id,started_at,recorded_at,kind"]
    wanted: dict[str, int] = {}
    for number in range(40):
        wanted[f"a{number}"] = len("\n".join(lines).splitlines()) + 1
        lines += [f'a{number},"two\nlines",A1,never,2025-01-10T09:00:00,night', "", "too,few", "   "]
    (tmp_path / "visits.csv").write_text("\n".join(lines) + "\n,,,,,\nlast,one", encoding="utf-8")
    told = load(database, tmp_path)

    assert told.tables["visits"].set_aside == {"not_a_time": 40, "wrong_number_of_values": 41}
    with database.read() as session:
        aside = list(loads.rejects(session, told.load))
    found = {json.loads(row.row)["visit_id"]: row.line for row in aside if row.column == "started_at"}
    assert found == wanted
    text = (tmp_path / "visits.csv").read_text(encoding="utf-8").splitlines()
    broken = [row for row in aside if not row.column]
    assert all(text[row.line - 1] == json.loads(row.row)["record"] for row in broken)


def test_citizens_that_contradict_each_other_are_told_however_far_apart(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH_ROWS", 3)
    rows = [citizen(f"A{number}") for number in range(8)]
    drop = write_drop(tmp_path, citizens=[citizen("A1", district="Syd"), *rows, citizen("A2", district="Vest")])
    told = load(database, drop).tables["citizens"]
    assert (told.new, told.corrected, told.set_aside) == (8, 0, {"contradicted_further_on": 2})
    before = versions(database, "citizens")

    again = load(database, drop, received_at=RECEIVED + 1_000_000).tables["citizens"]
    assert (again.new, again.corrected, again.unchanged) == (0, 0, 8)
    assert versions(database, "citizens") == before


@pytest.mark.parametrize("name", ["../visits.csv", "/etc/visits.csv", "a/b/visits.csv", "visits.csv\\..\\x"])
def test_a_zip_that_would_write_elsewhere_is_refused(database: Database, tmp_path: Path, name: str) -> None:
    with ZipFile(tmp_path / "drop.zip", "w") as packed:
        packed.writestr(name, HEADER + GOOD)
    with pytest.raises(RequestWrong):
        load(database, tmp_path / "drop.zip")


def test_a_zip_without_end_is_refused_and_leaves_nothing(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_RATIO", 3)
    with ZipFile(tmp_path / "drop.zip", "w", ZIP_DEFLATED) as packed:
        packed.writestr("visits.csv", HEADER + GOOD * 100_000)
    with pytest.raises(RequestWrong, match="unpacks to more"):
        load(database, tmp_path / "drop.zip")
    assert versions(database, "visits") == []


def test_a_row_set_aside_is_kept_no_longer_than_can_be_mended(database: Database, tmp_path: Path) -> None:
    told = load_rows(database, tmp_path, visits=[visit("v" * 3_000_000)])
    with database.read() as session:
        (row,) = loads.rejects(session, told.load)
    assert (row.reason, len(row.row) < 30_000) == ("too_long", True)


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
