"""The pages of administrators, auditors and data scientists, and the second factor, as a browser shows them."""

import os
from pathlib import Path

import pytest

from tests.browser.opening import WIDTHS, Open
from tests.browser.test_accessibility import violations

PAGES = {
    "administrator": [
        "/administration",
        "/administration/sessioner",
        "/administration/kapacitet",
        "/administration/hjemmel",
    ],
    "revisor": ["/log"],
    "forsker": ["/pseudonymer"],
    "nord": ["/konto"],
}


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_axe_finds_nothing_and_no_page_scrolls_sideways(open_page: Open, width: int) -> None:
    for name, addresses in PAGES.items():
        page = open_page(name, addresses[0], width)
        base = page.url.removesuffix(addresses[0])
        for address in addresses:
            page.goto(base + address)
            for summary in page.locator("details summary").all()[:1]:
                summary.click()
            keep(page, address, width)
            assert violations(page) == [], address
            beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert beyond == 0, address


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_administrator_adds_a_user_and_an_app_is_connected(open_page: Open, *, scripts: bool) -> None:
    admin = open_page("administrator", "/administration", scripts=scripts)
    admin.locator("form.fields").get_by_label("Navn til at logge ind med").fill("mette")
    admin.locator("form.fields").get_by_label("Distrikter").fill("Nord")
    admin.get_by_role("button", name="Opret").click()
    assert admin.get_by_role("status").is_visible()
    nurse = open_page("nord", "/konto", 390, scripts=scripts)
    nurse.get_by_role("button", name="Tilknyt en app").click()
    assert nurse.locator(".square svg").bounding_box()
    keep(nurse, "/konto-qr", 390)
    if scripts:
        assert violations(nurse) == []


def keep(page: object, address: str, width: int) -> None:
    """Keep the picture where somebody asked for it, to be looked at."""
    folder = os.environ.get("PICTURES")
    if folder:
        file = Path(folder) / f"{address.strip('/').replace('/', '-')}-{width}.png"
        page.screenshot(path=str(file), full_page=True)  # pyright: ignore[reportAttributeAccessIssue]
