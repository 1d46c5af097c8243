"""Brings the hazard to the town's rate: repeated pilots of the latent course, until enough citizens are admitted.

A pilot draws nothing that the town itself uses, and its result depends on the settings and seed alone.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from training.synthetic.course import UNHERALDED, simulate_course
from training.synthetic.hazard import Hazard, first_guess
from training.synthetic.population import draw_population
from training.synthetic.town import Town
from training.synthetic.truth import truth_on

_PILOT_CITIZENS = 5001
_PILOT_WEEKS = 78
_SETTLED = 26 * 7  # half a year to settle, then all seasons once
_ROUNDS = 3
_FIRST_LEVEL = 1.1  # about what unequal risk asks for; saves a round
_APART = 56


def calibrated_hazard(town: Town, progress: Callable[[float], None] | None = None) -> Hazard:
    """The hazard at which citizens at home are admitted within 30 days at the town's rate and unheralded share."""
    pilot = replace(town, citizens=_PILOT_CITIZENS, weeks=_PILOT_WEEKS)
    people = draw_population(pilot)
    hazard = first_guess(town).scaled(_FIRST_LEVEL)
    wanted = town.rates.unheralded_share
    for turn in range(_ROUNDS):
        course = simulate_course(pilot, people, hazard, partial(_told, progress, turn))
        # The mean of the true risk says the rate with less noise than the admissions that happened to come.
        days = range(pilot.days, _SETTLED, -_APART)
        risks = [truth_on(pilot, people, course, hazard, day).true_risk for day in days]
        rate = float(np.nanmean(np.concatenate(risks)))
        causes = course.stays.cause[course.stays.acute]
        unheralded = float(np.clip((causes == UNHERALDED).mean(), 0.01, 0.99))
        level = float(np.log1p(-town.rates.acute_per_30_days) / np.log1p(-rate))
        odds = (1 - wanted) / max(wanted, 0.01) * unheralded / (1 - unheralded)
        # Rounded, so that the last bits of a sum do not decide what happens in the town.
        hazard = hazard.scaled(round(level * wanted / unheralded, 6), heralded=round(odds, 6))
    return hazard


def _told(progress: Callable[[float], None] | None, turn: int, share: float) -> None:
    if progress is not None:
        progress((turn + share) / _ROUNDS)
