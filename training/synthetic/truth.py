"""The true risk of an acute admission within 30 days, given the latent state on the morning of the as-of date.

Nothing is simulated to an event. Given the path of the frailty, prodromes that may still begin make admissions a
Poisson process, so survival is `exp(-cumulative hazard)`; prodromes under way end in an admission with a known
probability at a known distribution of days; only the mean over frailty paths is taken over drawn paths (common,
antithetic). Neglected, and small: planned stays within the horizon, and that death competes along the mean path
instead of each.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from training.synthetic.chance import Bools, Floats, Ints, stream
from training.synthetic.course import Course, death_rate, leave_rate, terminal_rate
from training.synthetic.frailty import decay
from training.synthetic.hazard import LONGEST_DAYS, Hazard, after_discharge, day_number, season
from training.synthetic.population import Population
from training.synthetic.town import Town

HORIZON_DAYS = 30
_PATHS = 256
_FIRST_AFTER_WEEKS = 26
_EVERY_WEEKS = 4
_WEEKLY_LAST = 8


@dataclass(frozen=True, slots=True)
class Truth:
    """One row a citizen in care and alive on an as-of date.

    `true_risk` is NaN where not `at_risk` (in hospital). `known` says whether the horizon lies within the town's days;
    where not, `admitted` means nothing.
    """

    citizen: Ints
    day: Ints
    true_risk: Floats
    admitted: Bools
    known: Bools
    at_risk: Bools


def as_of_dates(town: Town) -> list[date]:
    """Mondays in falling distance: each 4th after half a year, and each of the last 8 weeks, `end` included."""
    first = min(_FIRST_AFTER_WEEKS, town.weeks // 2)
    back = [w for w in range(town.weeks - first) if w % _EVERY_WEEKS == 0 or w < _WEEKLY_LAST]
    return [town.end - timedelta(weeks=w) for w in reversed(back)]


def true_risks(
    town: Town, people: Population, course: Course, hazard: Hazard, progress: Callable[[float], None] | None = None
) -> Truth:
    """The truth on each of `as_of_dates`; `progress` hears the share done."""
    dates = as_of_dates(town)
    rows: list[Truth] = []
    for moment in dates:
        rows.append(truth_on(town, people, course, hazard, day_number(town, moment)))
        if progress is not None:
            progress(len(rows) / len(dates))
    return Truth(*(np.concatenate([getattr(row, name) for row in rows]) for name in Truth.__dataclass_fields__))


def truth_on(town: Town, people: Population, course: Course, hazard: Hazard, day: int) -> Truth:
    """The truth on the morning of a day, counted from the town's first."""
    citizen = np.flatnonzero((people.care_start <= day) & (course.care_end > day))
    stays = course.stays
    away = stays.citizen[(stays.start < day) & (stays.end >= day) & (stays.cause >= -1)]
    coming = stays.acute & (stays.start >= day) & (stays.start < day + HORIZON_DAYS)
    at_risk = ~np.isin(citizen, away)
    risk = 1 - _without_new_illness(town, people, course, hazard, day)[citizen] * _through(course, hazard, day)[citizen]
    return Truth(
        citizen=citizen,
        day=np.full(len(citizen), day),
        true_risk=np.where(at_risk, risk, np.nan),
        admitted=np.isin(citizen, stays.citizen[coming]),
        known=np.full(len(citizen), day + HORIZON_DAYS <= town.days),
        at_risk=at_risk,
    )


def _through(course: Course, hazard: Hazard, day: int) -> Floats:
    """Probability that no prodrome under way on the day ends in an admission within the horizon, by citizen."""
    p = course.prodromes
    active = np.flatnonzero((p.start < day) & (p.due >= day) & (p.end > day - 1) & ~_cut(course, day))
    age = day - p.start[active]
    beyond = np.concatenate([np.zeros((len(hazard.lengths), 1)), np.cumsum(hazard.lengths, axis=1)], axis=1)
    beyond = np.pad(beyond, ((0, 0), (0, HORIZON_DAYS)), mode="edge")
    kind = p.kind[active]
    before = beyond[kind, np.minimum(age - 1, LONGEST_DAYS)]
    within = (beyond[kind, age - 1 + HORIZON_DAYS] - before) / np.maximum(1 - before, 1e-12)
    admitted = hazard.admitted_given[kind, p.severe[active].astype(int)] * within
    survival = np.ones(len(course.care_end))
    np.multiply.at(survival, p.citizen[active], 1 - admitted)
    return survival


