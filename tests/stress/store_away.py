"""PostgreSQL stopped in the middle of everything and started again: what is answered meanwhile, and what comes then."""

import re
import time
from dataclasses import dataclass
from typing import Final

from tests.children import Child, surroundings
from tests.postgres import DurableServer
from tests.stress.ledger import Account
from tests.stress.site import Site
from tests.stress.wire import Answer, Line

_SECRETS: Final = re.compile(r"postgresql|psycopg|sqlalchemy|Traceback|omhu-pg|OperationalError|File \"", re.IGNORECASE)
"""What tells a stranger how it is built, or where the store is."""
_WORDS: Final = ("Omhu er ikke klar lige nu", "missing or away just now")


@dataclass(frozen=True, slots=True)
class Seen:
    """What happened: answers refused while it was away, the longest until a page came again, the account after it."""

    refused: int
    back_seconds: float
    account: Account

    def __str__(self) -> str:
        return f"{self.refused} answers were 503, a page came {self.back_seconds:.1f} s after the start; {self.account}"


def stopped_and_started(site: Site, server: DurableServer, times: int, away_seconds: float) -> Seen:
    """Stop and start the server so often under traffic. Raises `AssertionError` for whatever should not have been."""
    back, before, first = 0.0, len(site.tally.unexpected), site.serve.number
    for _ in range(times):
        with site.crowd():
            site.wait_for_something_to_lose()
            server.stop_at_once()
            time.sleep(away_seconds)
            server.start()
            back = max(back, _until_a_page_comes(site))
            time.sleep(0.5)
    found = site.account()
    refused = site.tally.unexpected[before:]
    _require_clear(refused)
    _require_unharmed(site.serve, first, server)
    return Seen(len(refused), back, found)


def with_a_worker(site: Site, server: DurableServer, times: int, away_seconds: float) -> Seen:
    """The same with `omhu worker` beside it, which has to go on too."""
    around = surroundings(site.place.home, site.place.database_url)
    with Child(("worker",), around, site.folder / "worker.log") as worker:
        _until_it_works(worker)
        first = worker.number
        found = stopped_and_started(site, server, times, away_seconds)
        _require_unharmed(worker, first, server)
    return found


def _require_unharmed(child: Child, first: int, server: DurableServer) -> None:
    """It is the same process still, and has written neither a traceback nor where the store is."""
    if not child.runs() or child.number != first:
        raise AssertionError(f"{child.arguments[0]} ended")
    if "Traceback" in child.told() or str(server.cluster.folder) in child.told():
        raise AssertionError(f"a traceback or an address in the log of {child.arguments[0]}")


def _until_it_works(worker: Child) -> None:
    """A worker that finds no store when it is started ends, and says so; here it is to lose it afterwards."""
    for _ in range(600):
        if '"event": "job"' in worker.told():
            return
        time.sleep(0.05)
    raise AssertionError("the worker does nothing")


def _until_a_page_comes(site: Site) -> float:
    begun, line = time.perf_counter(), Line(site.port)
    while time.perf_counter() - begun < 30:
        if line.ask("GET", "/", {"Cookie": site.cookies[0]}).status == 200:
            line.close()
            return time.perf_counter() - begun
        time.sleep(0.05)
    raise AssertionError("no page came again")


def _require_clear(refused: list[Answer]) -> None:
    """Whatever was refused was told as 503 in clear words, and with nothing a stranger should not read."""
    if not refused:
        raise AssertionError("nobody noticed that the store was away")
    for answer in refused:
        secret = _SECRETS.search(answer.text)
        if answer.status != 503 or secret or not any(words in answer.text for words in _WORDS):
            raise AssertionError(f"{answer.status}: {answer.text[:500]}")
