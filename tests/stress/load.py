"""Load: fifty nurses, twenty programs and a thousand notifications a minute, on one service and one worker.

Prints a table; ends with 1 when a request got another answer than it should have, when a page took too long at the
99th percentile, or when a notification that was taken is not in the store exactly once.
"""

import os
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from service.storage import uploads
from service.storage.database import Database
from tests.children import Child, answered, free_port, surroundings
from tests.stress import ledger
from tests.stress.cores import Cores
from tests.stress.messages import Notifications
from tests.stress.people import PAGES, Hospital, Nurse, Program, at_once, logged_in
from tests.stress.tally import Tally, percentile
from tests.stress.town import Place
from tests.stress.waiting import drained

NURSES: Final = 50
PROGRAMS: Final = 20
SENDERS: Final = 4
NOTIFICATIONS_A_MINUTE: Final = 1000
P99_SECONDS: Final = 0.3
PROCESSES: Final = os.cpu_count() or 1
_NURSES_PAUSE: Final = (2.0, 8.0)
_PROGRAMS_PAUSE: Final = (1.0, 3.0)


@dataclass(slots=True)
class Memory:
    """Megabytes of each process, as often as looked at."""

    seen: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def look(self, processes: dict[str, Child]) -> None:
        """Look once."""
        for name, process in processes.items():
            self.seen.setdefault(name, []).append(process.megabytes())


@contextmanager
def running(place: Place, folder: Path) -> Generator[tuple[int, dict[str, Child]]]:
    """The service and a worker of an installation; gives the port and both."""
    port = free_port()
    around = surroundings(place.home, place.database_url)
    with (
        Child(("serve", "--port", str(port), "--processes", str(PROCESSES)), around, folder / "serve.log") as serve,
        Child(("worker",), around, folder / "worker.log") as worker,
    ):
        answered(f"http://127.0.0.1:{port}/healthz")
        yield port, {"serve": serve, "worker": worker}


def crowd(place: Place, port: int, tally: Tally, stop: threading.Event) -> list[threading.Thread]:
    """Everybody, begun."""
    cookies = [
        logged_in(port, place.add_nurse(f"sygeplejerske{at}", place.districts[at % len(place.districts)]))
        for at in range(NURSES)
    ]
    token, made = place.add_program("stress"), Notifications()
    pause = 60 * SENDERS / NOTIFICATIONS_A_MINUTE
    nurses = [Nurse(f"nurse {at}", port, tally, stop, _NURSES_PAUSE, one) for at, one in enumerate(cookies)]
    programs = [Program(f"program {at}", port, tally, stop, _PROGRAMS_PAUSE, token) for at in range(PROGRAMS)]
    hospitals = [
        Hospital(f"hospital {at}", port, tally, stop, (pause, pause), token, made, f"{at + 1:x}")
        for at in range(SENDERS)
    ]
    return at_once([one.run for one in (*nurses, *programs, *hospitals)])


def stress(place: Place, folder: Path, minutes: float) -> bool:
    """Run it and print what was seen; whether all was as it should be."""
    tally, stop, memory, cores = Tally(), threading.Event(), Memory(), Cores()
    with Database.open(place.database_url) as database, database.read() as session:
        before = ledger.list_digests(session)
    with running(place, folder) as (port, processes), Database.open(place.database_url) as database:
        threads = crowd(place, port, tally, stop)
        time.sleep(10)  # until everybody has begun and what is made once is made
        begun, driver = time.perf_counter(), time.process_time()
        used = {name: one.processor_seconds() for name, one in processes.items()}
        most_waiting = 0
        while (past := time.perf_counter() - begun) < 60 * minutes:
            memory.look(processes)
            cores.look()
            with database.read() as session:
                most_waiting = max(most_waiting, uploads.count_unfinished(session))
            time.sleep(min(2.0, max(0.0, 60 * minutes - past)))
        seconds = time.perf_counter() - begun
        share = (time.process_time() - driver) / seconds
        shares = {name: (one.processor_seconds() - used[name]) / seconds for name, one in processes.items()}
        stop.set()
        for thread in threads:
            thread.join(timeout=60)
        waited = drained(database)
        found = ledger.account(database, tally.reviews, tally.loads, before)
    told = "".join((folder / name).read_text(encoding="utf-8") for name in ("serve.log", "worker.log"))
    report(tally, memory, cores, {"driver": share, **shares}, most_waiting)
    print(f"after the last was sent, the queue was empty in {waited:.0f} s; {found}")
    pages = percentile(tally.times(*PAGES), 0.99)
    return not tally.failures() and found.is_whole and pages < P99_SECONDS and "Traceback" not in told


def report(tally: Tally, memory: Memory, cores: Cores, shares: dict[str, float], most_waiting: int) -> None:
    """Print the table."""
    print(f"{'':18}{'answers':>9}{'other':>7}{'p50 ms':>9}{'p99 ms':>9}{'longest':>9}")
    for name, kinds in (("all pages", PAGES), *((one, (one,)) for one in (*PAGES, "API", "notification"))):
        times = tally.times(*kinds)
        of = {key: count for key, count in tally.statuses.items() if key[0] in kinds}
        print(f"{name:18}{sum(of.values()):9,}{sum(of.values()) - len(times):7,}{_percentiles(times)}")
    there = tally.times(*PAGES, at=cores.were_there)
    print(f"{'pages, of these':18}{len(there):9,}{'':7}{_percentiles(there)}   while the machine had its cores")
    print(f"taken by other guests of the machine: {100 * cores.taken():.0f} % of its cores")
    for name, seen in memory.seen.items():
        at = (seen[0], seen[len(seen) // 2], seen[-1])
        print(f"memory of {name:8} {at[0]:6.0f} MB at the beginning {at[1]:6.0f} in the middle {at[2]:6.0f} at the end")
    print("processor: " + ", ".join(f"{name} {100 * share:.0f} % of one core" for name, share in shares.items()))
    print(f"most notifications that waited to be loaded: {most_waiting}")
    for answer in tally.unexpected[:5]:
        print(f"unexpected: {answer.status} after {answer.seconds:.1f} s: {answer.text[:200]!r}")


def _percentiles(times: Sequence[float]) -> str:
    p50, p99, longest = (1000 * percentile(times, share) for share in (0.5, 0.99, 1.0))
    return f"{p50:9.1f}{p99:9.1f}{longest:9.1f}"
