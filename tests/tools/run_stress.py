"""Load, kills and a store that goes away, against real processes: `make stress`, whose figures stand in the documents.

`MINUTES` says how long the load lasts (10), `MOMENTS` how many kills there are (50). `load`, `kills` or `store` on the
command line choose among the three. Ends with 1 when something was lost, doubled, wrong or too slow.
"""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.postgres import DurableServer, durable_server
from tests.stress import kills, load, store_away, town
from tests.stress.site import running
from tests.stress.town import Place

MINUTES: Final = float(os.environ.get("MINUTES", "10"))
MOMENTS: Final = int(os.environ.get("MOMENTS", "50"))
CITIZENS: Final = int(os.environ.get("CITIZENS", "1000"))
TIMES_AWAY: Final = 5
LISTS: Final = 4


@dataclass(frozen=True, slots=True)
class Bench:
    """Where it is all done: a folder, a PostgreSQL of its own, and the municipality on it as a template."""

    folder: Path
    server: DurableServer
    town: Place

    def fresh(self, name: str) -> Place:
        """A copy of the municipality's store under another name, beside the same snapshot and champion."""
        url = self.server.cluster.create(name, template="town")
        return Place(self.town.home, url, self.town.districts)


@contextmanager
def made() -> Generator[Bench]:
    """The municipality, made."""
    with tempfile.TemporaryDirectory(prefix="omhu-stress-") as name, durable_server() as server:
        begun, folder = time.perf_counter(), Path(name)
        place = town.make(folder, server.cluster.create("town"), CITIZENS, LISTS)
        print(f"{CITIZENS:,} citizens and {LISTS} lists made in {time.perf_counter() - begun:.0f} s", flush=True)
        yield Bench(folder, server, place)


def under_load(bench: Bench) -> bool:
    """Fifty nurses, twenty programs, a thousand notifications a minute."""
    return load.stress(bench.fresh("load"), bench.folder, MINUTES)


def killed(bench: Bench) -> bool:
    """The service, one of its processes, and the worker killed at random moments: 3 : 1 : 1."""
    of_worker = of_several = max(1, MOMENTS // 5)
    with running(bench.fresh("kills"), bench.folder) as site:
        print(f"service killed: {kills.service_killed(site, MOMENTS - of_worker - of_several, 20261122, _say)}")
    with running(bench.fresh("one"), bench.folder, processes=2) as site:
        print(f"one of two processes killed: {kills.one_of_several_killed(site, of_several, 20261124, _say)}")
    day = town.this_monday()
    there = kills.list_making_killed(bench.fresh, ("worker",), day, bench.folder, of_worker, 20261123)
    print(f"worker killed {there} of {of_worker} times with this week's list to make: each time one list, the same")
    return True


def store_gone(bench: Bench) -> bool:
    """PostgreSQL stopped at once and started again under traffic."""
    with running(bench.fresh("away"), bench.folder) as site:
        seen = store_away.with_a_worker(site, bench.server, TIMES_AWAY, 3.0)
        print(f"PostgreSQL stopped and started {TIMES_AWAY} times: {seen}")
    return True


PARTS: Final[dict[str, Callable[[Bench], bool]]] = {"load": under_load, "kills": killed, "store": store_gone}


def main() -> int:
    """Run what is chosen; 1 when a part failed."""
    chosen = sys.argv[1:] or list(PARTS)
    if unknown := set(chosen) - PARTS.keys():
        print(f"No part named {', '.join(unknown)}: {', '.join(PARTS)}.", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # as Ctrl-C: what was started is ended too
    failed: list[str] = []
    with made() as bench:
        for name in chosen:
            print(
                f"== {name}, {datetime.now(UTC):%H:%M} UTC, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
                flush=True,
            )
            try:
                fine = PARTS[name](bench)
            except AssertionError as error:
                print(error, file=sys.stderr)
                fine = False
            failed += [] if fine else [name]
    print(f"Failed: {', '.join(failed)}" if failed else "Nothing was lost, doubled, wrong or too slow.")
    return 1 if failed else 0


def _say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    sys.exit(main())
