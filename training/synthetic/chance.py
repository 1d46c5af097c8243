"""Random numbers by name: each part of the town draws from its own stream, so that a change to one leaves the others.

A stream depends on the town's seed and the name alone, never on the order in which streams are asked for.
"""

import zlib

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def stream(seed: int, *name: str | int) -> np.random.Generator:
    """The generator of this seed and name."""
    key = zlib.crc32("/".join(str(part) for part in name).encode())
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, key])))


def choose(rng: np.random.Generator, weights: Floats, size: int) -> Ints:
    """`size` positions of `weights`, each drawn in proportion to its weight."""
    edges = np.cumsum(weights) / weights.sum()
    return np.minimum(np.searchsorted(edges, rng.random(size), side="right"), len(weights) - 1)
