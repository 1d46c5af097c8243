"""The training matrix, against the floor of reading its events and writing its numbers.

    python tests/bench/bench_matrix.py                      3,000 citizens, 104 weeks, 8.8 million events
    python tests/bench/bench_matrix.py --citizens 300 --repeats 3

The floor reads the same event columns and writes the same float32 matrix uncompressed. Bound: 5 x, 2.5 GB.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from models.engines.local import matrix
from models.snapshot import Snapshot
from tests.bench.invented_events import Work, write_snapshot
from tests.bench.measuring import floor, measured, median, peak_memory_gb

WHOLE = Work(3_000, 104, 104 * 7 + 180, 8_800_000)


def measure(work: Work, folder: Path, repeats: int) -> None:
    """Print the medians, in a process that has done nothing else."""
    snapshot = Snapshot.open(folder)
    shape = matrix(snapshot, work.as_of_days[:1]).values.shape  # compiles what is compiled on first use
    rows = shape[0] * work.weeks
    cost = median([measured(lambda: matrix(snapshot, work.as_of_days)) for _ in range(repeats)])
    peak = peak_memory_gb()
    least = median([floor(snapshot, (rows, shape[1]), folder) for _ in range(repeats)])
    events = sum(file.rows for file in snapshot.manifest.files)
    print(f"{events:,} events, {rows:,} rows, {shape[1]} features, medians of {repeats}")
    print(f"   matrix {cost}   {cost.times(least)}   {peak:.2f} GB")
    print(f"   floor  {least}")


def main() -> int:
    """Write the snapshot, then measure in a fresh process, so that its peak memory is its own."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--citizens", type=int, default=WHOLE.citizens)
    options.add_argument("--repeats", type=int, default=5)
    options.add_argument("--buckets", type=int, default=8)
    options.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    work = WHOLE.of(chosen.citizens)
    if chosen.measure:
        measure(work, chosen.measure, chosen.repeats)
        return 0
    with tempfile.TemporaryDirectory(prefix="omhu-bench-") as folder:
        write_snapshot(work, Path(folder), chosen.buckets)
        again = [sys.executable, __file__, *sys.argv[1:], "--measure", folder]
        return subprocess.run(again, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
