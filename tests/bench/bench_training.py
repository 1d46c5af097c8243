"""What a training costs beside LightGBM's own work: rows, evaluation, honesty checks, pictures and logging.

    python tests/bench/bench_training.py                      3,000 citizens, 104 weeks
    OMHU_BENCH_CITIZENS=600 OMHU_BENCH_WEEKS=60 python tests/bench/bench_training.py

The floor is measured in the same run: every call of `lightgbm.train`, and the making of its bins, is timed where it
happens, as often as the training calls it. Three trainings are inside one: the measured one, the one on dealt-out
outcomes, and the final one. What is left is ours; it may be at most a quarter on top.
"""

import os
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
from service.intake.loading import load_path
from service.snapshots import bring_up_to_date
from service.storage.database import Database
from training import pipeline, settings
from training.release import publishing
from training.synthetic.town import LAST_MONDAY, danish_town
from training.synthetic.write import synthesise

CITIZENS = int(os.environ.get("OMHU_BENCH_CITIZENS", "3000"))
WEEKS = int(os.environ.get("OMHU_BENCH_WEEKS", "104"))


class Clock:
    """Time during which at least one of the watched calls was running, whichever threads they run in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running, self._since, self.seconds = 0, 0.0, 0.0

    def watched(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """The same call, timed."""

        def timed(*arguments: Any, **named: Any) -> Any:
            self._begin()
            try:
                return work(*arguments, **named)
            finally:
                self._end()

        return timed

    def _begin(self) -> None:
        with self._lock:
            self._running += 1
            if self._running == 1:
                self._since = time.perf_counter()

    def _end(self) -> None:
        with self._lock:
            self._running -= 1
            if self._running == 0:
                self.seconds += time.perf_counter() - self._since


def main() -> None:
    """Make a town, train once, and print what LightGBM took and what all else took, stage by stage."""
    with tempfile.TemporaryDirectory(prefix="omhu-bench-") as name:
        home = Home.of({"OMHU_HOME": name})
        synthesise(danish_town(CITIZENS, WEEKS, 1), home.folder)
        with Database.open(home.database_url) as database:
            database.migrate()
            load_path(database, home.folder / "drop", "history", _midnight())
            snapshot = bring_up_to_date(database, home.snapshot)
        clock, stages = Clock(), Stages()
        lgb.train = clock.watched(lgb.train)
        lgb.Dataset.construct = clock.watched(lgb.Dataset.construct)
        started = time.perf_counter()
        trained = pipeline.train(snapshot, settings.read(), None, lambda: None, stages.stage)
        stages.stage("Writing the report, and logging", 1)
        publishing.publish(home, trained, None)
        taken = time.perf_counter() - started
        stages.show()
        ours = taken - clock.seconds
        print(
            f"training of {CITIZENS:,} citizens x {WEEKS} weeks: {taken:.1f} s, LightGBM {clock.seconds:.1f} s,"
            f" all else {ours:.1f} s: {ours / clock.seconds:.0%} on top"
        )


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
