"""WCAG 2.1 AA on every page and state, as axe-core finds it in Chromium, and what axe cannot see."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.opening import WIDTHS, Open

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = ["/", "/tavle", "/ikke-vurderet", "/om", "/tilgaengelighed", "/?vis=nye&team=Team+1", "/findes-ikke"]


def violations(page: Page) -> list[str]:
    """What axe finds wrong: the rule and the first places."""
    page.evaluate(AXE)
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: rules}).then(result => result.violations.map("
        "one => one.id + ': ' + one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | ')))",
        RULES,
    )
    return list(found)


def citizen_address(page: Page) -> str:
    """The address of the first citizen on the list."""
    return str(page.locator(".row h3 a").first.get_attribute("href"))


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_axe_finds_nothing_on_any_page(open_page: Open, width: int) -> None:
    page = open_page("leder", "/", width)
    addresses = [*PAGES, citizen_address(page)]
    base = page.url.rstrip("/")
    for address in addresses:
        page.goto(base + address)
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


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_no_page_scrolls_sideways(open_page: Open, width: int) -> None:
    page = open_page("leder", "/", width)
    base = page.url.rstrip("/")
    for address in [*PAGES, citizen_address(page)]:
        page.goto(base + address)
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert beyond == 0, address


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
