"""The leader's follow-up: whose figures, what they say, and what is not said of too few."""

import re
from datetime import date, datetime, timedelta

import pytest

from models.outcomes import Figures
from models.outcomes import Place as RankedPlace
from service.storage import audit, lists, outcomes, reviews
from service.ui.language import languages
from service.ui.presenters.plots import HEIGHT, columns, spans
from service.weekly.follow_up import Listed, Work, work
from service.weekly.lists import Entry, ListHead, ListId, WeeklyList
from service.weekly.outcome_days import POLICY, told_from
from service.weekly.reviews import Action, Draft, HandOver, Review
from tests.service.invented_lists import MONDAY, NOW
from tests.service.running import Running

DANISH = languages()["da"]


def head(as_of: date = MONDAY, number: int = 1) -> ListHead:
    return ListHead(ListId(number), as_of, NOW, "1", "", NOW, silent=False)


def made(
    days: int, action: Action = Action.SEEN, *, citizen: int = 1, on: int = 1, snoozed_until: date | None = None
) -> Review:
    """A review so many days after the Monday."""
    grounds = "kendt" if action in {Action.WRONG, Action.NO_ACTION} else ""
    handed = HandOver(2, MONDAY + timedelta(days=9)) if action is Action.HANDED_OVER else None
    draft = Draft(action, grounds, snoozed_until=snoozed_until, hand_over=handed)
    return Review(1, citizen, ListId(on), 1, NOW + timedelta(days=days), draft, None)


@pytest.mark.parametrize(
    ("reviewed", "expected"),
    [
        ([made(0)], (1, 0, 0, 0)),
        ([made(6)], (1, 0, 0, 0)),
        ([made(7)], (0, 1, 0, 0)),
        ([made(8), made(1)], (1, 0, 0, 0)),
        ([], (0, 0, 0, 1)),
        ([made(0, Action.HANDED_OVER)], (0, 0, 0, 1)),
        ([made(0, citizen=2)], (0, 0, 0, 1)),
        ([made(-7, on=9, snoozed_until=MONDAY + timedelta(days=1))], (0, 0, 1, 0)),
        ([made(-7, on=9, snoozed_until=MONDAY)], (0, 0, 0, 1)),
        ([made(7, on=9, snoozed_until=MONDAY + timedelta(days=30))], (0, 0, 0, 1)),
    ],
)
def test_a_listed_citizen_was_seen_in_time_or_late_or_stepped_back_or_not(
    reviewed: list[Review], expected: tuple[int, ...]
) -> None:
    found = work([head()], [Listed(ListId(1), "Nord", 1)], reviewed)[ListId(1), "Nord"]
    assert (found.in_time, found.late, found.stepped_back, found.unseen) == expected


def test_what_was_done_counts_once_a_citizen_and_list_and_adds_up() -> None:
    twice = [made(0, Action.PHONED), made(1, Action.PHONED), made(2, Action.TOBS)]
    found = work([head()], [Listed(ListId(1), "Nord", 1)], twice)[ListId(1), "Nord"]
    assert dict(found.done) == {Action.PHONED: 1, Action.TOBS: 1}
    both = found + found
    assert (both.listed, both.done[Action.PHONED]) == (2, 2)
    assert Work().done == {}


def test_columns_stand_on_each_other_and_spans_hold_what_came() -> None:
    drawn = columns(["uge 1", "uge 2"], [(3, 2), (0, 0)], ("seen", "unseen"), ["3/5", ""])
    first = drawn.columns[0].parts
    assert first[0].y + first[0].height == pytest.approx(HEIGHT)
    assert first[1].y + first[1].height == pytest.approx(first[0].y, abs=0.2)
    assert [tick.text for tick in drawn.frame.grid] == ["0", "1", "2", "3", "4", "5"]
    one = spans(["uge 1"], [(2.0, 0.0, 5.0, 12.0)]).spans[0]
    assert one.actual is not None
    assert 0 <= one.actual < one.high < one.expected < one.low == HEIGHT
    empty = spans([], [])
    assert (empty.spans, empty.frame.weeks) == ((), ())


