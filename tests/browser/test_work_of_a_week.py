"""What nurses do on the pages, with and without scripts, as they would."""

import re
from datetime import timedelta

import pytest

from service.security.login import one_time_code
from service.storage import lists, outcomes
from service.weekly.outcome_days import POLICY, told_from
from tests.browser.opening import Open
from tests.service.invented_lists import MONDAY, NOW
from tests.service.running import Running
from tests.service.ui.test_leader_page import figures


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_two_nurses_and_a_leader_work_through_a_list(open_page: Open, *, scripts: bool) -> None:
    nurse = open_page("nord", scripts=scripts)
    assert nurse.get_by_role("heading", level=1).inner_text() == "Ugeliste, uge 48"
    nurse.locator(".row").first.get_by_role("button", name="Set").click()
    assert nurse.locator(".row").first.get_by_text("Fortryd").is_visible()

    nurse.locator(".row").nth(1).get_by_role("link", name="Andet").click()
    nurse.get_by_label("TOBS taget").check()
    nurse.get_by_label("Bemærkning").fill("TOBS 2, ringer igen i morgen")
    nurse.get_by_role("button", name="Gem gennemgang").click()
    assert nurse.get_by_text("TOBS 2, ringer igen i morgen").is_visible()
    nurse.get_by_role("link", name="Ugeliste, uge 48").click()
    nurse.get_by_role("link", name=re.compile("Mangler")).click()
    assert nurse.locator(".row").count() == 18

    leader = open_page("leder", "/tavle?distrikt=Nord", scripts=scripts)
    assert "2 af 20 gennemgået" in leader.locator("main").inner_text()
    leader.get_by_role("link", name="Ugeliste").first.click()
    leader.locator(".row").first.get_by_role("button", name="Fortryd").click()
    assert leader.locator(".row.reviewed").count() == 1


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_week_from_login_over_two_nurses_reviews_to_the_leaders_figures(
    open_page: Open, site: Running, *, scripts: bool
) -> None:
    settle_the_oldest(site)
    code = one_time_code(site.database, "nord", site.clock())
    nord = open_page("", f"/login/kode?kode={code}", scripts=scripts)
    nord.get_by_role("button", name="Log ind").click()
    nord.locator(".row").nth(0).get_by_role("button", name="Ringet").click()
    nord.locator(".row").nth(1).get_by_role("link", name="Andet").click()
    nord.get_by_role("radio", name="Passer ikke").check()
    nord.get_by_label("Begrundelse").fill("Det skrevne handler om en anden")
    nord.get_by_role("button", name="Gem gennemgang").click()
    nord.get_by_role("link", name="Ugeliste, uge 48").click()
    nord.locator(".row").nth(2).get_by_role("link", name="Andet").click()
    nord.get_by_label("Overdrag til kollega").check()
    nord.get_by_label("Kollega").last.select_option(label="leder")
    nord.get_by_label("Bemærkning").fill("Kender du datteren?")
    nord.get_by_role("button", name="Gem gennemgang").click()
    handed = nord.locator("h1").inner_text()

    syd = open_page("syd", scripts=scripts)
    for _ in range(2):
        syd.locator(".row:not(.reviewed)").first.get_by_role("button", name="Besøg").click()
    assert syd.locator(".row.reviewed").count() == 2

    leader = open_page("leder", "/?distrikt=Nord", scripts=scripts)
    first = leader.locator(".row").first
    assert first.locator("h3").inner_text() == handed
    assert "Kender du datteren?" in first.inner_text()
    first.get_by_role("button", name="Set").click()
    leader.get_by_role("link", name="Opfølgning").click()
    assert leader.locator("svg.plot").count() == 2
    seen = leader.get_by_role("region", name="Set i tide, som tabel")
    assert seen.get_by_role("row", name=re.compile("^Nord")).locator("td").nth(1).inner_text() == "3"
    assert seen.get_by_role("row", name=re.compile("^Syd")).locator("td").nth(1).inner_text() == "2"
    done = leader.get_by_role("table", name="Handlinger, efter slags")
    assert done.get_by_role("row", name=re.compile("^Besøg")).locator("td.n").all_inner_texts() == ["2", "0", "2"]
    leader.get_by_role("link", name="Syd", exact=True).click()
    weeks = leader.get_by_role("region", name="Udfald, som tabel")
    assert weeks.get_by_role("row", name=re.compile("uge 43")).locator("td").nth(2).inner_text() == "4"


def settle_the_oldest(site: Running) -> None:
    """Tell what became of the lists whose horizon is over, as `omhu outcomes` would."""
    with site.database.read() as session:
        heads = [one for one in lists.list_heads(session, limit=50) if told_from(one.as_of) <= MONDAY]
        told = {
            (head.number, name): figures(lists.every_entry(session, head.number), name)
            for head in heads
            if head.as_of > MONDAY - timedelta(weeks=12)
            for name in ("Nord", "Syd")
        }
    with site.database.write() as session:
        outcomes.add(session, told, POLICY, MONDAY, NOW)


def test_a_review_made_in_the_meantime_is_shown_before_another_is_stored(open_page: Open) -> None:
    one, other = open_page("nord"), open_page("leder", "/?distrikt=Nord")
    one.locator(".row").first.get_by_role("button", name="Ringet").click()
    other.locator(".row").first.get_by_role("button", name="Set").click()
    assert "En kollega har gennemgået borgeren imens" in other.get_by_role("alert").inner_text()
    other.get_by_role("button", name="Gem gennemgang").click()
    assert other.locator(".history li").count() == 2


def test_the_printed_list_has_no_buttons_and_keeps_rows_whole(open_page: Open) -> None:
    page = open_page("nord")
    page.emulate_media(media="print")
    assert not page.locator(".quick").first.is_visible()
    assert not page.locator(".choose").is_visible()
    assert page.locator(".row").first.evaluate("row => getComputedStyle(row).breakInside") == "avoid"
    assert len(page.pdf(format="A4")) > 10_000