def _cut(course: Course, day: int) -> Bools:
    """Prodromes that an admission ended before the day."""
    p = course.prodromes
    return (p.end < p.due) & (p.end < day)


def _without_new_illness(town: Town, people: Population, course: Course, hazard: Hazard, day: int) -> Floats:
    """Probability of no unheralded admission and none from a prodrome that begins within the horizon, by citizen."""
    common = _expected_common(town, people, course, day)
    staying = _staying(town, people, course, day)
    weight = common * _hazard_of_a_day(people, hazard, staying)
    effect, keep = town.risk.frailty_effect, decay(town)
    ahead = np.arange(HORIZON_DAYS)
    paths = np.exp(effect * _frailty_noise(town, keep)) / np.exp(effect**2 * (1 - keep ** (2 * ahead)) / 2)[:, None]
    return np.exp(-(weight @ paths)).mean(axis=1)


def _expected_common(town: Town, people: Population, course: Course, day: int) -> Floats:
    """Expected common factor of the hazard by citizen and day ahead, given the frailty of the morning."""
    effect, keep = town.risk.frailty_effect, decay(town)
    ahead = np.arange(HORIZON_DAYS)
    mean = effect * course.frailty[:, day, None] * keep**ahead
    spread = effect**2 * (1 - keep ** (2 * ahead)) / 2
    relative = people.static[:, None] * np.exp(mean + spread - effect**2 / 2)
    factor = np.where(course.terminal < day, town.risk.terminal_factor, 1.0)
    seasons = season(town, day + HORIZON_DAYS)[day:]
    since = day + ahead - _discharged(people, course, day)[:, None]
    return relative * seasons * factor[:, None] * after_discharge(town, since)


def _discharged(people: Population, course: Course, day: int) -> Floats:
    """Day of the latest discharge from an acute stay before the day, minus infinity for none."""
    latest = np.where(people.from_hospital, people.care_start - 1.0, -np.inf)
    past = course.stays.acute & (course.stays.start < day)
    np.maximum.at(latest, course.stays.citizen[past], course.stays.end[past].astype(float))
    return latest


def _staying(town: Town, people: Population, course: Course, day: int) -> Floats:
    """Probability of being alive and in care on each day ahead; a declaration counts as far as it takes away risk."""
    effect = town.risk.frailty_effect
    relative = people.static * np.exp(effect * course.frailty[:, day] - effect**2 / 2)
    terminal = course.terminal < day
    declared = np.where(terminal, 0.0, terminal_rate(town, relative) * (1 - town.risk.terminal_factor))
    rate = death_rate(town, relative, terminal) + leave_rate(town, relative) + declared
    return np.exp(-rate[:, None] * (1 + np.arange(HORIZON_DAYS)))


def _hazard_of_a_day(people: Population, hazard: Hazard, staying: Floats) -> Floats:
    """What a unit of the common factor on each day adds to the cumulative hazard of the horizon, by citizen and day."""
    total = hazard.unheralded * staying
    for kind, onset in enumerate(hazard.admitting):
        ending = np.zeros((HORIZON_DAYS, HORIZON_DAYS))
        for length, share in enumerate(hazard.lengths[kind], start=1):
            ending += share * np.eye(HORIZON_DAYS, k=-length)
        total = total + onset * people.susceptible[:, [kind]] * (staying @ ending)
    return total


def _frailty_noise(town: Town, keep: float) -> Floats:
    """Days ahead x paths: what is added to the decayed frailty of the morning."""
    rng = stream(town.seed, "paths")
    drawn = rng.standard_normal((HORIZON_DAYS, _PATHS // 2))
    noise = np.zeros((HORIZON_DAYS, _PATHS))
    step = (1 - keep**2) ** 0.5
    for day in range(1, HORIZON_DAYS):
        noise[day] = keep * noise[day - 1] + step * np.concatenate([drawn[day], -drawn[day]])
    return noise