@pytest.fixture
def followed(running: Running) -> Running:
    """The town, its two oldest lists settled: of twenty listed four were admitted, and eight acted on."""
    with running.database.read() as session:
        heads = [one for one in lists.list_heads(session, limit=50) if told_from(one.as_of) <= MONDAY]
        entries = {one.number: lists.every_entry(session, one.number) for one in heads}
        newest = lists.latest_list(session, MONDAY)
    assert len(heads) == 3
    with running.database.write() as session:
        for one in heads:
            told = {(one.number, name): figures(entries[one.number], name) for name in ("Nord", "Syd")}
            outcomes.add(session, told, POLICY, MONDAY, NOW)
        assert newest is not None
        for citizen in (1001, 1002, 1003):
            reviews.add_review(session, citizen, newest.number, 1, Draft(Action.PHONED), NOW)
    return running


def figures(entries: tuple[Entry, ...], district: str) -> Figures:
    ranked = [one for one in entries if one.district == district and one.rank]
    return Figures.of(
        [
            RankedPlace(
                one.probability or 0.0,
                one.band.value if one.band else "",
                one.shown,
                acted=(one.rank or 0) <= 8,
                admitted=(one.rank or 0) in {1, 5, 9, 13, 30},
            )
            for one in ranked
        ],
        told=True,
    )


def cells(page: str, caption: str) -> dict[str, list[str]]:
    """The rows of the table of this caption."""
    table = page.split(f">{caption}</caption>")[1].split("</table>", maxsplit=1)[0]
    return {
        head: re.findall(r'<td class="n">(.*?)</td>', rest)
        for head, rest in re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', table)
    }


def test_a_leader_reads_what_was_seen_done_and_came_of_her_districts_by_week(followed: Running) -> None:
    with followed.log_in("leder") as leader:
        page = leader.get("/opfolgning").text
    weeks = cells(page, "Udfald, efter uge")
    assert weeks["uge 43"][0] == "40"
    assert weeks["uge 43"][2] == "8"
    assert weeks["uge 43"][3].startswith("20 % (")
    assert weeks["uge 43"][4].startswith("80 % (")
    assert weeks["uge 48"][2] == "kendes 26. dec."
    assert cells(page, "Udfald, efter distrikt")["Nord"][0] == "60"
    assert cells(page, "Set i tide, efter uge")["uge 48"][:2] == ["40", "3"]
    assert cells(page, "Handlinger, efter slags")["Ringet"] == ["3", "3", "0"]
    split = cells(page, "Ventet og kommet, med og uden dem der blev handlet på")
    assert [row[0] for row in split.values()] == ["120", "48", "72"]
    assert split["Dem, I handlede på"][2] == "25 %"
    assert page.count('<svg class="plot"') == 2
    assert page.count('class="actual"') == 3 + 1


def test_one_district_can_be_chosen_and_another_leaders_cannot(followed: Running) -> None:
    with followed.log_in("leder") as leader:
        page = leader.get("/opfolgning", params={"distrikt": "Syd"}).text
        assert leader.get("/opfolgning", params={"distrikt": "Øst"}).status_code == 404
    assert cells(page, "Udfald, efter uge")["uge 43"][0] == "20"
    assert "Udfald, efter distrikt" not in page


def test_the_page_is_the_leaders_and_names_nobody(followed: Running) -> None:
    with followed.log_in("nord") as nurse:
        assert nurse.get("/opfolgning").status_code == 403
        assert "Opfølgning" not in nurse.get("/").text
    with followed.log_in("leder") as leader:
        page = leader.get("/opfolgning").text
    assert "Sentinel" not in page
    assert "/borger/" not in page
    with followed.database.read() as session:
        look = [one.look for one in audit.records(session)][-1]
    assert (look.action, look.search, look.citizens) == ("follow_up.view", "/opfolgning", ())


