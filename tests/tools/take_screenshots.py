"""Take the pictures of the pages that stand in the documents, of an invented town in the middle of a week.

`.venv/bin/python tests/tools/take_screenshots.py [FOLDER]` writes docs/images/*.png; it needs Chromium (`make system`).
The same every time: invented people, a clock that stands still, and chance with a seed.
"""

import shutil
import sys
import tempfile
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Final

from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from models.outcomes import Figures
from models.outcomes import Place as RankedPlace
from service.security.login import one_time_code
from service.storage import lists, outcomes, reviews, users
from service.storage.database import Database, WriteSession
from service.weekly.lists import Entry, ListHead
from service.weekly.outcome_days import POLICY, told_from
from service.weekly.reviews import ACTED, NEEDS_GROUNDS, Action, Draft, HandOver
from tests.browser.conftest import CHROMIUM_FLAGS, CHROMIUM_NAMES
from tests.service.conftest import add_users, run
from tests.service.invented_lists import MONDAY, NOW, Town, fill
from tests.service.running import Running

ROOT: Final = Path(__file__).resolve().parents[2]
FIRST: Final = "the first citizen's page"
PICTURES: Final = (
    ("list", "nord", "/", 1280, 880),
    ("list-tablet", "nord", "/", 820, 1100),
    ("list-phone", "nord", "/", 390, 844),
    ("citizen", "nord", FIRST, 1280, 1100),
    ("citizen-phone", "nord", FIRST, 390, 844),
    ("board", "nord", "/tavle", 1280, 720),
    ("leader", "leder", "/opfolgning", 1280, 1500),
)
_HANDED: Final = 5
_CHANCE: Final = Random(3)
_COMMENTS: Final = ("", "", "TOBS 2, ringer igen i morgen", "Datter kommer i weekenden")


def main() -> None:
    """Make the town, serve it, and take every picture."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    program = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    with tempfile.TemporaryDirectory(prefix="omhu-pictures-") as name:
        with Database.open(f"sqlite:///{name}/omhu.db") as database:
            make_town(database)
        site = next(served := run(Path(name)))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
            for picture, user, path, width, height in PICTURES:
                take(browser, site, user, path, (width, height), folder / f"{picture}.png")
            browser.close()
        served.close()


def take(browser: Browser, site: Running, user: str, path: str, size: tuple[int, int], file: Path) -> None:
    """One picture of what a browser window of this size shows first."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="da-DK")
    page = context.new_page()
    page.goto(f"{site.address}/login/kode?kode={one_time_code(site.database, user, site.clock())}")
    page.get_by_role("button", name="Log ind").click()
    address = page.locator(".row:not(.reviewed) h3 a").nth(1).get_attribute("href") if path == FIRST else path
    page.goto(site.address + str(address))
    page.screenshot(path=file)
    context.close()
    print(file.name)


def make_town(database: Database) -> None:
    """Half a year of lists, the work of nurses on them, and what became of those that are old enough."""
    database.migrate()
    fill(database, Town(weeks=26))
    add_users(database)
    with database.write() as session:
        # The mark by which tests find a name in a log is no name to show.
        session.exec_driver_sql("UPDATE identities SET name = replace(name, '-Sentinel', '')")
        heads = lists.list_heads(session, limit=50)
    for head in reversed(heads):
        with database.write() as session:
            ranked = [entry for entry in lists.every_entry(session, head.number) if entry.rank]
            acted = {entry.citizen for entry in ranked if entry.shown and reviewed(session, head, entry)}
            if told_from(head.as_of) <= MONDAY:
                told = {(head.number, name): figures(ranked, name, acted) for name in ("Nord", "Syd")}
                outcomes.add(session, told, POLICY, MONDAY, NOW)


def reviewed(session: WriteSession, head: ListHead, entry: Entry) -> bool:
    """Review an entry as nurses might; whether it was acted on."""
    this_week = head.as_of == MONDAY
    if _CHANCE.random() > (0.2 if this_week else 0.82) and not (this_week and entry.rank in {1, _HANDED}):
        return False
    action = _CHANCE.choices(list(Action)[:8], [9, 5, 6, 3, 3, 2, 3, 1])[0]
    days = 0 if this_week else _CHANCE.choice([0, 0, 1, 1, 2, 3, 4, 9])
    at = datetime.combine(head.as_of, time(6, _CHANCE.randrange(60)), UTC) + timedelta(days=days)
    draft = Draft(
        action, "Kendt, og der er allerede en plan" if action in NEEDS_GROUNDS else "", _CHANCE.choice(_COMMENTS)
    )
    if this_week and entry.rank == _HANDED:
        draft = Draft(Action.HANDED_OVER, "", "Kender du datteren?", None, HandOver(1, MONDAY + timedelta(days=5)))
        leader = users.user_called(session, "leder")
        reviews.add_review(session, entry.citizen, head.number, leader.number if leader else 1, draft, at)
        return False
    reviews.add_review(session, entry.citizen, head.number, 1 if entry.district == "Nord" else 2, draft, at)
    return action in ACTED


def figures(ranked: list[Entry], district: str, acted: set[int]) -> Figures:
    """What became of a district's list, by a chance that follows the risk."""
    places = [
        RankedPlace(
            entry.probability or 0.0,
            entry.band.value if entry.band else "",
            entry.shown,
            entry.citizen in acted,
            _CHANCE.random() < (entry.probability or 0.0) * (0.75 if entry.citizen in acted else 1.05),
        )
        for entry in ranked
        if entry.district == district
    ]
    return Figures.of(places, told=True)


if __name__ == "__main__":
    main()
