"""A service that runs on an installation, and a crowd in great haste that asks it."""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from service.storage.database import Database
from tests.children import Child, answered, free_port, surroundings
from tests.stress import ledger
from tests.stress.ledger import Account
from tests.stress.messages import Notifications
from tests.stress.people import Hospital, Nurse, at_once, logged_in
from tests.stress.tally import Tally
from tests.stress.town import Place
from tests.stress.waiting import drained

_NURSES: Final = 6
_LONGEST_SECONDS: Final = 60
_SENDERS: Final = 2
_HASTE: Final = (0.05, 0.2)
_PAUSE_OF_SENDERS: Final = (0.1, 0.1)


@dataclass
class Site:
    """A running service, what lets the crowd in, all it has seen, and the lists as they were in the beginning."""

    place: Place
    folder: Path
    port: int
    serve: Child
    cookies: tuple[str, ...]
    token: str
    before: dict[date, str]
    tally: Tally
    crowds: int = 0

    @contextmanager
    def crowd(self) -> Generator[None]:
        """The crowd asks, for as long as the context lasts; each writes other words than the one before."""
        stop, made, self.crowds = threading.Event(), Notifications(), self.crowds + 1
        nurses = [
            Nurse(f"nurse {self.crowds}-{at}", self.port, self.tally, stop, _HASTE, cookie)
            for at, cookie in enumerate(self.cookies)
        ]
        shares = [f"{at + 1:x}{self.crowds:02x}" for at in range(_SENDERS)]
        hospitals = [
            Hospital(f"hospital {share}", self.port, self.tally, stop, _PAUSE_OF_SENDERS, self.token, made, share)
            for share in shares
        ]
        threads = at_once([one.run for one in (*nurses, *hospitals)])
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join(timeout=60)

    def wait(self) -> None:
        """Until the service answers."""
        answered(f"http://127.0.0.1:{self.port}/healthz")

    def answering(self, processes: int) -> list[int]:
        """The processes that answer, when there are so many."""
        for _ in range(10 * _LONGEST_SECONDS):
            if len(found := self.serve.answering()) == processes:
                return found
            time.sleep(0.1)
        raise AssertionError("one that was killed is not replaced")

    def wait_for_something_to_lose(self) -> None:
        """Until one more review and one more notification were acknowledged: before that a fault tries nothing."""
        reviews, loads, begun = len(self.tally.reviews), len(self.tally.loads), time.perf_counter()
        while len(self.tally.reviews) == reviews or len(self.tally.loads) == loads:
            if time.perf_counter() - begun > _LONGEST_SECONDS:
                raise AssertionError("nothing is acknowledged")
            time.sleep(0.02)

    def account(self) -> Account:
        """The account when all is loaded. Raises `AssertionError` when something is lost, doubled or changed."""
        with Database.open(self.place.database_url) as database:
            drained(database)
            found = ledger.account(database, self.tally.reviews, self.tally.loads, self.before)
        if not found.is_whole:
            raise AssertionError(str(found))
        return found


@contextmanager
def running(place: Place, folder: Path, processes: int = 1) -> Generator[Site]:
    """`omhu serve` on a place in so many processes, with nurses of its districts logged in, and a program's token."""
    port = free_port()
    with Database.open(place.database_url) as database, database.read() as session:
        before = ledger.list_digests(session)
    around = surroundings(place.home, place.database_url)
    command = "serve", "--port", str(port), "--processes", str(processes)
    with Child(command, around, folder / "serve.log") as serve:
        answered(f"http://127.0.0.1:{port}/healthz")
        names = [(f"travl{at}", place.districts[at % len(place.districts)]) for at in range(_NURSES)]
        cookies = tuple(logged_in(port, place.add_nurse(name, district)) for name, district in names)
        yield Site(place, folder, port, serve, cookies, place.add_program("travl"), before, Tally())
        if "Traceback" in serve.told():
            raise AssertionError("there is a traceback in the service's log")
