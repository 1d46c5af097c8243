"""A real Chromium that can see this machine and nothing else."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = [
    "--no-sandbox",  # Chromium refuses its sandbox to root, and tests run as root in containers
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]
TABLET = {"width": 1024, "height": 768}


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of this folder; it takes 1.3 s to start.

    Closed when the folder is done with: while it is open, its event loop counts as running in this thread and
    nothing else could run one.
    """
    program = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if program is None:
        pytest.fail("No Chromium here. Install it as root, on Debian: apt-get install chromium (or: make system).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh Danish nurse's tablet: no cookies of another test, Danish language and time.

    An error in the page's own scripts, or a word on the console, fails the test that saw it.
    """
    context = chromium.new_context(locale="da-DK", timezone_id="Europe/Copenhagen", viewport=TABLET)  # pyright: ignore[reportArgumentType]
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert not faults, f"the browser complained: {faults}"
