"""The kernel beside the best of others on the same work: a tenth of the training matrix, 530 features.

    python tests/bench/bench_peers.py                  300 citizens, 104 weeks, 0.88 million events
    python tests/bench/bench_peers.py --citizens 30

Values are compared number by number where definitions agree. Bounds: 20 x faster than timeseriesflattener 2.5.2 (which
is given the 500 features it can compute, in an environment of its own), 8 x faster than the best DuckDB plan known.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from models.engines.local import Matrix, matrix
from tests.bench import peer_duckdb
from tests.bench.measuring import Cost, measured, median
from tests.bench.peer_work import CODES, OF_VALUES, VALUED, WINDOWS, PeerWork, as_of_days, features, write

ROOT = Path(__file__).resolve().parents[2]
FLATTENER = "timeseriesflattener==2.5.2"


def main() -> int:
    """Measure the kernel, then each peer, and compare what they made."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--citizens", type=int, default=300)
    options.add_argument("--repeats", type=int, default=5)
    chosen = options.parse_args()
    work = PeerWork(chosen.citizens, 104, 880_000 * chosen.citizens // 300)
    with tempfile.TemporaryDirectory(prefix="omhu-bench-") as name:
        folder, catalogue = Path(name), features()
        snapshot = write(work, folder)
        made = matrix(snapshot, as_of_days(work), catalogue)
        ours = median([measured(lambda: matrix(snapshot, as_of_days(work), catalogue)) for _ in range(chosen.repeats)])
        print(f"{work.events:,} events, {len(made):,} rows, {len(catalogue.names)} features")
        print(f"   kernel                {ours}", flush=True)
        failed = not _against_duckdb(folder, made, ours)
        return int(not _against_flattener(folder, made, ours) or failed)


def _against_duckdb(folder: Path, made: Matrix, ours: Cost) -> bool:
    found: list[NDArray[np.float32]] = []
    cost = median([measured(lambda: found.append(peer_duckdb.features(folder, len(made)))) for _ in range(3)])
    print(f"   DuckDB                {cost}   {cost.times(ours)}")
    return _agree("DuckDB", made.values, found[0])


def _against_flattener(folder: Path, made: Matrix, ours: Cost) -> bool:
    command = [*_runner(), "python", str(ROOT / "tests/bench/peer_flattener.py"), str(folder)]
    done = subprocess.run(
        [*command, str(len(VALUED)), str(len(CODES))], capture_output=True, text=True, check=False, cwd=folder
    )
    if done.returncode:
        print(done.stderr[-2_000:], file=sys.stderr)
        return False
    told = json.loads(done.stdout.splitlines()[-1])
    cost = Cost(told["clock"], told["processor"])
    print(f"   timeseriesflattener   {cost}   {cost.times(ours)}")
    names = [*(name for name in made.names if ".last." not in name and ".since." not in name)]
    columns = [made.names.index(name) for name in names]
    return _agree("timeseriesflattener", made.values[:, columns], _flattened(folder, made))


def _runner() -> list[str]:
    """The project's own installer, or the one on the path."""
    own = sorted(ROOT.glob(".tools/uv-*/bin/uv"))
    uv = str(own[-1]) if own else "uv"
    # It imports attrs, and does not say so.
    return [uv, "run", "--quiet", "--isolated", "--no-project", "--with", FLATTENER, "--with", "attrs"]


def _flattened(folder: Path, made: Matrix) -> NDArray[np.float64]:
    """What the peer made, rows by date and citizen, columns as ours."""
    table = pq.read_table(folder / "flattened.parquet")
    citizen = np.array([int(each) for each in table["entity_id"].to_pylist()])
    order = np.lexsort((citizen, table["pred_timestamp"].to_numpy()))
    if not np.array_equal(citizen[order], made.citizen):
        raise ValueError("The peer's rows are not ours.")
    said = {"mean": "mean", "min": "min", "max": "max", "std": "var"}
    asked = [(code, "count", days) for code in CODES for days in WINDOWS]
    asked += [(code, said[kind.value], days) for code in VALUED for kind in OF_VALUES for days in WINDOWS]
    names = [f"p_{code}_within_0_to_{days}_days_{what}_fallback_nan" for code, what, days in asked]
    columns = [table[name].to_numpy().astype(np.float64)[order] for name in names]
    return np.column_stack(
        [np.sqrt(column) if what == "var" else column for column, (_, what, _) in zip(columns, asked, strict=True)]
    )


def _agree(name: str, ours: NDArray[np.float32], theirs: NDArray[np.float32] | NDArray[np.float64]) -> bool:
    """Whether all numbers are the same; says by how much they differ."""
    missing = int(np.count_nonzero(np.isnan(ours) != np.isnan(theirs)))
    apart = np.abs(ours - theirs) / np.maximum(1.0, np.abs(theirs))
    worst = float(np.nanmax(apart))
    print(f"   {name}: {ours.size:,} numbers, {missing} missing on one side only, greatest difference {worst:.1e}")
    return missing == 0 and worst < 1e-4


if __name__ == "__main__":
    sys.exit(main())
