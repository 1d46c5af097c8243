"""The list taken away as a table: what it holds, that nothing in it runs, and that everyone in it was looked at."""

import csv
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from service.storage import audit
from service.storage.people import Person
from service.ui.language import languages
from service.ui.presenters.spreadsheet import as_csv, as_workbook, lines, titles
from service.weekly.lists import Band, Entry, Reason, Status
from tests.service.invented_lists import CAPACITY
from tests.service.running import Running

DANISH = languages()["da"]


def sheet_of(content: bytes) -> list[tuple[object, ...]]:
    """The rows of a workbook's only sheet."""
    sheet = load_workbook(BytesIO(content)).active
    assert sheet is not None
    return list(sheet.iter_rows(values_only=True))


def test_a_leader_takes_the_list_away_as_a_workbook_and_everyone_in_it_is_logged(running: Running) -> None:
    with running.log_in("nord") as nurse:
        assert nurse.get("/ugeliste.xlsx").status_code == 403
    with running.log_in("leder") as leader:
        front = leader.get("/", params={"distrikt": "Nord"}).text
        answer = leader.get("/ugeliste.xlsx", params={"distrikt": "Nord", "team": "Team 1"})
    assert 'href="/ugeliste.xlsx?distrikt=Nord" download>Excel' in front
    table = sheet_of(answer.content)
    assert table[0][:5] == ("Distrikt", "Nummer", "Navn", "Team", "Født")
    assert {line[3] for line in table[1:]} == {"Team 1"}
    assert all(isinstance(line[1], int) for line in table[1:])
    assert answer.headers["content-disposition"] == 'attachment; filename="ugeliste-2026-11-23.xlsx"'
    with running.database.read() as session:
        looks = [one.look for one in audit.records(session) if one.look.action == "list.export"]
    assert [len(look.citizens) for look in looks] == [len(table) - 1]
    assert 0 < len(table) - 1 < CAPACITY


@pytest.mark.parametrize("name", ["=1+1", "+4512345678", "-2", "@SUM(A1)", "\tx", "=cmd|' /C calc'!A0", "et\x00nul"])
def test_no_cell_is_a_formula_whatever_a_name_or_a_reason_says(name: str) -> None:
    entry = Entry(
        7, name, name, Status.RANKED, rank=1, probability=0.2, band=Band.HIGH, shown=True,
        reasons=(Reason("fluids", 0.4, name, name),),
    )  # fmt: skip
    table = lines(DANISH, [entry], {7: Person(7, name, 1940, "ord")})
    book = load_workbook(BytesIO(as_workbook("Ugeliste, uge 48", titles(DANISH), table)))
    assert book.active is not None
    for cell in (cell for row in book.active.iter_rows() for cell in row):
        assert cell.data_type != "f"
        assert cell.data_type != "s" or cell.quotePrefix
    text = as_csv(titles(DANISH), table).decode("utf-8-sig")
    for value in (value for row in csv.reader(StringIO(text), delimiter=";") for value in row):
        assert not value.startswith(("=", "+", "-", "@", "\t"))
