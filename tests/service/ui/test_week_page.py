"""The weekly list as nurses see it."""

import csv
import re
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO

from service.security.rights import Permission
from service.storage import audit, lists
from service.weekly.lists import Status
from tests.service.invented_lists import CAPACITY, MONDAY, Town, fill, weekly_list
from tests.service.running import Running


def rows(page: str) -> int:
    """How many rows the list page has."""
    return page.count('class="row level-')


def test_the_list_is_as_long_as_the_capacity_and_says_what_it_comes_to(running: Running) -> None:
    with running.log_in("nord") as nurse:
        page = nurse.get("/").text
    assert rows(page) == CAPACITY
    assert "Ugeliste, uge 48" in page
    assert "Mandag den 23. november 2026" in page
    assert "data til og med søndag 22. nov. kl. 23.50" in page
    assert "af 56 borgere" in page


def test_a_row_tells_who_how_likely_what_changed_and_why(running: Running) -> None:
    with running.log_in("nord") as nurse:
        first = nurse.get("/").text.split('class="row level-')[1]
    assert re.search(r'<h3><a href="/borger/[\w-]+">', first)
    assert re.search(r"f\. 19\d\d · Team \d · [\d,]+ t/uge", first)
    assert re.search(r"ca\. 1 ud af \d|flere end 1 ud af 2", first)
    assert re.search(r"<strong>(Meget høj|Høj)</strong>", first)
    assert re.search(r"Kendt, \d+\. uge|Ny på listen|Steget fra|Faldet fra", first)
    assert 0 < first.count("<li><strong>") <= 3


def test_no_probability_and_no_model_word_is_on_the_page(running: Running) -> None:
    with running.log_in("nord") as nurse:
        page = re.sub(r"<svg.*?</svg>", "", nurse.get("/").text, flags=re.DOTALL)
    assert not re.search(r"0[.,]\d{3}", page)
    assert not re.search(r"feature|shap|score|sandsynlighed|probability", page, re.IGNORECASE)


def test_titles_and_addresses_name_no_citizen(running: Running) -> None:
    with running.log_in("nord") as nurse:
        front = nurse.get("/").text
        address = re.findall(r'href="(/borger/[^"]+)"', front)[0]
        page = nurse.get(address).text
    name = re.search(r"<h1>(.*?)</h1>", page)
    title = re.search(r"<title>(.*?)</title>", page)
    assert name is not None
    assert title is not None
    assert title[1] == "Borger · Omhu"
    assert name[1].split()[0].lower() not in address.lower()


def test_filters_choose_rows_and_count_them(running: Running) -> None:
    with running.log_in("nord") as nurse:
        everyone = nurse.get("/").text
        of_team = nurse.get("/", params={"team": "Team 2"}).text
        new = nurse.get("/", params={"vis": "nye"}).text
    counted = dict(re.findall(r'">([^<]+) <span class="n">(\d+)</span>', everyone))
    assert rows(of_team) == int(counted["Team 2"])
    assert rows(new) == int(counted["Nye"])
    assert int(counted["Alle"]) == CAPACITY


def test_an_unreadable_choice_is_told_so(running: Running) -> None:
    with running.log_in("nord") as nurse:
        answers = [nurse.get("/", params=query) for query in ({"vis": "x"}, {"dato": "i går"}, {"dato": "2020-01-06"})]
    assert [answer.status_code for answer in answers] == [400, 400, 404]


def test_a_leader_sees_each_district_apart_and_can_choose_one(running: Running) -> None:
    with running.log_in("leder") as leader:
        both, one = leader.get("/").text, leader.get("/", params={"distrikt": "Syd"}).text
    assert both.count('class="district"') == 2
    assert rows(both) == 2 * CAPACITY
    assert rows(one) == CAPACITY


def test_the_list_of_a_week_ago_can_be_read_but_not_reviewed(running: Running) -> None:
    with running.log_in("nord") as nurse:
        page = nurse.get("/", params={"dato": str(MONDAY - timedelta(weeks=1))}).text
    assert "Det er en ældre liste" in page
    assert rows(page) == CAPACITY
    assert 'name="handling"' not in page


def test_every_citizen_shown_is_in_the_look_up_log_and_nobody_else(running: Running) -> None:
    with running.log_in("nord") as nurse:
        nurse.get("/", params={"team": "Team 1"})
    with running.database.read() as session:
        head = lists.latest_list(session, MONDAY)
        assert head is not None
        shown = lists.entries(session, head.number, ["Nord"], shown=True)
        look = [one.look for one in audit.records(session)][-1]
    assert set(look.citizens) == {entry.citizen for entry in shown if entry.team == "Team 1"}
    assert (look.action, look.search, look.result) == ("list.view", "/?team=Team+1", "shown")
    assert look.address == "127.0.0.1"


