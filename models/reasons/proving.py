"""Is a reason true of the score? What it names is taken out of the record, and the score must fall, or it is not told.

The row is computed anew from the citizen's own events by the same kernel, without any event of the signals the reason's
words rest on, as if those things had never been written or happened. Nothing is set to an average and no feature is
switched off by hand: features that share events (how much is written, how many concerns) change along, as they would
have. For the listed only; the weekly list and training ask here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.events import Events, matching
from models.features.build import build
from models.features.spec import Catalogue
from models.reasons.telling import Explained, Reason, reasons

MOST = 5
"""Reasons told of a citizen."""
_ASKED = 8
"""Reasons asked of a row: some more than are told, for those that are not true of the score."""
Score = Callable[[NDArray[np.float32]], NDArray[np.float64]]
"""From features, shape (n, p), to log-odds, shape (n,)."""


@dataclass(frozen=True, slots=True)
class Proven:
    """What may be told of a row: the true reasons, the strongest first, and the first one asked, true or not.

    `falls` are what the log-odds fall by without each of the `told`; `first_fall` without the first asked.
    """

    told: tuple[Reason, ...]
    falls: tuple[float, ...]
    first: Reason | None
    first_fall: float


def prove(
    rows: Sequence[Explained], citizen: NDArray[np.int32], as_of: NDArray[np.int32], events: Events, score: Score
) -> list[Proven]:
    """The reasons of rows, `citizen` and `as_of` of shape (n,), that are true of the score.

    `events` must hold what the rows were computed from, of one bucket; others' events do no harm.
    """
    asked = [reasons(row, _ASKED) for row in rows]
    pairs = [(at, reason) for at, told in enumerate(asked) for reason in told]
    if not pairs:
        return [Proven((), (), None, float("nan")) for _ in rows]
    place = np.array([at for at, _ in pairs])
    catalogue = rows[0].catalogue
    without = _without(events, [(int(citizen[at]), reason.signals) for at, reason in pairs], catalogue)
    after = score(build(without, np.arange(place.size, dtype=np.int32), as_of[place], catalogue))
    falls = score(np.stack([row.values for row in rows]))[place] - after
    ends = np.searchsorted(place, np.arange(len(rows) + 1))
    return [_proven(told, falls[ends[at] : ends[at + 1]]) for at, told in enumerate(asked)]


def without_evidence(events: Events, signals: Sequence[str], catalogue: Catalogue) -> Events:
    """The events without any of these signals of the catalogue."""
    return events.where(~_gone(events.codes, tuple(signals), catalogue)[events.code]) if len(events) else events


def _proven(asked: Sequence[Reason], falls: NDArray[np.float64]) -> Proven:
    true = [at for at in range(len(asked)) if falls[at] > 0.0][:MOST]
    return Proven(
        tuple(asked[at] for at in true),
        tuple(float(falls[at]) for at in true),
        asked[0] if asked else None,
        float(falls[0]) if asked else float("nan"),
    )


def _without(events: Events, wanted: Sequence[tuple[int, tuple[str, ...]]], catalogue: Catalogue) -> Events:
    """A citizen's own events without some signals, for each wanted pair, under its number in place of the citizen."""
    kept: list[NDArray[np.int64]] = []
    for citizen, signals in wanted:
        start, end = np.searchsorted(events.citizen, [citizen, citizen + 1])
        gone = _gone(events.codes, signals, catalogue)
        kept.append(np.arange(start, end)[~gone[events.code[start:end]]])
    at = np.concatenate(kept)
    return Events(
        np.repeat(np.arange(len(kept), dtype=np.int32), [each.size for each in kept]),
        events.occurred_at[at],
        events.day[at],
        events.known_day[at],
        events.superseded_day[at],
        events.code[at],
        events.value[at],
        events.codes,
    )


@lru_cache(maxsize=512)
def _gone(codes: tuple[str, ...], signals: tuple[str, ...], catalogue: Catalogue) -> NDArray[np.bool_]:
    """Which codes are of the signals, shape (codes,); the same for all citizens of a bucket who have the reason."""
    wanted = [code for name in signals for code in catalogue.signal(name).codes]
    return matching(codes, wanted)
