"""Courses: a signal week by week up to a date, as it was known on that date. Drawn beside a reason; never a feature."""

from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.events import Events, matching
from models.features.spec import Catalogue, Signal
from models.windows import visible

WEEKS = 12


class Weekly(StrEnum):
    """What a week is told as."""

    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"  # None in a week without a value


def weekly_course(
    events: Events, signals: Sequence[str], catalogue: Catalogue, as_of: int, told_as: Weekly
) -> tuple[float | None, ...]:
    """One citizen's events of the signals in each of the last `WEEKS` weeks before the as-of day, oldest first."""
    known = events.where(visible(events.known_day, events.superseded_day, as_of))
    counted = np.zeros(len(known), dtype=np.bool_)
    for name in signals:
        counted |= _counted(known, catalogue.signal(name))
    found = known.where(counted)
    week = (as_of - 1 - found.day) // 7
    return tuple(_week(found.value[week == back], told_as) for back in reversed(range(WEEKS)))


def _counted(events: Events, signal: Signal) -> NDArray[np.bool_]:
    """Which events count as the signal, shape (n,): found ones, and of a scored one not the zeros (green is calm)."""
    nothing = frozenset(code for code, score in signal.scores.items() if score <= 0)
    chosen = _worth(events.codes, signal.codes, nothing)[events.code]
    return chosen & ~(events.value <= 0) if signal.found_only else chosen


@lru_cache(maxsize=512)
def _worth(codes: tuple[str, ...], wanted: tuple[str, ...], nothing: frozenset[str]) -> NDArray[np.bool_]:
    """Which codes count, shape (codes,); the same for all citizens of a bucket, and asked for each of their reasons."""
    return matching(codes, wanted) & ~matching(codes, sorted(nothing))


def _week(values: NDArray[np.float32], told_as: Weekly) -> float | None:
    if told_as is Weekly.COUNT:
        return float(values.size)
    measured = values[~np.isnan(values)]
    if told_as is Weekly.SUM:
        return float(measured.sum())
    return float(measured.mean()) if measured.size else None
