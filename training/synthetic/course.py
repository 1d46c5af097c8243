"""What happens to the citizens, day by day: illnesses, admissions, discharges, death, the end of care.

Only the latent course is made here, no record of it. The order within a day is: those discharged are still away;
those at home may die or leave, then fall ill enough for the hospital, then go in as planned, then begin a prodrome.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from training.synthetic.chance import Bools, Floats, Ints, stream
from training.synthetic.frailty import draw_frailty
from training.synthetic.hazard import LONGEST_DAYS, Hazard, after_discharge, season
from training.synthetic.population import Population
from training.synthetic.town import Town

NEVER = 1_000_000
"""A day that does not come."""
UNHERALDED, ELECTIVE, EMERGENCY_ONLY = 0, -1, -2
"""Causes of a stay; a positive cause is the position of the prodrome plus one."""


@dataclass(frozen=True, slots=True)
class Stays:
    """Hospital contacts: away from day `start` to day `end`, both included."""

    citizen: Ints
    start: Ints
    end: Ints
    cause: Ints
    died: Bools

    @property
    def acute(self) -> Bools:
        """Acute inpatient stays, the outcome; an emergency visit without a bed is none."""
        return self.cause >= UNHERALDED


@dataclass(frozen=True, slots=True)
class Prodromes:
    """Illness from day `start` up to, not including, day `end`; `due` is when it would have ended undisturbed."""

    citizen: Ints
    kind: Ints
    start: Ints
    end: Ints
    due: Ints
    severe: Bools


@dataclass(frozen=True, slots=True)
class Course:
    """The latent history of a town; `care_end` and `death` are the first day no longer in care, no longer alive."""

    frailty: np.ndarray[tuple[int, int], np.dtype[np.float32]]
    care_end: Ints
    death: Ints
    terminal: Ints
    stays: Stays
    prodromes: Prodromes


@dataclass(slots=True)
class _State:
    """The state on the morning of the day, one row a citizen, and what has happened until then."""

    away_until: Ints
    discharged: Floats
    care_end: Ints
    death: Ints
    terminal: Ints
    dies_in_hospital: Bools
    ill_until: Ints
    pending: np.ndarray[tuple[int, int], np.dtype[np.int8]]
    stays: list[tuple[Ints, int, Ints, Ints, Bools]] = field(default_factory=list)
    begun: list[tuple[Ints, Ints, Ints, Ints, Bools]] = field(default_factory=list)


def simulate_course(
    town: Town, people: Population, hazard: Hazard, progress: Callable[[float], None] | None = None
) -> Course:
    """The course of all citizens, deterministic by the town's seed; `progress` hears the share done."""
    rng = stream(town.seed, "course", people.size)
    frailty = draw_frailty(town, people.size)
    effect = town.risk.frailty_effect
    seasons = season(town, town.days)
    state = _morning_of_the_first_day(town, people)
    for day in range(town.days):
        relative = people.static * np.exp(effect * frailty[:, day] - effect**2 / 2)
        _one_day(rng, town, people, hazard, state, day, relative, float(seasons[day]))
        if progress is not None and day % 28 == 0:
            progress(day / town.days)
    stays = _stays(state)
    return Course(frailty, state.care_end, state.death, state.terminal, stays, _prodromes(state, stays))


def _morning_of_the_first_day(town: Town, people: Population) -> _State:
    count = people.size
    return _State(
        away_until=np.full(count, -NEVER),
        discharged=np.where(people.from_hospital, people.care_start - 1.0, -np.inf),
        care_end=np.full(count, NEVER),
        death=np.full(count, NEVER),
        terminal=np.full(count, NEVER),
        dies_in_hospital=np.zeros(count, bool),
        ill_until=np.full(count, -NEVER),
        pending=np.zeros((count, town.days + LONGEST_DAYS + 1), np.int8),
    )


def _one_day(
    rng: np.random.Generator,
    town: Town,
    people: Population,
    hazard: Hazard,
    state: _State,
    day: int,
    relative: Floats,
    season_factor: float,
) -> None:
    home = (people.care_start <= day) & (state.care_end > day) & (state.away_until < day)
    home &= ~_left(rng, town, state, day, relative, home)
    factor = np.where(state.terminal <= day, town.risk.terminal_factor, 1.0)
    common = relative * season_factor * factor * after_discharge(town, day - state.discharged)
    home &= ~_admitted(rng, town, hazard, state, day, common, home)
    home &= ~_electively_in(rng, town, state, day, relative, home)
    _fall_ill(rng, people, hazard, state, day, common, home)


def _left(rng: np.random.Generator, town: Town, state: _State, day: int, relative: Floats, home: Bools) -> Bools:
    terminal = state.terminal <= day
    dies = home & (rng.random(len(home)) < _daily(death_rate(town, relative, terminal)))
    leaves = home & ~dies & (rng.random(len(home)) < _daily(leave_rate(town, relative)))
    declared = home & ~dies & ~terminal & (rng.random(len(home)) < _daily(terminal_rate(town, relative)))
    state.death[dies] = day
    state.care_end[dies | leaves] = day
    state.terminal[declared] = day
    return dies | leaves


