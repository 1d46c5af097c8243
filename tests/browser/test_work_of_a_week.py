"""What nurses do on the pages, with and without scripts, as they would."""

import re

import pytest

from tests.browser.opening import Open


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
