"""WCAG 2.1 AA on every page and state, as axe-core finds it in Chromium, and what axe cannot see."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from service.storage import lists
from service.weekly.lists import WeeklyList
from tests.browser.opening import WIDTHS, Open
from tests.browser.test_work_of_a_week import settle_the_oldest
from tests.service.invented_lists import MONDAY, NOW
from tests.service.running import Running

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = [
    "/",
    "/tavle",
    "/ikke-vurderet",
    "/opfolgning",
    "/om",
    "/tilgaengelighed",
    "/?vis=nye&team=Team+1",
    "/findes-ikke",
]


def violations(page: Page) -> list[str]:
    """What axe finds wrong: the rule and the first places."""
    page.evaluate(AXE)
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations'], selectors: false})"
        ".then(result => result.violations.map("
        "one => one.id + ': ' + one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | ')))",
        RULES,
    )
    return list(found)


def citizen_address(page: Page) -> str:
    """The address of the first citizen on the list."""
    return str(page.locator(".row h3 a").first.get_attribute("href"))


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_axe_finds_nothing_on_any_page_and_none_scrolls_sideways(open_page: Open, width: int) -> None:
    page = open_page("leder", "/", width)
    base = page.url.rstrip("/")
    for address in [*PAGES, citizen_address(page)]:
        page.goto(base + address)
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert beyond == 0, address
        assert violations(page) == [], address


def test_axe_finds_nothing_on_the_login_page_and_after_a_failure(open_page: Open) -> None:
    page = open_page("", "/login", 390)
    assert violations(page) == []
    page.get_by_label("Brugernavn").fill("ingen")
    page.get_by_label("Adgangskode").fill("forkert")
    page.get_by_role("button", name="Log ind").click()
    assert page.get_by_role("alert").is_visible()
    assert violations(page) == []


def test_axe_finds_nothing_once_rows_are_reviewed_and_details_open(open_page: Open) -> None:
    page = open_page("nord")
    page.locator(".row").nth(1).get_by_role("button", name="Ringet").click()
    assert violations(page) == []
    page.goto(page.url.split("#")[0] + citizen_address(page)[1:])
    for summary in page.locator("summary").all():
        summary.click()
    page.get_by_role("radio", name="Passer ikke").check()
    page.get_by_role("button", name="Gem gennemgang").click()
    assert page.get_by_role("alert").is_visible()
    assert violations(page) == []


@pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
def test_axe_finds_nothing_in_any_state_of_the_pages(open_page: Open, site: Running, width: int) -> None:
    settle_the_oldest(site)
    page = open_page("leder", "/opfolgning", width)
    for summary in page.locator("summary").all():
        summary.click()
    assert violations(page) == [], "follow-up with figures"
    other = open_page("nord", "/", width)
    base, address = other.url.rstrip("/"), citizen_address(other)
    other.goto(base + address)
    other.get_by_label("Overdrag til kollega").check()
    assert violations(other) == [], "a form being filled"
    other.get_by_role("button", name="Gem gennemgang").click()
    assert violations(other) == [], "a form refused"
    other.get_by_label("Kollega").last.select_option(label="leder")
    page.goto(base + address)
    other.get_by_role("button", name="Gem gennemgang").click()
    page.get_by_label("Set", exact=True).check()
    page.get_by_role("button", name="Gem gennemgang").click()
    assert "En kollega har gennemgået" in page.get_by_role("alert").inner_text()
    assert violations(page) == [], "a conflict"
    for name, where, state in (
        ("leder", "/", "handed over"),
        ("nord", "/", "handed away"),
        ("leder", "/tavle", "board"),
    ):
        assert violations(open_page(name, where, width)) == [], state
    assert violations(open_page("nord", "/?vis=mine", width)) == [], "nothing under this choice"


def test_axe_finds_nothing_where_a_list_is_empty_or_switched_off(open_page: Open, site: Running) -> None:
    with site.database.write() as session:
        later = MONDAY + timedelta(weeks=1)
        lists.store_list(session, WeeklyList(later, NOW, "1", "0" * 64, NOW, silent=False, entries=()))
    site.clock.turn(timedelta(weeks=1))
    assert violations(open_page("nord")) == []
    assert violations(open_page("leder", "/opfolgning")) == []
    with site.database.write() as session:
        session.exec_driver_sql("DELETE FROM legal_bases")
    page = open_page("nord")
    assert "vises ikke" in page.locator("h1").inner_text()
    assert violations(page) == []


def test_axe_finds_nothing_while_the_store_is_away_and_what_was_written_is_sent_again(
    open_page: Open, site: Running
) -> None:
    page = open_page("nord", "/", 390)
    page.goto(page.url.rstrip("/") + citizen_address(page))
    page.get_by_label("Set", exact=True).check()
    page.get_by_label("Bemærkning").fill("TOBS 2, ringer igen")
    rename(site, "look_ups", "look_ups_away")
    page.get_by_role("button", name="Gem gennemgang").click()
    assert page.get_by_text("TOBS 2, ringer igen").is_visible()
    assert violations(page) == []
    rename(site, "look_ups_away", "look_ups")
    page.get_by_role("button", name="Gem igen").click()
    assert "TOBS 2, ringer igen" in page.locator(".history").first.inner_text()


def rename(site: Running, table: str, name: str) -> None:
    """Take a table away, or bring it back."""
    with site.database.write() as session:
        session.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {name}")


def test_nothing_moves_for_those_who_do_not_want_it(open_page: Open) -> None:
    page = open_page("leder")
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    moving = "[...document.querySelectorAll('*')].filter(one => getComputedStyle(one).animationName !== 'none'"
    assert page.evaluate(f"{moving} || parseFloat(getComputedStyle(one).transitionDuration) > 0).length") == 0


def test_the_list_is_worked_by_keyboard_alone(open_page: Open) -> None:
    page = open_page("nord")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    reached: list[str] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.innerText").strip())
        if reached[-1].startswith("Set"):
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/#b-*")
    assert page.locator(".row.reviewed").count() == 1


def test_a_finger_has_room_on_a_touch_screen(open_page: Open) -> None:
    page = open_page("nord", "/", 390, finger=True)
    low = page.evaluate(
        "[...document.querySelectorAll('main a, main button')].filter(one => one.getClientRects().length)"
        ".filter(one => one.getBoundingClientRect().height < 24).map(one => one.outerHTML.slice(0, 120))"
    )
    assert low == []