def _admitted(
    rng: np.random.Generator, town: Town, hazard: Hazard, state: _State, day: int, common: Floats, home: Bools
) -> Bools:
    unheralded = rng.random(len(home)) < _daily(hazard.unheralded * common)
    due = state.pending[:, day] > 0
    going = np.flatnonzero(home & (unheralded | due))
    cause = np.where(due[going], state.pending[going, day], UNHERALDED).astype(np.int64)
    short = rng.random(len(going)) < town.stay.short_share
    longer = 2 + rng.exponential(town.stay.mean_days - 2, len(going)).astype(np.int64)
    last = day + np.where(short, rng.integers(0, 2, len(going)), longer)
    died = rng.random(len(going)) < town.rates.death_in_hospital_share
    state.stays.append((going, day, last, cause, died))
    state.away_until[going] = last
    state.discharged[going] = last
    state.pending[going, day:] = 0
    state.ill_until[going] = day
    state.care_end[going[died]] = last[died] + 1
    state.death[going[died]] = last[died]
    away = np.zeros(len(home), bool)
    away[going] = True
    return away


def _electively_in(
    rng: np.random.Generator, town: Town, state: _State, day: int, relative: Floats, home: Bools
) -> Bools:
    """Planned stays are put off while the citizen is ill; emergency visits without a bed change nothing else."""
    drawn = rng.random((2, len(home)))
    seen = np.flatnonzero(home & (drawn[1] < _daily(relative * town.rates.emergency_only_per_30_days / 30)))
    state.stays.append(
        (seen, day, np.full(len(seen), day), np.full(len(seen), EMERGENCY_ONLY), np.zeros(len(seen), bool))
    )
    well = home & (state.ill_until <= day) & (state.terminal > day)
    well[seen] = False
    going = np.flatnonzero(well & (drawn[0] < town.rates.elective_per_30_days / 30))
    last = day + rng.integers(1, 5, len(going))
    state.stays.append((going, day, last, np.full(len(going), ELECTIVE), np.zeros(len(going), bool)))
    state.away_until[going] = last
    away = np.zeros(len(home), bool)
    away[going] = True
    return away


def _fall_ill(
    rng: np.random.Generator, people: Population, hazard: Hazard, state: _State, day: int, common: Floats, home: Bools
) -> None:
    """Onsets that end in an admission and those that pass are drawn apart, which is the same by Poisson thinning."""
    kinds = len(hazard.admitting)
    onset = np.concatenate([hazard.admitting, hazard.passing])
    expected = np.where(home, common, 0.0) * (people.susceptible @ (hazard.admitting + hazard.passing))
    ill = np.repeat(np.arange(len(home)), rng.poisson(expected))
    drawn = rng.random((3, len(ill)))
    chosen = _inverse(np.tile(people.susceptible[ill], 2) * onset, drawn[0])
    kind, admitting = chosen % kinds, chosen < kinds
    due = day + 1 + _inverse(hazard.lengths[kind], drawn[1])
    mild, severe = hazard.admitted_given[kind, 0], hazard.admitted_given[kind, 1]
    odds = np.where(admitting, severe / (mild + severe), (1 - severe) / (2 - mild - severe))
    state.begun.append((ill, kind, np.full(len(ill), day), due, drawn[2] < odds))
    np.maximum.at(state.ill_until, ill, due + 1)
    state.pending[ill[admitting], due[admitting]] = kind[admitting] + 1


def _inverse(weights: Floats, drawn: Floats) -> Ints:
    """For each row of `weights`, the position chosen in proportion by a number from 0 to 1."""
    edges = np.cumsum(weights, axis=1)
    return np.minimum((edges < drawn[:, None] * edges[:, -1:]).sum(axis=1), weights.shape[1] - 1)


def _stays(state: _State) -> Stays:
    starts = np.concatenate([np.full(len(row[0]), row[1]) for row in state.stays])
    citizen, end, cause, died = (np.concatenate([row[i] for row in state.stays]) for i in (0, 2, 3, 4))
    return Stays(citizen, starts, end, cause, died.astype(bool))


def _prodromes(state: _State, stays: Stays) -> Prodromes:
    """Cut each prodrome at the citizen's next acute admission or end of care."""
    citizen = np.concatenate([row[0] for row in state.begun])
    kind = np.concatenate([row[1] for row in state.begun])
    start = np.concatenate([row[2] for row in state.begun])
    due = np.concatenate([row[3] for row in state.begun])
    severe = np.concatenate([row[4] for row in state.begun])
    acute = stays.acute
    admissions = np.sort(stays.citizen[acute] * NEVER + stays.start[acute])
    following = np.searchsorted(admissions, citizen * NEVER + start, side="right")
    padded = np.append(admissions, NEVER * NEVER)
    following_day = np.where(padded[following] // NEVER == citizen, padded[following] % NEVER, NEVER)
    end = np.minimum(np.minimum(due, following_day), state.care_end[citizen])
    return Prodromes(citizen, kind, start, end, due, severe)


def death_rate(town: Town, relative: Floats, terminal: Bools) -> Floats:
    """Deaths a day at home."""
    return np.where(terminal, 1 / town.rates.terminal_days, relative * town.rates.death_at_home_per_year / 365)


def leave_rate(town: Town, relative: Floats) -> Floats:
    """Ends of care a day: half at any frailty, half in proportion to it (care homes)."""
    return town.rates.leave_per_year / 365 * (0.5 + 0.5 * relative)


def terminal_rate(town: Town, relative: Floats) -> Floats:
    """Declarations of a terminal phase a day."""
    return relative * town.rates.terminal_per_year / 365


def _daily(rate: Floats) -> Floats:
    return 1 - np.exp(-rate)
