"""The daily hazard of an acute admission, in the one form that both the simulation and the truth use.

On day `t` everything acute is in proportion to `common = static * exp(effect * frailty) * season * after_discharge`.
Unheralded admissions come at `level * unheralded * common`; prodromes of kind `k` begin at `level * onset[k] * common`,
and a share of them end in an admission some days later. Nothing here draws a number.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from training.synthetic.chance import Floats
from training.synthetic.town import Prodrome, Town

MILD, SEVERE = 0.5, 1.5
"""Factors of severity, half of the prodromes each: on the chance of an admission and on how strongly it shows."""
LONGEST_DAYS = 28
RAMP = 0.6
"""A prodrome is at full strength after this share of its mean length."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """Daily rates at `common = 1`.

    `admitting` and `passing` are onsets a day by kind; `lengths[k, d]` is the probability of `d + 1` days from onset
    to end, `admitted_given[k]` that of an admission when mild and when severe.
    """

    unheralded: float
    admitting: Floats
    passing: Floats
    lengths: Floats
    admitted_given: Floats

    def scaled(self, factor: float, heralded: float = 1.0) -> "Hazard":
        """All rates times `factor`, the heralded ones times `heralded` too."""
        both = factor * heralded
        return Hazard(
            self.unheralded * factor, self.admitting * both, self.passing * both, self.lengths, self.admitted_given
        )


def first_guess(town: Town) -> Hazard:
    """The hazard when nobody were frailer than another; `calibrate.py` brings it to the town's rate."""
    daily = town.rates.acute_per_30_days / 30
    share = np.array([p.share for p in town.prodromes])
    admitted = np.array([p.admitted for p in town.prodromes])
    admitting = daily * (1 - town.rates.unheralded_share) * share / share.sum()
    return Hazard(
        unheralded=daily * town.rates.unheralded_share,
        admitting=admitting,
        passing=admitting * (1 - admitted) / admitted,
        lengths=np.stack([_lengths(p) for p in town.prodromes]),
        admitted_given=np.stack([admitted * MILD, admitted * SEVERE], axis=1),
    )


def season(town: Town, days: int) -> Floats:
    """Factor for each day from the town's first: highest in mid January."""
    day_of_year = np.array([(town.first_day + timedelta(days=d)).timetuple().tm_yday for d in range(days)])
    return 1 + town.rates.season_amplitude * np.cos(2 * np.pi * (day_of_year - 15) / 365.25)


def after_discharge(town: Town, days_since: Floats) -> Floats:
    """Factor by days since the latest discharge from an acute stay; infinity for never."""
    return 1 + town.risk.discharge_peak * np.exp(-days_since / town.risk.discharge_decay_days)


def day_number(town: Town, moment: date) -> int:
    """Days from the town's first day."""
    return (moment - town.first_day).days


def _lengths(prodrome: Prodrome) -> Floats:
    """Geometric above the least length, cut at `LONGEST_DAYS`."""
    days = np.arange(1, LONGEST_DAYS + 1)
    above = max(prodrome.mean_days - prodrome.least_days, 0.1)
    weight = np.where(days >= prodrome.least_days, (above / (1 + above)) ** (days - prodrome.least_days), 0.0)
    return weight / weight.sum()
