"""The weekly features of a large municipality, and of ten, against reading their events once.

    python tests/bench/bench_weekly.py            30,000 citizens, 180 days, 21 million events; and 300,000
    python tests/bench/bench_weekly.py --citizens 3000

Bounds: 4 x reading and 3 GB; for ten times the citizens 6 GB, and time that grows no more than 15 % beyond ten times.
The 300,000 are the 30,000 ten times over: their snapshot names each file ten times, as ten times the buckets, so that
its files need not be made. Each is read and computed anew.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from models.engines.local import matrix
from models.snapshot import Manifest, Snapshot
from tests.bench.invented_events import Work, write_snapshot
from tests.bench.measuring import Cost, measured, median, peak_memory_gb, read_columns

WHOLE = Work(30_000, 1, 180, 21_000_000)
TIMES = 10


def measure(work: Work, folder: Path, repeats: int) -> Cost:
    """Print the medians of one municipality, in a process that has done nothing else."""
    snapshot = Snapshot.open(folder)
    matrix(snapshot, [work.as_of_days[0] - 3_000])  # compiles what is compiled on first use
    costs = [measured(lambda: matrix(snapshot, work.as_of_days)) for _ in range(repeats)]
    peak = peak_memory_gb()
    least = median([measured(lambda: read_columns(snapshot)) for _ in range(repeats)])
    cost = median(costs)
    events = sum(file.rows for file in snapshot.manifest.files)
    print(f"{events:,} events, {work.citizens:,} citizens, one date, medians of {repeats}")
    print(f"   features {cost}   {cost.times(least)}   {peak:.2f} GB")
    print(f"   reading  {least}", flush=True)
    return cost


def repeated(snapshot: Snapshot, times: int) -> Snapshot:
    """A snapshot of so many municipalities, each the same: every bucket again and again, under other numbers."""
    manifest = snapshot.manifest
    files = tuple(
        file.model_copy(update={"bucket": file.bucket + manifest.buckets * number})
        for number in range(times)
        for file in manifest.files
    )
    more = Manifest(buckets=manifest.buckets * times, invented=True, files=files)
    return Snapshot(snapshot.folder, more)


def measure_many(work: Work, folder: Path, repeats: int) -> None:
    """Print the medians of ten municipalities, beside ten times one measured in between."""
    one = Snapshot.open(folder)
    many = repeated(one, TIMES)
    matrix(one, [work.as_of_days[0] - 3_000])
    alone, whole = list[Cost](), list[Cost]()
    for _ in range(repeats):
        alone.append(measured(lambda: matrix(one, work.as_of_days)))
        whole.append(measured(lambda: matrix(many, work.as_of_days)))
    cost, single = median(whole), median(alone)
    growth = [cost.clock / single.clock / TIMES, cost.processor / single.processor / TIMES]
    print(f"{work.citizens * TIMES:,} citizens, one date, medians of {repeats}")
    print(f"   features {cost}   {peak_memory_gb():.2f} GB")
    print(f"   beside {TIMES} times {work.citizens:,}: {growth[0]:.2f} by the clock, {growth[1]:.2f} of processor")


def main() -> int:
    """Write the snapshot, then measure each in a fresh process, so that its peak memory is its own."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--citizens", type=int, default=WHOLE.citizens)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--many", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    work = WHOLE.of(chosen.citizens)
    if chosen.measure:
        measure(work, chosen.measure, chosen.repeats)
        return 0
    if chosen.many:
        measure_many(work, chosen.many, max(1, chosen.repeats // 2))
        return 0
    with tempfile.TemporaryDirectory(prefix="omhu-bench-") as folder:
        write_snapshot(work, Path(folder), 8)
        again = [[sys.executable, __file__, *sys.argv[1:], what, folder] for what in ("--measure", "--many")]
        return max(subprocess.run(each, check=False).returncode for each in again)


if __name__ == "__main__":
    sys.exit(main())
