"""How the benches measure: seconds by the clock and of processor, peak memory, and the floor of reading and writing.

The processor's seconds are what to compare on a machine that does other things meanwhile.
"""

import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from models.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock, and of processor in all threads of this process (user and system)."""

    clock: float
    processor: float

    def __str__(self) -> str:
        return f"{self.clock:8.2f} s {self.processor:8.2f} s of processor"

    def times(self, floor: "Cost") -> str:
        """As a multiple of a floor, by both measures."""
        return f"{self.clock / floor.clock:5.1f} x by the clock, {self.processor / floor.processor:5.1f} x of processor"


def measured(work: Callable[[], object]) -> Cost:
    """What some work costs."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - clock, time.process_time() - processor)


def median(costs: list[Cost]) -> Cost:
    """The median of each measure."""
    return Cost(statistics.median(c.clock for c in costs), statistics.median(c.processor for c in costs))


def read_columns(snapshot: Snapshot) -> None:
    """Read the columns of the snapshot's events once, a file at a time."""
    for file in snapshot.files():
        with pq.ParquetFile(snapshot.folder / file.path, read_dictionary=["code"]) as opened:
            opened.read()


def floor(snapshot: Snapshot, shape: tuple[int, int], folder: Path) -> Cost:
    """Reading the event columns once, and writing a float32 matrix of the shape uncompressed."""
    numbers = np.ones(shape, dtype=np.float32)

    def work() -> None:
        read_columns(snapshot)
        np.save(folder / "floor.npy", numbers)

    cost = measured(work)
    (folder / "floor.npy").unlink()
    return cost


def peak_memory_gb() -> float:
    """The most memory this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
