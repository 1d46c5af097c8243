"""How fast a drop of 2.7 million rows is loaded and becomes a snapshot, beside a bare insert of the same rows.

Visits are loaded by a process of their own, which holds nothing of this one's data: its peak memory is the load's.

The floor is what an engine needs for the rows alone: `COPY` of the finished CSV, or `executemany` of the finished
tuples, into a table without keys, in one transaction. `OMHU_BENCH_VISITS` sets another number of visits.
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from service.intake.loading import load_path
from service.snapshots import bring_up_to_date
from service.storage.database import Database
from tests.drops import RECEIVED
from tests.postgres import Cluster, running_cluster

VISITS = int(os.environ.get("OMHU_BENCH_VISITS", "2200000"))
CITIZENS, DAYS = 3_000, 728
DAY = 86_400_000_000


def main() -> None:
    """Measure both engines on the same drop."""
    with tempfile.TemporaryDirectory(prefix="omhu-bench-") as name, running_cluster() as cluster:
        folder = Path(name)
        write(folder / "drop")
        sqlite = f"sqlite:///{folder / 'omhu.db'}"
        floors = {"sqlite": bare_executemany(folder), "postgresql": bare_copy(folder, cluster)}
        for engine, url in (("sqlite", sqlite), ("postgresql", cluster.create("omhu"))):
            measure(engine, url, folder, floors[engine])


def measure(engine: str, url: str, folder: Path, floor: float) -> None:
    """Load, load again, make the snapshot; print each."""
    with Database.open(url) as database:
        database.migrate()
        warm_up(database, folder)
    visits, megabytes = load_apart(url, folder)
    print(f"{engine:10} visits    {visits:6.1f} s  {visits / floor:4.1f} x a bare insert of them, {floor:.1f} s")
    print(f"{engine:10} visits    {megabytes:,.0f} MB at most, by the process that loads them")
    with Database.open(url) as database:
        others = [folder / "drop" / f"{name}.parquet" for name in ("citizens", "observations", "notes")]
        rest = timed(lambda: [load_path(database, file, "history", RECEIVED) for file in others])
        print(f"{engine:10} all       {visits + rest:6.1f} s")
        seconds = timed(lambda: load_path(database, folder / "drop", "history", RECEIVED))
        print(f"{engine:10} the same  {seconds:6.1f} s")
        read = timed(lambda: [pq.read_table(file) for file in (folder / "drop").iterdir()])
        seconds = timed(lambda: bring_up_to_date(database, folder / engine))
        print(f"{engine:10} snapshot  {seconds:6.1f} s  {seconds / read:4.0f} x reading the drop, {read:.2f} s")
    print(f"{engine:10} peak memory so far {peak_megabytes():,.0f} MB, the bench's own data and snapshot among it")


def load_apart(url: str, folder: Path) -> tuple[float, float]:
    """Seconds and peak megabytes of loading the visits in a process of their own, once what is compiled is warm."""
    command = [sys.executable, str(Path(__file__).resolve()), "load", url, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, megabytes = done.stdout.split()[-2:]
    return float(seconds), float(megabytes)


def load_here(url: str, folder: Path) -> None:
    """What `load_apart` runs: load the visits, and print seconds and peak megabytes."""
    with Database.open(url) as database:
        warm_up(database, folder)
        seconds = timed(lambda: load_path(database, folder / "drop" / "visits.parquet", "history", RECEIVED))
    print(seconds, peak_megabytes())


def peak_megabytes() -> float:
    """The most memory this process has held. Not `ru_maxrss`, which a new program inherits from the one before it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def timed(work: Callable[[], object]) -> float:
    """Seconds some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def warm_up(database: Database, folder: Path) -> None:
    """Compile what is compiled on first use, on rows of another table than the one measured."""
    note = {"note_id": "w", "citizen_id": "B0", "observed_at": "2025-01-01", "recorded_at": "2025-01-01", "text": "ja"}
    (folder / "warm").mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist([note]), folder / "warm" / "notes.parquet")
    load_path(database, folder / "warm", "history", RECEIVED)


def write(folder: Path) -> None:
    """An invented drop: visits by time, a sixth as many observations, notes a quarter of those."""
    folder.mkdir()
    rng = np.random.default_rng(1)
    people = np.array([f"B{number:08}" for number in range(CITIZENS)])
    born = rng.integers(-14_000, -3_000, CITIZENS)
    pq.write_table(
        pa.table({"citizen_id": people, "birth_date": pa.array(born, pa.int32()).cast(pa.date32())}),
        folder / "citizens.parquet",
    )
    visits, seen, notes = VISITS, VISITS // 6, VISITS // 24
    pq.write_table(pa.table(_visits(rng, people, visits)), folder / "visits.parquet")
    codes = np.array(["NPU03804", "NPU08676", "sign:fluid_low", "event:fall", "NPU21692"])
    observed = {**_rows(rng, people, seen, "observation_id", "observed_at"), "code": rng.choice(codes, seen)}
    pq.write_table(pa.table({**observed, "value": rng.uniform(36, 45, seen)}), folder / "observations.parquet")
    texts = np.array(["Spiser ikke meget i dag, drikker lidt.", "Ingen ændringer.", "Faldet i går, ondt i hoften."])
    written = {**_rows(rng, people, notes, "note_id", "observed_at"), "text": rng.choice(texts, notes)}
    pq.write_table(pa.table(written), folder / "notes.parquet")


def _visits(rng: np.random.Generator, people: np.ndarray, count: int) -> dict[str, object]:
    return {
        **_rows(rng, people, count, "visit_id", "started_at"),
        "planned_minutes": rng.integers(5, 60, count),
        "delivered_minutes": rng.integers(5, 60, count).astype(float),
        "kind": rng.choice(np.array(["personal_care", "practical_help", "nursing", "night"]), count),
        "status": rng.choice(np.array(["completed", "cancelled"]), count, p=[0.95, 0.05]),
    }


def _rows(
    rng: np.random.Generator, people: np.ndarray, count: int, id_column: str, happened_at: str
) -> dict[str, object]:
    begin = int(np.datetime64("2023-01-01", "us").astype(np.int64))
    happened = begin + np.sort(rng.integers(0, DAYS * DAY, count))
    recorded = happened + rng.integers(0, DAY // 4, count)
    return {
        id_column: [f"{id_column[0]}{number}" for number in range(count)],
        "citizen_id": rng.choice(people, count),
        happened_at: pa.array(happened).cast(pa.timestamp("us")),
        "recorded_at": pa.array(recorded).cast(pa.timestamp("us")),
    }


def _stored_visits(folder: Path) -> pa.Table:
    """Visits with as many columns, of the same kinds, as the store keeps of them."""
    table = pq.read_table(folder / "drop" / "visits.parquet")
    rng = np.random.default_rng(2)
    random = rng.integers(-(2**63), 2**63 - 1, table.num_rows)
    stored = {
        "sequence": np.arange(table.num_rows),
        "load_id": np.ones(table.num_rows, dtype=np.int32),
        "source_id": table["visit_id"],
        "source_key": random,
        "content": random[::-1],
        "citizen": rng.integers(1, CITIZENS, table.num_rows, dtype=np.int32),
        "recorded_at": table["recorded_at"].cast(pa.int64()),
        "known_from": table["recorded_at"].cast(pa.int64()),
        "retracted": np.zeros(table.num_rows, dtype=np.int16),
        "started_at": table["started_at"].cast(pa.int64()),
        "planned_minutes": table["planned_minutes"].cast(pa.float64()),
        "delivered_minutes": table["delivered_minutes"],
        "kind": table["kind"],
        "status": table["status"],
    }
    return pa.table(stored)


COLUMNS = """sequence bigint, load_id int, source_id text, source_key bigint, content bigint, citizen int,
recorded_at bigint, known_from bigint, retracted smallint, started_at bigint, planned_minutes double precision,
delivered_minutes double precision, kind text, status text"""


def bare_copy(folder: Path, cluster: Cluster) -> float:
    """Seconds of a COPY of CSV made beforehand."""
    text = pa.BufferOutputStream()
    pcsv.write_csv(_stored_visits(folder), text, pcsv.WriteOptions(include_header=False))
    content = memoryview(text.getvalue())
    with _connection(cluster) as connection:
        connection.execute(f"CREATE TABLE bare ({COLUMNS})".encode())

        def work() -> None:
            with connection.cursor().copy("COPY bare FROM STDIN (FORMAT CSV)") as copy:
                for start in range(0, len(content), 1 << 20):
                    copy.write(content[start : start + (1 << 20)])
            connection.commit()

        return timed(work)


@contextmanager
def _connection(cluster: Cluster) -> Generator[psycopg.Connection]:
    with psycopg.connect(cluster.url("postgres")) as connection:
        yield connection


def bare_executemany(folder: Path) -> float:
    """Seconds of an executemany of tuples made beforehand."""
    rows = list(zip(*(column.to_pylist() for column in _stored_visits(folder).columns), strict=True))
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"CREATE TABLE bare ({COLUMNS})")

    def work() -> None:
        connection.execute("BEGIN")
        connection.executemany(f"INSERT INTO bare VALUES ({', '.join('?' * 14)})", rows)
        connection.execute("COMMIT")

    seconds = timed(work)
    connection.close()
    return seconds


if __name__ == "__main__":
    if sys.argv[1:2] == ["load"]:
        load_here(sys.argv[2], Path(sys.argv[3]))
    else:
        main()
