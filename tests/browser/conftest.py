"""A real Chromium that can see this machine and nothing else."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from service.storage.database import Database
from tests.browser.opening import Open
from tests.service.conftest import add_users, run
from tests.service.invented_lists import Town, fill
from tests.service.running import Running

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


@pytest.fixture(scope="session")
def browsed_town(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with half a year of lists; to be copied, not changed."""
    file = tmp_path_factory.mktemp("browsed") / "omhu.db"
    shutil.copy(migrated_file, file)
    with Database.open(f"sqlite:///{file}") as database:
        fill(database, Town(weeks=26))
        add_users(database)
    return file


@pytest.fixture
def site(browsed_town: Path, tmp_path: Path) -> Iterator[Running]:
    """The application on a copy of that store."""
    shutil.copy(browsed_town, tmp_path / "omhu.db")
    yield from run(tmp_path)


def log_in(context: BrowserContext, site: Running, name: str) -> None:
    """Give a browser the cookies of a user who has logged in, without the second that form and first page take it.

    `test_a_week_from_login_over_two_nurses_reviews_to_the_leaders_figures` goes by way of the form.
    """
    with site.log_in(name) as user:
        cookies = [(one.name, str(one.value)) for one in user.cookies.jar]
    context.add_cookies([{"name": one, "value": value, "url": site.address} for one, value in cookies])


@pytest.fixture
def open_page(chromium: Browser, site: Running) -> Iterator[Open]:
    """Opens pages of the application; fails the test when the browser complains of anything."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(name: str, path: str = "/", width: int = 1280, *, scripts: bool = True, finger: bool = False) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
            bypass_csp=scripts,  # axe is put into the page, which the policy rightly forbids
            has_touch=finger,
            is_mobile=finger,
            locale="da-DK",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        if name:
            log_in(context, site, name)
        page.goto(site.address + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    # That a page was answered with 4xx or 503 is said on the console too; tests that ask for one expect it.
    assert not [fault for fault in faults if "status of 4" not in fault and "status of 503" not in fault]
