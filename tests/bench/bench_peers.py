"""The kernel beside the best of others on the same work: the training matrix and a tenth of it, 530 features.

    python tests/bench/bench_peers.py                  3,000 and 300 citizens, 104 weeks, 8.8 and 0.88 million events
    python tests/bench/bench_peers.py --citizens 300   300 and 30

Values are compared number by number where definitions agree. Bounds: 20 x faster than timeseriesflattener 2.5.2 (which
is given the tenth, and the 500 features it can compute, in an environment of its own), 8 x faster than the best DuckDB
plan known on the whole. Its plan takes some hundreds of citizens at a time, which suits it best (`--at-a-time`).
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
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
    options.add_argument("--citizens", type=int, default=3000)
    options.add_argument("--at-a-time", type=int, default=300, help="citizens DuckDB takes at a time")
    options.add_argument("--repeats", type=int, default=5)
    chosen = options.parse_args()
    duckdb = partial(_against_duckdb, at_a_time=chosen.at_a_time)
    tenth = _beside(chosen.citizens // 10, chosen.repeats, (duckdb, _against_flattener))
    whole = _beside(chosen.citizens, chosen.repeats, (duckdb,))
    return int(not (tenth and whole))


def _beside(citizens: int, repeats: int, peers: Sequence[Callable[[Path, Matrix, Cost], bool]]) -> bool:
    """The kernel and these peers on the work of so many citizens; whether all numbers are the same."""
    work = PeerWork(citizens, 104, 880_000 * citizens // 300)
    with tempfile.TemporaryDirectory(prefix="omhu-bench-") as name:
        folder, catalogue = Path(name), features()
        snapshot = write(work, folder)
        made = matrix(snapshot, as_of_days(work), catalogue)
        ours = median([measured(lambda: matrix(snapshot, as_of_days(work), catalogue)) for _ in range(repeats)])
        print(f"{citizens:,} citizens, {work.events:,} events, {len(made):,} rows, {len(catalogue.names)} features")
        print(f"   kernel                {ours}", flush=True)
        return all([peer(folder, made, ours) for peer in peers])  # noqa: C419 - each is asked, whatever the others say


def _against_duckdb(folder: Path, made: Matrix, ours: Cost, *, at_a_time: int) -> bool:
    citizens, found = int(made.citizen.max()), list[NDArray[np.float32]]()

    def work() -> None:
        found[:] = [peer_duckdb.features(folder, len(made), citizens, at_a_time)]

    cost = median([measured(work) for _ in range(3)])
    print(f"   DuckDB                {cost}   {cost.times(ours)}", flush=True)
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
