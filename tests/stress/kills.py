"""`kill -9` of the service while it is asked, and of the worker while it makes the list; and what then is in the store.

After each, a new process is started as an operator would, and the account is made: nothing that was acknowledged may be
lost, nothing doubled, and every stored list is as it was.
"""

import os
import random
import signal
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from sqlalchemy import text

from service.storage.database import Database
from tests.children import Child, surroundings
from tests.stress import ledger
from tests.stress.ledger import Account
from tests.stress.site import Site
from tests.stress.town import Place


def service_killed(site: Site, moments: int, seed: int, told: Callable[[str], None]) -> Account:
    """Kill the service at so many moments while it is asked; the account of all after the last."""
    chance = random.Random(seed)
    for number in range(1, moments + 1):
        with site.crowd():
            site.wait_for_something_to_lose()
            time.sleep(chance.uniform(0.0, 1.0))
            if not site.serve.kill():
                raise AssertionError("the service had ended by itself")
        site.serve.start()
        site.wait()
        if number % 5 == 0:
            told(f"service killed {number} of {moments} times: {site.account()}")
    return site.account()


def one_of_several_killed(site: Site, moments: int, seed: int, told: Callable[[str], None]) -> Account:
    """Kill one of the processes that answer, at so many moments while they are asked; the first replaces it."""
    chance = random.Random(seed)
    for number in range(1, moments + 1):
        there = site.answering(2)
        with site.crowd():
            site.wait_for_something_to_lose()
            time.sleep(chance.uniform(0.0, 1.0))
            os.kill(chance.choice(there), signal.SIGKILL)
            site.wait_for_something_to_lose()  # the other goes on meanwhile
        if number % 5 == 0:
            told(f"one of two killed {number} of {moments} times: {site.account()}")
    return site.account()


def list_making_killed(
    fresh: Callable[[str], Place], arguments: tuple[str, ...], day: date, folder: Path, moments: int, seed: int
) -> int:
    """Kill whoever makes a list at so many moments, each on an installation of its own that `fresh` makes by name.

    It is then made again, and has to be as one that nobody disturbed. Gives how often a process was there to be killed.
    """
    chance, killed = random.Random(seed), 0
    expected, seconds = _made(fresh("whole"), arguments, day, folder)
    for number in range(moments):
        place = fresh(f"cut{number}")
        around = surroundings(place.home, place.database_url)
        with Child(arguments, around, folder / "list.log") as making:
            time.sleep(chance.uniform(0.3, 1.0) * seconds)
            killed += making.kill()
        _silent_for_long(place)
        again, _ = _made(place, arguments, day, folder)
        if again != expected:
            raise AssertionError(f"the list of {day} is another after moment {number}")
    return killed


def _made(place: Place, arguments: tuple[str, ...], day: date, folder: Path) -> tuple[str, float]:
    """Run a command that makes the list of a day, until it is there; its digest, and the seconds that took."""
    begun = time.perf_counter()
    with (
        Database.open(place.database_url) as database,
        Child(arguments, surroundings(place.home, place.database_url), folder / "list.log"),
    ):
        while time.perf_counter() - begun < 120:
            with database.read() as session:
                found = ledger.list_digests(session)
            if day in found:
                if ledger.account(database, (), (), found).doubled_lists:
                    raise AssertionError(f"there are two lists of {day}")
                return found[day], time.perf_counter() - begun
            time.sleep(0.1)
    raise AssertionError(f"no list of {day} was made")


def _silent_for_long(place: Place) -> None:
    """Have a killed worker be silent for as long as another waits before it takes over."""
    with Database.open(place.database_url) as database, database.write() as session:
        session.execute(text("UPDATE runs SET heard_at = heard_at - 180000000"))
