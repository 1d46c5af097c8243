"""Time: which weeks are learnt from, which the choices are made on, and which the figures come from.

Always in that order in time, with an embargo between them that no label crosses: the 30 days after the last row of one
slice are over before the first row of the next. Only a list's own way, from past to future, is measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from models.errors import DataWrong
from models.windows import day_of, weekly
from training.settings import SplitSettings

LEAST_WEEKS = 3
"""A slice of fewer weeks says nothing that a single admission could not turn around."""


@dataclass(frozen=True, slots=True)
class Slices:
    """As-of days of the three slices, each rising, each over before the next begins."""

    train: tuple[int, ...]
    calibration: tuple[int, ...]
    test: tuple[int, ...]

    @property
    def all_days(self) -> tuple[int, ...]:
        """Every as-of day of the slices; the weeks under embargo are in none."""
        return self.train + self.calibration + self.test


def mondays(first_day: int, end_day: int) -> tuple[int, ...]:
    """The Mondays in `[first_day, end_day)`, as day numbers."""
    if end_day <= first_day:
        return ()
    first, last = day_of(first_day), day_of(end_day) - timedelta(days=1)
    return tuple(end_day - 1 - (last - monday).days for monday in weekly(first, last))


def slices(days: Sequence[int], settings: SplitSettings) -> Slices:
    """Divide rising as-of days. Raises `DataWrong` when there are too few weeks for three slices and two embargoes."""
    test = _latest(days, _share(days, settings.test_share))
    calibration = _latest(_before(days, test, settings.embargo_days), _share(days, settings.calibration_share))
    train = _before(days, calibration, settings.embargo_days)
    if min(len(train), len(calibration), len(test)) < LEAST_WEEKS:
        need = 3 * LEAST_WEEKS + 2 * -(-settings.embargo_days // 7)
        raise DataWrong(
            f"{len(days)} weeks with a known outcome are too few to learn from, to calibrate on and to measure on.",
            f"At least about {need} are needed, after the first weeks that only serve as look-back:"
            " load more history, or a later --until.",
        )
    return Slices(tuple(train), tuple(calibration), tuple(test))


def _share(days: Sequence[int], share: float) -> int:
    return max(LEAST_WEEKS, round(share * len(days)))


def _latest(days: Sequence[int], count: int) -> Sequence[int]:
    return days[-count:] if days else ()


def _before(days: Sequence[int], later: Sequence[int], embargo_days: int) -> Sequence[int]:
    return [day for day in days if later and day + embargo_days <= later[0]]
