"""64-bit hashes of rows and their ids: the same on every machine and in every version, since the store keeps them.

Two hashes that differ mean different contents. Equal ones mean equal contents but for one chance in 2^64; ids are
compared in full wherever two are taken for the same.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

_EMPTY = np.uint64(0x9E3779B97F4A7C15)


def text_keys(texts: pa.Array) -> NDArray[np.int64]:
    """A hash of each string, shape (n,); empty has one of its own."""
    return _texts(texts).view(np.int64)


def row_hashes(columns: Sequence[pa.Array]) -> NDArray[np.int64]:
    """A hash of each row, shape (n,), over columns of strings, integers and floats in the order given."""
    total = np.full(len(columns[0]), _EMPTY)
    for column in columns:
        total = _mixed(total * np.uint64(31) + _values(column))
    return total.view(np.int64)


def _values(column: pa.Array) -> NDArray[np.uint64]:
    if pa.types.is_string(column.type):
        return _texts(column)
    whole = column.fill_null(0)
    # -0.0 and 0.0 are one number; adding 0.0 makes them one pattern of bits.
    plain = whole.to_numpy() + 0.0 if pa.types.is_floating(column.type) else whole.cast(pa.int64()).to_numpy()
    bits = np.ascontiguousarray(plain).view(np.uint64)
    return np.where(column.is_valid().to_numpy(zero_copy_only=False), _mixed(bits + np.uint64(1)), _EMPTY)


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finaliser (Steele, Lea and Flood 2014): every bit of the input moves every bit of the output."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def _texts(texts: pa.Array) -> NDArray[np.uint64]:
    _, offsets, data = texts.buffers()
    if offsets is None or not len(texts):
        return np.full(len(texts), _EMPTY)
    starts = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    content = np.frombuffer(data, dtype=np.uint8) if data is not None else np.empty(0, np.uint8)
    valid = texts.is_valid().to_numpy(zero_copy_only=False)
    return np.where(valid, _mixed(_fnv(starts, content)), _EMPTY)


@njit(cache=True, nogil=True)
def _fnv(starts: NDArray[np.int32], content: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """FNV-1a of each stretch of bytes: one multiplication a byte, and no state but the hash."""
    found = np.empty(starts.size - 1, dtype=np.uint64)
    for row in range(found.size):
        total = np.uint64(0xCBF29CE484222325)
        for at in range(starts[row], starts[row + 1]):
            total = (total ^ np.uint64(content[at])) * np.uint64(0x100000001B3)
        found[row] = total
    return found


class Sieve:
    """Which keys may have come before: a bitmap of fixed size, never wrong when it says no."""

    def __init__(self, bits: int = 29) -> None:
        """`bits` is the base-2 logarithm of the bitmap's size: 29 takes 64 MB."""
        self._bitmap = np.zeros(1 << (bits - 3), dtype=np.uint8)
        self._shift = np.uint64(64 - bits)

    def seen(self, keys: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which keys, shape (n,), may have been asked about before, in this call too; remembers all."""
        return _sift(self._bitmap, keys.view(np.uint64) >> self._shift)


@njit(cache=True, nogil=True)
def _sift(bitmap: NDArray[np.uint8], places: NDArray[np.uint64]) -> NDArray[np.bool_]:
    found = np.empty(places.size, dtype=np.bool_)
    for row in range(places.size):
        byte, bit = places[row] >> np.uint64(3), np.uint8(1) << np.uint8(places[row] & np.uint64(7))
        found[row] = bitmap[byte] & bit != 0
        bitmap[byte] |= bit
    return found
