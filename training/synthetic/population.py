"""Who lives in the invented municipality: age, sex, diagnoses, place and what never changes about a citizen's risk.

Draws no events; names are in `names.py`, and nothing here is a real person.
"""

from dataclasses import dataclass

import numpy as np

from training.synthetic.chance import Bools, Floats, Ints, stream
from training.synthetic.town import Town

DIAGNOSES = (
    "diag:DE11",
    "diag:DI50",
    "diag:DI48",
    "diag:DI69",
    "diag:DJ44",
    "diag:DF03",
    "diag:DG20",
    "diag:DN40",
    "diag:DM81",
)
_PREVALENCE = np.array([0.21, 0.17, 0.22, 0.15, 0.15, 0.18, 0.05, 0.12, 0.16])  # assumption: usual of the 80+
_LOG_RISK = np.array([0.20, 0.45, 0.15, 0.15, 0.45, 0.10, 0.20, 0.05, 0.05])  # assumption
_SUSCEPTIBLE = 2.2  # how much more frequent an illness is in those with a diagnosis that invites it (assumption)
_AGE_MEAN, _AGE_SD = 82.5, 8.5  # median 83 (BMC Geriatr 2021 s12877-021-02644-6)
_FEMALE = 0.64  # same
_AGE_EFFECT = 0.018  # log risk a year of age (assumption)


@dataclass(frozen=True, slots=True)
class Population:
    """One row a citizen; days are counted from the town's first day and may be negative.

    `static` multiplies the hazard and has mean 1; `susceptible` is citizens x prodromes with mean 1 in each column.
    """

    birth_day: Ints
    female: Bools
    team: Ints
    care_start: Ints
    from_hospital: Bools
    diagnosed: Bools
    static: Floats
    susceptible: Floats
    hours_weekly: Floats

    @property
    def size(self) -> int:
        """Number of citizens."""
        return len(self.birth_day)


def draw_population(town: Town, size: int | None = None) -> Population:
    """The citizens of a town; another `size` for the pilot that sets the hazard's level."""
    count = town.citizens if size is None else size
    rng = stream(town.seed, "population", count)
    age = np.clip(rng.normal(_AGE_MEAN, _AGE_SD, count), 55, 104)
    diagnosed = rng.random((count, len(DIAGNOSES))) < _PREVALENCE
    static = _static_risk(rng, town, age, diagnosed)
    start, arrived = _care_start(rng, town, count)
    return Population(
        birth_day=-(age * 365.25).astype(np.int64),
        female=rng.random(count) < _FEMALE,
        team=rng.integers(0, town.teams, count),
        care_start=start,
        from_hospital=arrived & (rng.random(count) < town.rates.from_hospital_share),
        diagnosed=diagnosed,
        static=static,
        susceptible=_susceptibility(town, diagnosed),
        hours_weekly=_hours(rng, town, static),
    )


def _static_risk(rng: np.random.Generator, town: Town, age: Floats, diagnosed: Bools) -> Floats:
    """Part of it shows in age and diagnoses, the rest only in how things go; scaled to the town's spread."""
    known = _AGE_EFFECT * (age - _AGE_MEAN) + diagnosed @ _LOG_RISK
    known = known - known.mean()
    hidden = max(town.risk.static_sd**2 - float(known.var()), 0.0) ** 0.5
    static = np.exp(known + rng.normal(0, hidden, len(age)))
    return static / static.mean()


def _care_start(rng: np.random.Generator, town: Town, count: int) -> tuple[Ints, Bools]:
    arrived = rng.random(count) >= town.rates.in_care_at_start
    earlier = -1 - rng.exponential(2.5 * 365, count).astype(np.int64)  # years in care already: assumption
    return np.where(arrived, rng.integers(1, max(town.days - 7, 2), count), np.maximum(earlier, -12 * 365)), arrived


def _susceptibility(town: Town, diagnosed: Bools) -> Floats:
    columns: list[Floats] = []
    for prodrome in town.prodromes:
        wanted = [DIAGNOSES.index(code) for code in prodrome.susceptible]
        factor = np.where(diagnosed[:, wanted].any(axis=1), _SUSCEPTIBLE, 1.0)
        columns.append(factor / factor.mean())
    return np.stack(columns, axis=1)


def _hours(rng: np.random.Generator, town: Town, static: Floats) -> Floats:
    log_static = np.log(static)
    spread = float(log_static.std()) or 1.0
    related = town.care.hours_risk_correlation * (log_static - log_static.mean()) / spread
    own = (1 - town.care.hours_risk_correlation**2) ** 0.5 * rng.normal(size=len(static))
    return np.clip(town.care.hours_median * np.exp(town.care.hours_log_sd * (related + own)), 0.25, 35.0)
