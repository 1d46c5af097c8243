"""What a training costs beside LightGBM's own work, and how long and large it gets with the municipality.

    python tests/bench/bench_training.py                          3,000 citizens, 104 weeks
    python tests/bench/bench_training.py --citizens 600 --weeks 60
    python tests/bench/bench_training.py --citizens 30000         a large municipality: 5 GB of disk, an hour in all
    python tests/bench/bench_training.py --home FOLDER            the snapshot of a home that is there

The floor is measured in the same run: every call of `lightgbm.train`, and the making of its bins, is timed where it
happens, as often as the training calls it. Three trainings are inside one: the measured one, the one on dealt-out
outcomes, and the final one. The additive view is fitted as often, and is told by itself: it is half of the model, and
no part of LightGBM. What is left is rows, evaluation, honesty checks, pictures and logging; it may be at most a quarter
on top. Of 30,000 citizens all of it may take an hour and 12 GB.
"""

import argparse
import multiprocessing
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import lightgbm as lgb

from models.home import Home
from models.snapshot import Snapshot
from service.intake.loading import load_path
from service.snapshots import bring_up_to_date
from service.storage.database import Database
from tests.bench.measuring import peak_memory_gb
from training import pipeline, settings
from training.fitting import additive
from training.release import publishing
from training.synthetic.town import LAST_MONDAY, danish_town
from training.synthetic.write import synthesise


class Clock:
    """Time during which at least one of the watched calls was running, whichever threads they run in.

    `processor` are the seconds those threads worked: on a machine that others use too, the more telling of the two.
    """

    def __init__(self) -> None:
        self._lock, self._here = threading.Lock(), threading.local()
        self._running, self._since, self.seconds, self.processor = 0, 0.0, 0.0, 0.0

    def watched(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """The same call, timed."""

        def timed(*arguments: Any, **named: Any) -> Any:
            if getattr(self._here, "inside", False):  # a watched call within another is a part of it
                return work(*arguments, **named)
            self._here.inside = True
            self._begin()
            worked = time.thread_time()
            try:
                return work(*arguments, **named)
            finally:
                self._end(time.thread_time() - worked)
                self._here.inside = False

        return timed

    def _begin(self) -> None:
        with self._lock:
            self._running += 1
            if self._running == 1:
                self._since = time.perf_counter()

    def _end(self, worked: float) -> None:
        with self._lock:
            self._running -= 1
            self.processor += worked
            if self._running == 0:
                self.seconds += time.perf_counter() - self._since


def main() -> None:
    """Make a town unless one is there, train once, and print what took how long, stage by stage."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--citizens", type=int, default=3000)
    asked.add_argument("--weeks", type=int, default=104)
    asked.add_argument("--home", type=Path)
    wanted = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="omhu-bench-") as name:
        home = Home.of({"OMHU_HOME": name})
        if wanted.home:
            measure(home, Snapshot.open(wanted.home / "snapshot"))
        else:
            measure(home, town(home, wanted.citizens, wanted.weeks))


def town(home: Home, citizens: int, weeks: int) -> Snapshot:
    """An invented municipality's snapshot, by way of its drop and the store; in a process that is gone afterwards."""
    making = multiprocessing.get_context("spawn").Process(target=_make, args=(home, citizens, weeks))
    making.start()
    making.join()
    return Snapshot.open(home.snapshot)


def _make(home: Home, citizens: int, weeks: int) -> None:
    synthesise(danish_town(citizens, weeks, 1), home.folder)
    with Database.open(home.database_url) as database:
        database.migrate()
        load_path(database, home.folder / "drop", "history", _midnight())
        bring_up_to_date(database, home.snapshot)


def measure(home: Home, snapshot: Snapshot) -> None:
    """Train once on the snapshot, log it in the home, and print what that cost."""
    trees, curves, stages = Clock(), Clock(), Stages()
    lgb.train = trees.watched(lgb.train)
    lgb.Dataset.construct = trees.watched(lgb.Dataset.construct)
    additive.fit = curves.watched(additive.fit)
    additive.Design.of = curves.watched(additive.Design.of)
    started, worked = time.perf_counter(), time.process_time()
    trained = pipeline.train(snapshot, settings.read(), None, lambda: None, stages.stage)
    stages.stage("Writing the report, and logging", 1)
    publishing.publish(home, trained, None)
    taken, worked = time.perf_counter() - started, time.process_time() - worked
    stages.show()
    events = sum(file.rows for file in snapshot.manifest.files)
    print(f"training on {events:,} events, {trained.manifest.rows:,} labelled rows: {taken:.1f} s")
    _tell("by the clock", taken, trees.seconds, curves.seconds)
    _tell("of processor", worked, trees.processor, curves.processor)
    print(f"peak memory {peak_memory_gb():.2f} GB")


def _tell(kind: str, taken: float, trees: float, curves: float) -> None:
    rest = taken - trees - curves
    print(f"{kind}: LightGBM {trees:.1f} s, the additive view {curves:.1f} s, all else {rest:.1f} s")
    print(f"{kind}: on top of LightGBM {rest / trees:.0%}; of both views {rest / (trees + curves):.0%}")


class Stages:
    """When each stage of the training began."""

    def __init__(self) -> None:
        self._begun: list[tuple[str, float]] = []

    def stage(self, words: str, _steps: int) -> Callable[[], None]:
        """A stage begins."""
        self._begun.append((words, time.perf_counter()))
        return lambda: None

    def show(self) -> None:
        """How long each took, LightGBM's part included."""
        ends = [begun for _, begun in self._begun[1:]] + [time.perf_counter()]
        for (words, begun), end in zip(self._begun, ends, strict=True):
            print(f"{words:44} {end - begun:6.1f} s")


def _midnight() -> int:
    return int(time.mktime(LAST_MONDAY.timetuple())) * 1_000_000


if __name__ == "__main__":
    main()