def test_of_too_few_no_share_is_told(running: Running) -> None:
    with running.database.read() as session:
        oldest = lists.list_heads(session, limit=50)[-1]
    few = Figures.of([RankedPlace(0.3, "high", True, acted=at < 2, admitted=at == 0) for at in range(4)], told=True)
    with running.database.write() as session:
        outcomes.add(session, {(oldest.number, "Nord"): few}, POLICY, MONDAY, NOW)
    with running.log_in("leder") as leader:
        page = leader.get("/opfolgning", params={"distrikt": "Nord"}).text
    assert cells(page, "Udfald, efter uge")["uge 41"] == ["–"] * 6
    assert "af dem på listen" not in page.split("</dl>", maxsplit=1)[0]
    assert page.count('class="actual"') == 1, "the legend's, and none in the plot"
    assert "vises kun for alle dine distrikter sammen" in page


@pytest.mark.parametrize("chosen", [{}, {"distrikt": "Nord"}, {"distrikt": "Syd"}])
def test_on_no_look_at_the_page_can_a_small_district_be_worked_out(running: Running, chosen: dict[str, str]) -> None:
    with running.database.write() as session:
        oldest = lists.list_heads(session, limit=50)[-1]
        sizes = (("Nord", 20), ("Syd", 2))
        told = {(oldest.number, name): Figures.of(ranked_places(size), told=True) for name, size in sizes}
        outcomes.add(session, told, POLICY, MONDAY, NOW)
    with running.log_in("leder") as leader:
        page = leader.get("/opfolgning", params=chosen).text
    week = cells(page, "Udfald, efter uge")["uge 41"]
    assert (week[0], week[2]) == (("–", "–") if chosen else ("22", "2"))
    assert page.count('class="actual"') == (1 if chosen else 2)
    if not chosen:
        assert {row[0] for row in cells(page, "Udfald, efter distrikt").values()} == {"–"}


def ranked_places(listed: int) -> list[RankedPlace]:
    """So many listed and one of them admitted, and thirty below."""
    below = [RankedPlace(0.05, "usual", False, admitted=False)] * 30
    return [RankedPlace(0.3, "high", True, admitted=at == 0) for at in range(listed)] + below


def test_a_list_in_hindsight_has_no_outcome_and_stands_behind_one_that_foretold(running: Running) -> None:
    late = MONDAY - timedelta(weeks=20)
    with running.database.write() as session:
        newest = lists.list_heads(session, limit=1)[0]
        made_of = ("9", "0" * 64, NOW, False, lists.every_entry(session, newest.number), True)
        for as_of in (late, newest.as_of):
            lists.store_list(session, WeeklyList(as_of, NOW, *made_of))
    with running.log_in("leder") as leader:
        page = leader.get("/opfolgning").text
    week = f"uge {late.isocalendar().week}"
    assert f"Uden udfald: {week}. Den model" in page
    assert week not in cells(page, "Udfald, efter uge")
    assert f"uge {newest.as_of.isocalendar().week}" in cells(page, "Udfald, efter uge")


def test_without_a_list_the_page_says_so(running_empty: Running) -> None:
    with running_empty.log_in("leder") as leader:
        answer = leader.get("/opfolgning")
    assert answer.status_code == 200
    assert "ingen lister at følge op på" in answer.text


def test_the_api_sends_the_same_figures_of_the_tokens_districts(followed: Running) -> None:
    from service.security.rights import Permission

    with followed.machine(Permission.READ_LISTS, districts=("Nord",)) as machine:
        sent = machine.get("/api/v1/outcomes").json()
        one = machine.get("/api/v1/outcomes", params={"as_of": str(MONDAY)}).json()
        before = machine.get("/api/v1/outcomes", params={"known_at": str(MONDAY - timedelta(days=9))}).json()
    assert sent["policy"] == POLICY
    assert {row["district"] for row in sent["outcomes"]} == {None, "Nord"}
    told = [row for row in sent["outcomes"] if row["state"] == "told" and row["district"] == "Nord"]
    assert [row["precision"]["value"] for row in told] == [0.2] * 3
    assert told[0]["without_acted_on"]["listed"] == 12
    assert [row["state"] for row in one["outcomes"]] == ["expected"] * 2
    assert one["outcomes"][0]["told_from"] == str(told_from(MONDAY))
    assert {row["state"] for row in before["outcomes"]} == {"expected"}
    assert datetime.fromisoformat(told[0]["as_of"])
