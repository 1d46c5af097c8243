"""The demonstration's invented nurse: goes through the lists of past weeks in the pages, on the days of those weeks.

She logs in, opens the list and presses its buttons like anybody else; only the clock is turned back. What she does is
drawn by chance, the same each time. She does nothing twice: who has been reviewed stays so.
"""

import asyncio
import logging
import re
import sys
from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final

import httpx

from service.app import create_app
from service.logs import set_up
from service.security.login import one_time_code
from service.settings import Settings
from service.storage.database import Database

_SHARES: Final = {"Nord": 0.5, "Syd": 0.3}
"""How much of what is open she goes through on each of a week's two days: leaders look at what differs."""
_DAYS: Final = (0, 2)
_DONE: Final = (
    (30, {"handling": "seen"}),
    (10, {"handling": "seen", "bemaerkning": "Talt med kontaktpersonen. Vi ser an til næste uge."}),
    (16, {"handling": "phoned"}),
    (8, {"handling": "phoned", "bemaerkning": "Aftalt med datteren, at hun køber proteindrikke."}),
    (12, {"handling": "visited", "bemaerkning": "Lidt træt, ellers som sædvanligt."}),
    (8, {"handling": "tobs", "bemaerkning": "TOBS 1. Måles igen om to dage."}),
    (6, {"handling": "doctor", "bemaerkning": "Egen læge kigger på medicinen."}),
    (6, {"handling": "care_changed", "bemaerkning": "Væskeskema i en uge."}),
    (8, {"handling": "no_action", "begrundelse": "Kendt, og der er allerede en plan"}),
    (4, {"handling": "wrong", "begrundelse": "Det skrevne handler om en anden"}),
)
_PROOF: Final = re.compile(r'name="bevis" value="([^"]+)"')
_OPEN: Final = re.compile(r'action="/borger/([^/"]+)/gennemgang">.*?name="sidste" value="(\d+)"', re.DOTALL)


@dataclass
class _Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


def review(settings: Settings, nurse: str, lists: list[date]) -> int:
    """Go through the lists of these Mondays; gives how many citizens were reviewed."""
    return asyncio.run(_review(settings, nurse, lists))


async def _review(settings: Settings, nurse: str, lists: list[date]) -> int:
    clock, done = _Clock(datetime.now(UTC)), 0
    app = create_app(settings, clock=clock)
    async with app.router.lifespan_context(app) as state:

        async def with_state(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
            scope["state"] = dict(state or {})
            await app(scope, receive, send)

        transport = httpx.ASGITransport(with_state)
        for monday in lists:
            for day in _DAYS:
                clock.now = datetime(monday.year, monday.month, monday.day, 8, 30, tzinfo=UTC) + timedelta(days=day)
                async with httpx.AsyncClient(transport=transport, base_url="http://demo", timeout=60) as browser:
                    await _log_in(browser, settings, nurse, clock.now)
                    done += await _work(browser, clock, Random(f"{monday} {day}"))  # noqa: S311 - no secret
    return done


async def _log_in(browser: httpx.AsyncClient, settings: Settings, nurse: str, now: datetime) -> None:
    with Database.open(settings.state.database_url) as database:
        code = one_time_code(database, nurse, now)
    page = await browser.get("/login/kode", params={"kode": code})
    await browser.post("/login/kode", data={"kode": code, "bevis": _proof(page.text)})


async def _work(browser: httpx.AsyncClient, clock: _Clock, chance: Random) -> int:
    done = 0
    for district, share in _SHARES.items():
        page = (await browser.get("/", params={"distrikt": district, "vis": "mangler"})).text
        proof = _proof(page)
        for row in (row for row in _OPEN.finditer(page) if chance.random() < share):
            clock.now += timedelta(minutes=chance.randint(2, 9))
            (action,) = chance.choices([one for _, one in _DONE], [weight for weight, _ in _DONE])
            fields = {"bevis": proof, "sidste": row[2], "til": "/", **action}
            answer = await browser.post(f"/borger/{row[1]}/gennemgang", data=fields)
            done += answer.is_redirect
    return done


def _proof(page: str) -> str:
    found = _PROOF.search(page)
    return found[1] if found else ""


if __name__ == "__main__":
    set_up(logging.ERROR)  # not a line for each of her clicks
    mondays = [date.fromisoformat(one) for one in sys.argv[2:]]
    print(f"{review(Settings.read(), sys.argv[1], mondays)} citizens gone through, on {len(mondays)} lists.")  # noqa: T201
