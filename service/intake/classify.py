"""What rows that come are to the versions there are: new, corrections, the same again, or retractions.

Pure and vectorised; it neither reads nor writes the store. Versions of one id stand in the order of `recorded_at`; of
those written at the same time a retraction stands last, then the one that came last. A version is superseded from
the moment any version after it is known, so the order of arrival changes nothing: an earlier version that arrives
late is superseded already.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.windows import NEVER

UNRECORDED: Final = np.iinfo(np.int64).min
"""`recorded_at` of a row that does not say when it was written; only citizens may."""

Longs = NDArray[np.int64]


class Kind(IntEnum):
    """What a row that came was to what there was."""

    NEW = 0
    CORRECTED = 1
    UNCHANGED = 2
    RETRACTED = 3
    CONTRADICTED = 4
    """Not recorded, and another row of the same id and delivery, further on, says otherwise: that one counts."""


@dataclass(frozen=True, slots=True)
class Versions:
    """Versions of facts; arrays of shape (n,). `identity` numbers ids from 0, the same for existing and incoming;
    times are instants in microseconds UTC; `content` is a hash of what the row says."""

    identity: Longs
    recorded_at: Longs
    known_from: Longs
    content: Longs
    retracted: NDArray[np.bool_]

    def joined(self, after: "Versions") -> "Versions":
        """These and then the others."""
        return Versions(
            np.concatenate([self.identity, after.identity]),
            np.concatenate([self.recorded_at, after.recorded_at]),
            np.concatenate([self.known_from, after.known_from]),
            np.concatenate([self.content, after.content]),
            np.concatenate([self.retracted, after.retracted]),
        )

    def __len__(self) -> int:
        return self.identity.size

    @property
    def place(self) -> Longs:
        """Where a version stands among those of its id: what is not recorded stands where it became known."""
        return np.where(self.recorded_at == UNRECORDED, self.known_from, self.recorded_at)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`kinds` and `conflicts` of the incoming rows, shape (n,); `superseded_at` of existing and then incoming rows,
    shape (m + n,), `NEVER` where a version stands, and without meaning for rows that are not stored."""

    kinds: NDArray[np.int8]
    conflicts: NDArray[np.bool_]
    superseded_at: Longs

    @property
    def stored(self) -> NDArray[np.bool_]:
        """Which incoming rows become versions."""
        return (self.kinds != Kind.UNCHANGED) & (self.kinds != Kind.CONTRADICTED)


def classify(existing: Versions, incoming: Versions) -> Verdict:
    """Tell what each incoming row is; `existing` are all versions of the incoming ids, in order of arrival."""
    both = existing.joined(incoming)
    came = np.arange(len(both)) >= len(existing)
    contradicted = _contradicted(incoming)
    repeated = (_repeated(both, came) | _repeated_unrecorded(both, came))[came]
    dropped = np.concatenate([np.zeros(len(existing), dtype=np.bool_), contradicted | repeated])
    kept = np.flatnonzero(~dropped)
    superseded_at = np.full(len(both), NEVER, dtype=np.int64)
    superseded_at[kept] = _superseded(both, kept)
    kinds = np.where(_first_of_id(both, kept), Kind.NEW, Kind.CORRECTED)
    kinds = np.where(both.retracted, Kind.RETRACTED, kinds)[came]
    kinds = np.where(repeated, Kind.UNCHANGED, kinds)
    kinds = np.where(contradicted, Kind.CONTRADICTED, kinds).astype(np.int8)
    return Verdict(kinds, _conflicts(both, kept)[came] | contradicted, superseded_at)


def _same_as_before(order: Longs, *keys: Longs) -> NDArray[np.bool_]:
    """For rows in an order, which equal the row before them in all keys; shape (n,), the first is False."""
    same = np.ones(max(order.size - 1, 0), dtype=np.bool_)
    for key in keys:
        ordered = key[order]
        same &= ordered[1:] == ordered[:-1]
    return np.concatenate([np.zeros(min(order.size, 1), dtype=np.bool_), same])


