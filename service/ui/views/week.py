"""The weekly list: as the nurses' page, as the board, and those it could not rank."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from service.security.rights import Permission
from service.storage import lists, people
from service.storage.database import ReadSession
from service.ui.facts import chosen_list, surroundings, week_facts
from service.ui.presenters.reviews import quick_choices
from service.ui.presenters.unranked import unranked_groups
from service.ui.presenters.week import WeekPage, week_page, week_title
from service.ui.rendering import front_page, hidden_field
from service.ui.requests import Reader, Reading
from service.ui.selection import Selection, Show
from service.weekly.lists import ListHead, Status

router: Final = APIRouter()
_SEE_OTHER: Final = 303
_UNRANKED: Final = (Status.NO_DATA, Status.IN_HOSPITAL, Status.TERMINAL)


@router.get("/")
def week(reader: Reader) -> Response:
    """This week's list, or the one of the date asked for; whose role shows no list begins elsewhere."""
    if (elsewhere := front_page(reader.visitor)) != "/":
        return RedirectResponse(elsewhere, _SEE_OTHER)
    chosen = _chosen(reader)
    with reader.wiring.database.read() as session:
        head = chosen_list(session, reader, chosen)
        if head is None:
            return _no_list(reader)
        page, citizens = _page(session, reader, head, chosen)
    reader.log("list.view", citizens=citizens, search=chosen.address())
    return reader.page("week.html", _week_facts(reader, page, chosen), here="list")


@router.get("/tavle")
def board(reader: Reader) -> Response:
    """The whole list on one screen, without reasons: others may be in the room."""
    chosen = _chosen(reader).with_show(Show.ALL).with_team(None)
    with reader.wiring.database.read() as session:
        head = chosen_list(session, reader, chosen)
        if head is None:
            return _no_list(reader)
        page, citizens = _page(session, reader, head, chosen)
    reader.log("board.view", citizens=citizens, search=chosen.address("/tavle"))
    facts = _week_facts(reader, page, chosen) | {"week": head.as_of.isocalendar().week}
    return reader.page("board.html", facts, here="board")


@router.get("/ikke-vurderet")
def unranked(reader: Reader) -> Response:
    """Who could not be ranked, and why."""
    chosen = _chosen(reader)
    with reader.wiring.database.read() as session:
        head = chosen_list(session, reader, chosen)
        if head is None:
            return _no_list(reader)
        districts = reader.visitor.chosen(chosen.district)
        entries = lists.entries(session, head.number, districts, status=_UNRANKED, teams=reader.visitor.teams)
        persons = people.of(session, [entry.citizen for entry in entries])
    reader.log(
        "unranked.view", citizens=tuple(entry.citizen for entry in entries), search=chosen.address("/ikke-vurderet")
    )
    facts: dict[str, object] = {
        "groups": unranked_groups(reader.language, entries, persons),
        "total": len(entries),
        "title": week_title(reader.language, head.as_of),
        "list_address": chosen.address(),
    }
    return reader.page("unranked.html", facts, here="unranked")


def _chosen(reader: Reading) -> Selection:
    reader.visitor.require(Permission.SEE_LIST)
    return Selection.read(reader.request.query_params)


def _page(session: ReadSession, reader: Reading, head: ListHead, chosen: Selection) -> tuple[WeekPage, tuple[int, ...]]:
    """The page, and everyone who is shown on it."""
    facts = week_facts(session, reader, head, chosen)
    made = [review for several in facts.reviews.values() for review in several]
    page = week_page(surroundings(session, reader, head, made), facts, chosen)
    shown = {row.reference for section in page.sections for row in section.rows}
    return page, tuple(citizen for citizen, person in facts.persons.items() if person.reference in shown)


def _week_facts(reader: Reading, page: WeekPage, chosen: Selection) -> dict[str, object]:
    may = reader.visitor.may
    return {
        "page": page,
        "quick": quick_choices(reader.language),
        "may_review": may(Permission.REVIEW) and page.later is None,
        "back_field": hidden_field("til", chosen.address()),
        "date_query": f"?dato={chosen.as_of.isoformat()}" if chosen.as_of else "",
        "list_address": chosen.address(),
        "all_address": chosen.with_show(Show.ALL).with_team(None).address(),
        "board_districts": [
            {"text": chip.text, "address": "/tavle" + chip.address[1:], "current": chip.current}
            for chip in page.districts
        ],
        "unranked_address": chosen.with_show(Show.ALL).with_team(None).address("/ikke-vurderet"),
        "exports": [("Excel", chosen.address("/ugeliste.xlsx")), ("CSV", chosen.address("/ugeliste.csv"))]
        if may(Permission.EXPORT)
        else [],
    }


def _no_list(reader: Reading) -> Response:
    """That there is nothing to see yet."""
    say = reader.language.say
    facts: dict[str, object] = {
        "title": say("Der er ingen liste endnu"),
        "paragraphs": [
            say("Den første liste kommer, når kommunens data er læst ind og vurderet. Det sker af sig selv."),
            say("Varer det ved, så spørg kommunens it-afdeling."),
        ],
        "link": None,
    }
    return reader.page("empty.html", facts, here="list")