def test_when_the_look_cannot_be_logged_nothing_is_shown(running: Running) -> None:
    with running.log_in("nord") as nurse:
        with running.database.write() as session:
            session.exec_driver_sql("ALTER TABLE look_ups RENAME TO look_ups_away")
        answer = nurse.get("/")
    assert answer.status_code == 503
    assert rows(answer.text) == 0
    assert "Omhu er ikke klar lige nu" in answer.text


def test_before_the_first_list_the_page_says_so(running_operated: Running) -> None:
    with running_operated.log_in("nord") as nurse:
        answer = nurse.get("/")
    assert answer.status_code == 200
    assert "Der er ingen liste endnu" in answer.text


def test_a_silent_list_is_shown_to_nobody(running_empty: Running) -> None:
    fill(running_empty.database, Town(silent=True, weeks=1))
    with running_empty.log_in("nord") as nurse:
        pages = [nurse.get(address).text for address in ("/", "/tavle", "/ikke-vurderet")]
        dated = nurse.get("/", params={"dato": str(MONDAY)})
    assert all("Listen vises ikke" in page and rows(page) == 0 for page in pages)
    assert dated.status_code == 403


def test_a_list_made_in_silence_stays_silent_once_operating_begins(running_operated: Running) -> None:
    fill(running_operated.database, Town(silent=True, weeks=1))
    with running_operated.log_in("nord") as nurse:
        assert "Der er ingen liste endnu" in nurse.get("/").text
        assert nurse.get("/", params={"dato": str(MONDAY)}).status_code == 404
    with running_operated.machine(Permission.READ_LISTS) as machine:
        assert machine.get("/api/v1/lists").json() == {"lists": []}
        assert machine.get(f"/api/v1/lists/{MONDAY}").status_code == 404


def test_a_list_made_from_old_data_says_so(running_empty: Running) -> None:
    fill(running_empty.database, Town(weeks=1), MONDAY - timedelta(weeks=1))
    stale = replace(
        weekly_list(Town(), MONDAY, {}), data_until=running_empty.clock() - timedelta(days=5), model_version="2"
    )
    with running_empty.database.write() as session:
        lists.store_list(session, stale)
    with running_empty.log_in("nord") as nurse:
        assert "Listen er lavet på gamle data: det nyeste er fra onsdag 18. nov." in nurse.get("/").text


def test_who_could_not_be_ranked_is_listed_with_the_reason(running: Running) -> None:
    with running.log_in("nord") as nurse:
        page = nurse.get("/ikke-vurderet").text
    assert "4 borgere kunne ikke få en plads på listen" in page
    assert [page.count(f'id="g-{status}"') for status in (Status.NO_DATA, Status.IN_HOSPITAL, Status.TERMINAL)] == [
        1
    ] * 3
    assert page.count("<li><strong>") == 4


def test_the_board_tells_no_reason(running: Running) -> None:
    with running.log_in("nord") as nurse:
        page = nurse.get("/tavle").text
    assert page.count('class="tile level-') == CAPACITY
    assert "Drikker" not in page
    assert "<q>" not in page


def test_only_a_leader_takes_the_list_away_as_a_table(running: Running) -> None:
    with running.log_in("nord") as nurse:
        assert nurse.get("/ugeliste.csv").status_code == 403
        assert "Hent som" not in nurse.get("/").text
    with running.log_in("leder") as leader:
        answer = leader.get("/ugeliste.csv", params={"distrikt": "Nord"})
    table = list(csv.reader(StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert table[0][:3] == ["Distrikt", "Nummer", "Navn"]
    assert len(table) == CAPACITY + 1
    assert {line[0] for line in table[1:]} == {"Nord"}


def test_the_pages_speak_english_when_asked(running: Running) -> None:
    with running.log_in("nord") as nurse:
        answer = nurse.post(
            "/sprog", data={"sprog": "en"}, headers={"Referer": f"{running.address}/tavle?distrikt=Nord"}
        )
        assert answer.headers["location"] == "/tavle?distrikt=Nord"
        page = nurse.get("/").text
    assert '<html lang="en">' in page
    assert "Weekly list, week 48" in page
    assert re.search(r"about 1 in \d", page)
    assert "Monday, November 23, 2026" in page


def test_dates_of_lists_turn_the_pages(running: Running) -> None:
    before = date(2026, 11, 16)
    with running.log_in("nord") as nurse:
        assert f'href="/?dato={before}"' in nurse.get("/").text
        assert f'href="/?dato={MONDAY}"' in nurse.get("/", params={"dato": str(before)}).text