def _repeated(both: Versions, came: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Incoming rows of which a version with the same id, time of writing and content came earlier."""
    order = np.lexsort((both.content, both.recorded_at, both.identity))  # stable: arrival decides last
    repeated = np.zeros(len(both), dtype=np.bool_)
    repeated[order] = _same_as_before(order, both.identity, both.recorded_at, both.content)
    return repeated & came & (both.recorded_at != UNRECORDED)


def _repeated_unrecorded(both: Versions, came: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Incoming rows that do not say when they were written, and say what the latest such version says.

    An older one that says the same is no repetition: what was A, then B, is A again.
    """
    unrecorded = both.recorded_at == UNRECORDED
    repeated = np.zeros(len(both), dtype=np.bool_)
    if not unrecorded.any():
        return repeated
    old = np.flatnonzero(unrecorded & ~came)
    old = old[np.lexsort((old, both.known_from[old], both.identity[old]))]
    latest = np.full(int(both.identity.max()) + 1, -1, dtype=np.int64)
    latest[both.identity[old]] = old  # the last assignment of each id stays
    new = np.flatnonzero(unrecorded & came)
    before = latest[both.identity[new]]
    repeated[new] = (before >= 0) & (both.content[before] == both.content[new])
    order = np.lexsort((both.content, both.identity))
    order = order[(unrecorded & came)[order]]
    repeated[order] |= _same_as_before(order, both.identity, both.content)
    return repeated


def _contradicted(incoming: Versions) -> NDArray[np.bool_]:
    """Unrecorded rows after which another of the same id says something else."""
    rows = np.flatnonzero(incoming.recorded_at == UNRECORDED)
    last = np.full(int(incoming.identity.max(initial=-1)) + 1, -1, dtype=np.int64)
    last[incoming.identity[rows]] = rows
    contradicted = np.zeros(len(incoming), dtype=np.bool_)
    contradicted[rows] = incoming.content[rows] != incoming.content[last[incoming.identity[rows]]]
    return contradicted


def _in_order(both: Versions, kept: Longs) -> Longs:
    """The kept rows by id, and within an id from the first version to the last."""
    return kept[np.lexsort((kept, both.retracted[kept], both.place[kept], both.identity[kept]))]


def _superseded(both: Versions, kept: Longs) -> Longs:
    """When each kept row was superseded: the least `known_from` of the versions after it; in the order of `kept`.

    Running minima from the last version to the first. Ranks instead of times, raised by a step for each id, let one
    pass over all ids: going down an id, every value is below all those before.
    """
    order = _in_order(both, kept)[::-1]
    times, rank = np.unique(both.known_from[order], return_inverse=True)
    steps = both.identity[order] * (times.size + 1)
    least = np.minimum.accumulate(steps + rank) if order.size else rank
    after = np.full(order.size, NEVER, dtype=np.int64)
    follows = _same_as_before(order, both.identity)
    after[follows] = times[(least - steps)[:-1][follows[1:]]]
    found = np.empty(len(both), dtype=np.int64)
    found[order] = after
    return found[kept]


def _first_of_id(both: Versions, kept: Longs) -> NDArray[np.bool_]:
    """Which rows, of all, are the first of their id to arrive; `kept` is in order of arrival."""
    first = np.zeros(len(both), dtype=np.bool_)
    _, at = np.unique(both.identity[kept], return_index=True)
    first[kept[at]] = True
    return first


def _conflicts(both: Versions, kept: Longs) -> NDArray[np.bool_]:
    """Which kept rows say something else than an earlier arrival of the same id, written at the same time."""
    order = kept[np.lexsort((kept, both.recorded_at[kept], both.identity[kept]))]
    conflicts = np.zeros(len(both), dtype=np.bool_)
    same = _same_as_before(order, both.identity, both.recorded_at)
    conflicts[order] = same & (both.recorded_at[order] != UNRECORDED)
    return conflicts
