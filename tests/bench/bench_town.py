"""The whole way on an invented municipality of 3,000 citizens and 104 weeks, each step as the command a user types.

Each step is a process of its own, so times hold the start of the interpreter, and peak memory is the step's. Floors:
reading the drop's Parquet columns (load, snapshot), reading the snapshot's columns (list), and that plus writing the
float32 matrix uncompressed (matrix). `OMHU_BENCH_CITIZENS` sets another size; `OMHU_BENCH_TRAIN=0` leaves training out.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from models.features.catalogue import CATALOGUE
from models.snapshot import Snapshot
from tests.postgres import running_cluster
from training.synthetic.town import LAST_MONDAY

CITIZENS = int(os.environ.get("OMHU_BENCH_CITIZENS", "3000"))
WEEKS, LISTS = 104, 4
OMHU = ("-m", "service.cli")
MATRIX = """
import sys
from datetime import date
from pathlib import Path
from models.engines.local import matrix
from models.snapshot import Snapshot
from models.windows import day_number
from training.synthetic.town import LAST_MONDAY
days = [day_number(LAST_MONDAY) - 7 * week for week in range({weeks})]
rows = matrix(Snapshot.open(Path(sys.argv[1])), days)
print(len(rows), len(rows.names))
"""
LIST = """
import sys, time
from datetime import UTC, date, datetime
from pathlib import Path
from models.snapshot import Snapshot
from service.weekly import making
from service.registry import load_champion
from service.settings import Settings
from service.storage.database import Database
settings = Settings.read()
with Database.open(settings.state.database_url) as database:
    loaded, snapshot = load_champion(settings.state), Snapshot.open(settings.state.snapshot)
    started = time.perf_counter()
    making.make(database, snapshot, loaded, date.fromisoformat(sys.argv[1]), datetime.now(UTC), lambda told: None)
    Path(sys.argv[2]).write_text(str(time.perf_counter() - started))
"""


def main() -> None:
    """Walk the whole way and print each step."""
    with tempfile.TemporaryDirectory(prefix="omhu-bench-") as name, running_cluster() as cluster:
        folder = Path(name)
        here = {**os.environ, "OMHU_HOME": str(folder / "home"), "MLFLOW_DISABLE_TELEMETRY": "true"}
        size = ("--citizens", str(CITIZENS), "--weeks", str(WEEKS), "--seed", "1")
        step("synthesise", (*OMHU, "synthesise", str(folder), *size), here)
        drop = _timed(lambda: [pq.read_table(file) for file in (folder / "drop").iterdir()])
        load = (*OMHU, "load", str(folder / "drop"), "--history")
        step("load, SQLite", load, here, drop)
        step("load, PostgreSQL", load, {**here, "OMHU_DATABASE_URL": cluster.create("omhu")}, drop)
        step("snapshot", (*OMHU, "snapshot"), here, drop)
        snapshot = folder / "home" / "snapshot"
        read = _timed(lambda: _read(snapshot))
        step("matrix", ("-c", MATRIX.format(weeks=WEEKS), str(snapshot)), here, read + _timed(lambda: _write(folder)))
        if os.environ.get("OMHU_BENCH_TRAIN", "1") != "0":
            step("train", (*OMHU, "train", "--until", str(LAST_MONDAY - timedelta(weeks=LISTS))), here)
            step("promote", (*OMHU, "promote", "--accept", "bench"), here)
            basis = ("--basis", "a bench", "--document", "bench", "--from", "2020-01-01")
            step("legal set", (*OMHU, "legal", "set", "operate", *basis), here)
            _lists(folder, here, read)


def step(name: str, arguments: Sequence[str], surroundings: Mapping[str, str], floor: float | None = None) -> None:
    """Run one step to its end and print its time, its multiple of the floor, and its peak memory."""
    started = time.perf_counter()
    child = os.posix_spawn(
        sys.executable,
        [sys.executable, *arguments],
        dict(surroundings),
        file_actions=[(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_WRONLY, 0) for descriptor in (1, 2)],
    )
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - started
    multiple = f"{seconds / floor:5.1f} x the floor of {floor:.2f} s" if floor else ""
    peak = usage.ru_maxrss / 1024
    print(
        f"{name:17} {seconds:6.1f} s  {usage.ru_utime + usage.ru_stime:6.1f} s of a core  {peak:6,.0f} MB  {multiple}"
    )
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{name} failed; run it by hand to see why.")


def _lists(folder: Path, here: Mapping[str, str], floor: float) -> None:
    """The lists of the last Mondays, which training knew nothing of, and what they catch of the risk there was."""
    truth, out = pd.read_parquet(folder / "truth.parquet"), folder / "list.csv"
    caught: list[float] = []
    for back in range(LISTS):
        monday = LAST_MONDAY - timedelta(weeks=back)
        asked = (*OMHU, "list", "--as-of", str(monday), "--all", "--format", "csv", "--out", str(out))
        step(f"list {monday}", asked, here, floor)
        caught.append(_capture(pd.read_csv(out), truth[pd.to_datetime(truth.as_of).dt.date == monday]))
    step("list, unstored", ("-c", LIST, str(LAST_MONDAY), str(folder / "seconds")), here, floor)
    made = float((folder / "seconds").read_text())
    print(f"of which making the list, without starting Python and its libraries: {made:.1f} s")
    print(f"share of the oracle's risk in the top 5 %: {np.mean(caught):.3f} (each week: {np.round(caught, 2)})")


def _capture(listed: pd.DataFrame, truth: pd.DataFrame) -> float:
    """The true risk in the list's first 5 %, as a share of what an oracle's first 5 % of the same citizens hold."""
    joined = listed.merge(truth[truth.at_risk], on="citizen_id")
    places = max(1, round(0.05 * len(joined)))
    ours = joined.sort_values("probability", ascending=False).true_risk.head(places).sum()
    return float(ours / joined.true_risk.nlargest(places).sum())


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _read(folder: Path) -> None:
    snapshot = Snapshot.open(folder)
    for file in snapshot.manifest.files:
        pq.read_table(folder / file.path)


def _write(folder: Path) -> None:
    rows = CITIZENS * WEEKS * 2 // 3
    np.save(folder / "matrix.npy", np.zeros((rows, len(CATALOGUE.names)), dtype=np.float32))
    (folder / "matrix.npy").unlink()


if __name__ == "__main__":
    main()
