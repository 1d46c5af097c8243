"""The list as a table for a spreadsheet, CSV or Excel: what nurses work from, and nothing that could be run.

A spreadsheet takes text that begins like a formula for one. In CSV an apostrophe keeps it text; in a workbook the cell
itself says that it is text.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from io import BytesIO, StringIO
from typing import Final

from service.storage.people import Person
from service.ui.language import Language
from service.ui.presenters import wording
from service.ui.presenters.row import display_name
from service.weekly.lists import Entry

CSV: Final = "text/csv; charset=utf-8"
WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDTHS: Final = (14, 9, 28, 12, 8, 12, 16, 46, 46, 46)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f]")

Cells = Sequence[str | int | None]


def titles(language: Language) -> tuple[str, ...]:
    """The heads of the columns."""
    say = language.say
    own = (
        say("Distrikt"), say("Nummer"), say("Navn"), say("Team"), say("Født"), say("Risiko"), say("Andel"),
    )  # fmt: skip
    return (*own, *(say("Årsag %(n)s", n=number) for number in (1, 2, 3)))


def lines(language: Language, entries: Sequence[Entry], persons: Mapping[int, Person]) -> list[Cells]:
    """A line for each entry, under `titles`."""
    return [_line(language, entry, persons[entry.citizen]) for entry in entries]


def _line(language: Language, entry: Entry, person: Person) -> Cells:
    reasons = [one.da if language.code == "da" else one.en for one in entry.reasons[:3]]
    risk = wording.odds(language, entry.probability or 0.0)
    band = wording.band_word(language, entry.band) if entry.band else ""
    name = display_name(language, person)
    own = (entry.district, entry.rank, name, entry.team, person.birth_year, band, risk)
    return (*own, *reasons, *[""] * (3 - len(reasons)))


def as_csv(heads: Sequence[str], table: Sequence[Cells]) -> bytes:
    """Semicolons and a byte-order mark, as a Danish spreadsheet reads without asking."""
    text = StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(heads)
    writer.writerows([[_harmless(cell) for cell in line] for line in table])
    return ("\ufeff" + text.getvalue()).encode()


def as_workbook(title: str, heads: Sequence[str], table: Sequence[Cells]) -> bytes:
    """An Excel workbook of one sheet, its head kept in sight and every text marked as text."""
    # Imported when asked for: it brings an array library, which no page needs.
    from openpyxl import Workbook  # noqa: PLC0415
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for at, width in enumerate(_WIDTHS):
        sheet.column_dimensions["ABCDEFGHIJ"[at]].width = width
    for number, line in enumerate([heads, *table]):
        cells = [WriteOnlyCell(sheet, _printable(value)) for value in line]
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if isinstance(cell.value, str):
                cell.data_type, cell.quotePrefix = "s", True
            if number == 0:
                cell.font = Font(bold=True)
        sheet.append(cells)
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _printable(cell: str | int | None) -> str | int | None:
    """Without the characters a workbook cannot hold."""
    return _CONTROLS.sub(" ", cell) if isinstance(cell, str) else cell


def _harmless(cell: str | int | None) -> str | int | None:
    if not isinstance(cell, str):
        return cell
    plain = cell.replace("\r", " ")
    return f"'{plain}" if cell[:1] in tuple("=+-@\t\r\n") else plain
