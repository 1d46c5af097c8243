"""Spark on this machine beside the engine without it: the same rows, what it costs more, and what a second core gains.

    python tests/bench/bench_spark.py                 300 citizens, 104 weeks, 0.88 million events, 2 cores and 1

Spark's start is told apart: a session lives for many matrices. Its processor time is that of Java and of the Python
workers beneath it.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from models.engines import local, spark
from models.snapshot import Snapshot
from tests.bench.bench_matrix import WHOLE
from tests.bench.invented_events import Work, write_snapshot
from tests.bench.measuring import Cost, measured, median


def measure(work: Work, folder: Path, cores: int, repeats: int) -> None:
    """Print the medians for a number of cores, in a process that has done nothing else."""
    snapshot = Snapshot.open(folder)
    local.matrix(snapshot, work.as_of_days[:1])
    alone = median([measured(lambda: local.matrix(snapshot, work.as_of_days)) for _ in range(repeats)])
    started = time.perf_counter()
    session = spark.session(cores)
    start = time.perf_counter() - started
    first = of_all(lambda: spark.matrix(snapshot, work.as_of_days))
    costs = [of_all(lambda: spark.matrix(snapshot, work.as_of_days)) for _ in range(repeats)]
    same = np.array_equal(
        spark.matrix(snapshot, work.as_of_days).values, local.matrix(snapshot, work.as_of_days).values, equal_nan=True
    )
    cost = median(costs)
    session.stop()
    print(f"local[{cores}]: start {start:.1f} s, first {first}, then medians of {repeats}")
    print(f"   Spark   {cost}   {cost.times(alone)}   {'the same numbers' if same else 'OTHER NUMBERS'}")
    print(f"   without {alone}", flush=True)
    if not same:
        sys.exit(1)


def of_all(work: Callable[[], object]) -> Cost:
    """What some work costs, with the processor time of everything this process has started."""
    clock, before = time.perf_counter(), _processor()
    work()
    return Cost(time.perf_counter() - clock, _processor() - before)


def _processor() -> float:
    """Seconds of processor of this process and all beneath it, those that still run and those that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = time.process_time() + ended.ru_utime + ended.ru_stime
    return own + sum(_of_process(each) for each in _beneath(os.getpid()))


def _beneath(parent: int) -> list[int]:
    found: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        fields = _fields(stat)
        if fields and int(fields[1]) == parent:
            child = int(stat.parent.name)
            found += [child, *_beneath(child)]
    return found


def _of_process(process: int) -> float:
    fields = _fields(Path(f"/proc/{process}/stat"))
    return sum(int(each) for each in fields[11:15]) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _fields(stat: Path) -> list[str]:
    """What the system tells of a process, after its name; nothing when it has ended meanwhile."""
    try:
        return stat.read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return []


def main() -> int:
    """Write the snapshot, then measure one core and two, each in a fresh process: a Spark keeps its cores."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--citizens", type=int, default=300)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--cores", type=int, default=2, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    work = WHOLE.of(chosen.citizens)
    if chosen.measure:
        measure(work, chosen.measure, chosen.cores, chosen.repeats)
        return 0
    with tempfile.TemporaryDirectory(prefix="omhu-bench-") as folder:
        write_snapshot(work, Path(folder), 8)
        again = [sys.executable, __file__, *sys.argv[1:], "--measure", folder, "--cores"]
        return max(subprocess.run([*again, cores], check=False).returncode for cores in ("1", "2"))


if __name__ == "__main__":
    sys.exit(main())
