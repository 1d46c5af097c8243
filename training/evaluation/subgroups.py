"""Does the list serve everyone alike: the same figures for women and men, ages, hours of care, districts, writing
styles, acts.

Each part carries its interval, and says when there are too few admissions to tell: a small group must neither vanish
nor look fair by being small.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.scoring.calibration import probability
from training.evaluation.capacity import WeeklyOrder
from training.evaluation.evaluate import REFERENCE
from training.evaluation.resampling import Draws, Interval, interval
from training.matrix.rows import Rows

ENOUGH = 30
"""Fewer independent admissions than this tell nothing of a part."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the citizens: how many of it are listed, how many of its admissions, and whether its risks are true."""

    dimension: str
    name: str
    rows: int
    admissions: int
    listed_share: float
    recall: Interval
    precision: Interval
    came_per_expected: Interval

    @property
    def told(self) -> bool:
        """Whether there are enough admissions to say anything."""
        return self.admissions >= ENOUGH


@dataclass(frozen=True, slots=True)
class Division:
    """A dimension that is no feature: the names of its parts, and the place of each row's among them, shape (n,)."""

    dimension: str
    names: tuple[str, ...]
    place: NDArray[np.int8]


_Mask = tuple[str, str, NDArray[np.bool_]]
"""A dimension, the name of a part of it, and which rows, shape (n,), are of that part."""


def parts(
    log_odds: NDArray[np.float64], rows: Rows, others: Sequence[Division], resamples: int, seed: int
) -> tuple[Part, ...]:
    """The parts of all dimensions, for calibrated log-odds, shape (n,), of the rows."""
    return _measured(log_odds, rows, (*_divisions(rows), *_of(others)), resamples, seed)


def by_acting(
    log_odds: NDArray[np.float64], rows: Rows, acted: NDArray[np.bool_], resamples: int, seed: int
) -> tuple[Part, ...]:
    """The rows within whose horizon nurses acted because of a list, shape (n,), and the rest; nothing where none are.

    Not a part one can serve worse than others: it is told by what came after the date. What was prevented in it looks
    like a false alarm.
    """
    if not acted.any():
        return ()
    both = ("nurses", "acted within 30 days", acted), ("nurses", "did not", ~acted)
    return _measured(log_odds, rows, both, resamples, seed)


def _measured(
    log_odds: NDArray[np.float64], rows: Rows, masks: Sequence[_Mask], resamples: int, seed: int
) -> tuple[Part, ...]:
    """The parts there are anybody of."""
    listed, bare = _listed_share(rows, log_odds), rows.bare()
    return tuple(
        _part(dimension, name, bare.where(mask), log_odds[mask], listed[mask], resamples, seed)
        for dimension, name, mask in masks
        if mask.any()
    )


def _part(
    dimension: str,
    name: str,
    rows: Rows,
    log_odds: NDArray[np.float64],
    listed: NDArray[np.float64],
    resamples: int,
    seed: int,
) -> Part:
    admission = rows.outcome.astype(np.float64)
    columns = np.column_stack([listed * admission, admission, listed, probability(log_odds)])
    caught, admitted, places, expected = Draws.of(rows.citizen, resamples, seed).sums(columns).T
    return Part(
        dimension,
        name,
        len(rows),
        rows.admissions,
        float(listed.mean()),
        recall=_ratio(caught, admitted),
        precision=_ratio(caught, places),
        came_per_expected=_ratio(admitted, expected),
    )


def _listed_share(rows: Rows, score: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much of each row is on its week's list, shape (n,): 1, 0, or a share where the cut falls among equals."""
    weekly = WeeklyOrder.of(rows.as_of, score, rows.outcome)
    return weekly.inside(REFERENCE, np.ones(len(rows)))


def _divisions(rows: Rows) -> Iterator[_Mask]:
    yield from _by_border(rows, "sex", "female.count.ever", (0.5,), ("men and others", "women"))
    yield from _by_border(
        rows, "age", "birth.since.ever", tuple(365.25 * year for year in (75, 85)), ("under 75", "75-84", "85 and over")
    )
    hours = tuple(60 * 30 / 7 * hour for hour in (2, 8))
    yield from _by_border(rows, "hours a week", "minutes.sum.30d", hours, ("under 2", "2-8", "8 and over"))
    for index, district in enumerate(rows.districts):
        yield "district", district, rows.district == index
    yield from _by_third("records written", rows.column("records.count.90d"), ("few", "middling", "many"))
    yield from _by_third("documentation style", _style(rows), ("mostly ticked", "mixed", "mostly notes"))


def _of(others: Sequence[Division]) -> Iterator[_Mask]:
    for division in others:
        for index, name in enumerate(division.names):
            yield division.dimension, name, division.place == index


def _style(rows: Rows) -> NDArray[np.float32] | None:
    """The share of what is recorded that is running notes, and not ticked observations, shape (n,)."""
    notes, records = rows.column("notes.count.90d"), rows.column("records.count.90d")
    if notes is None or records is None:
        return None
    return (np.nan_to_num(notes) / np.maximum(np.nan_to_num(records), 1.0)).astype(np.float32)


def _by_border(
    rows: Rows, dimension: str, feature: str, borders: tuple[float, ...], names: tuple[str, ...]
) -> Iterator[_Mask]:
    column = rows.column(feature)
    if column is not None:
        yield from _divided(dimension, column, borders, names)


def _by_third(dimension: str, column: NDArray[np.float32] | None, names: tuple[str, ...]) -> Iterator[_Mask]:
    if column is not None:
        borders = tuple(float(border) for border in np.quantile(np.nan_to_num(column), [1 / 3, 2 / 3]))
        yield from _divided(dimension, column, borders, names)


def _divided(
    dimension: str, column: NDArray[np.float32], borders: tuple[float, ...], names: tuple[str, ...]
) -> Iterator[_Mask]:
    place = np.searchsorted(np.array(borders), np.nan_to_num(column), side="right")
    for index, name in enumerate(names):
        yield dimension, name, place == index


def _ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> Interval:
    """The interval of a ratio of sums, shape (1 + draws,) each; a draw with nothing below cannot be told."""
    return interval(np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0.0))
