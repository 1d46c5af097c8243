"""Drift of a large municipality: 30,000 citizens by 500 features, before and now, against sorting both once.

    python tests/bench/bench_drift.py

Sorting each column of both is the floor: without it neither measure can be had. The bench fails above ten seconds.
"""

import sys
import time

import numpy as np
from numpy.typing import NDArray

from models import drift

CITIZENS, FEATURES, LIMIT_SECONDS = 30_000, 500, 10.0


def rows(seed: int) -> NDArray[np.float32]:
    """Counts, measured values and holes, as a matrix has them."""
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(CITIZENS, FEATURES)).astype(np.float32)
    values[:, ::2] = np.floor(np.exp(values[:, ::2]))
    values[generator.random(values.shape) < 0.2] = np.nan
    return values


def main() -> int:
    """Measure once and print; 1 when it took too long."""
    before, now = rows(1), rows(2)
    started = time.perf_counter()
    for column in range(FEATURES):
        np.sort(before[:, column])
        np.sort(now[:, column])
    floor = time.perf_counter() - started
    started = time.perf_counter()
    drift.columns(before, now)
    taken = time.perf_counter() - started
    print(f"drift of {CITIZENS:,} x {FEATURES}: {taken:.2f} s, {taken / floor:.1f} x the floor of {floor:.2f} s")
    return int(taken > LIMIT_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
