"""The access report as its own file in a browser: for a screen of any width, and for paper."""

import pytest
from playwright.sync_api import Browser

from service.ui import access_report
from tests.browser.opening import WIDTHS
from tests.browser.test_accessibility import violations
from tests.service.ui.test_access_report_page import REPORT

A4_WITHIN_MARGINS = {"width": 688, "height": 1000}


@pytest.mark.parametrize("width", [WIDTHS["desktop"], WIDTHS["zoomed to 400 %"]])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(chromium: Browser, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 900})
    page.set_content(access_report.page(REPORT))
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert page.locator("thead").first.is_visible() is (width > 700)
    page.close()


def test_on_paper_tables_are_tables(chromium: Browser) -> None:
    page = chromium.new_page(viewport=A4_WITHIN_MARGINS)  # pyright: ignore[reportArgumentType]
    page.set_content(access_report.page(REPORT))
    assert page.locator("thead").first.is_hidden()
    page.emulate_media(media="print")
    assert page.locator("thead").first.is_visible()
    page.close()
