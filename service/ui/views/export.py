"""The list as a file for a spreadsheet, for those whose role allows it; everyone in it is a look at them."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from models.errors import NotFound
from service.security.rights import Permission
from service.storage import lists, people
from service.ui.facts import chosen_list
from service.ui.presenters.spreadsheet import CSV, WORKBOOK, as_csv, as_workbook, lines, titles
from service.ui.presenters.week import week_title
from service.ui.requests import Reader, Reading
from service.ui.selection import Selection

router: Final = APIRouter()


@router.get("/ugeliste.csv")
def as_text(reader: Reader) -> Response:
    """The list as CSV."""
    return _file(reader, "csv")


@router.get("/ugeliste.xlsx")
def as_book(reader: Reader) -> Response:
    """The list as an Excel workbook."""
    return _file(reader, "xlsx")


def _file(reader: Reading, form: str) -> Response:
    reader.visitor.require(Permission.SEE_LIST)
    reader.visitor.require(Permission.EXPORT)
    chosen = Selection.read(reader.request.query_params)
    districts, teams = reader.visitor.chosen(chosen.district), reader.visitor.teams
    with reader.wiring.database.read() as session:
        head = chosen_list(session, reader, chosen)
        if head is None:
            raise NotFound("There is no list yet.")
        entries = lists.entries(session, head.number, districts, shown=True, teams=teams)
        chosen_entries = [entry for entry in entries if chosen.team in {None, entry.team}]
        persons = people.of(session, [entry.citizen for entry in chosen_entries])
    search = chosen.address(f"/ugeliste.{form}")
    reader.log("list.export", citizens=tuple(entry.citizen for entry in chosen_entries), search=search)
    heads, table = titles(reader.language), lines(reader.language, chosen_entries, persons)
    title = week_title(reader.language, head.as_of)
    content = as_csv(heads, table) if form == "csv" else as_workbook(title, heads, table)
    headers = {"Content-Disposition": f'attachment; filename="ugeliste-{head.as_of}.{form}"'}
    return Response(content, media_type=CSV if form == "csv" else WORKBOOK, headers=headers)
