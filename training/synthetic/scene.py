"""The latent town as the record makers look at it: who is at home on which day, how ill, how much help is granted.

Everything is seen in blocks of days, so that memory does not grow with the length of the history.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from training.synthetic.calibrate import calibrated_hazard
from training.synthetic.chance import Floats, Ints, stream
from training.synthetic.course import Course, simulate_course
from training.synthetic.hazard import LONGEST_DAYS, MILD, RAMP, SEVERE, Hazard
from training.synthetic.population import Population, draw_population
from training.synthetic.town import Town

BLOCK_DAYS = 28
MIDNIGHT = 1440


@dataclass(frozen=True, slots=True)
class Scene:
    """All that is latent in a town.

    `granted` is citizens x days, minutes a week; `stay_minute` is the minute of the day at which each stay begins.
    """

    town: Town
    people: Population
    hazard: Hazard
    course: Course
    granted: NDArray[np.int16]
    stay_minute: Ints
    team_notes: Floats
    team_signs: Floats
    ids: pa.Array

    def citizen_ids(self, citizen: Ints) -> pa.Array:
        """The drop's own ids of citizens given by position."""
        return self.ids.take(pa.array(citizen))


@dataclass(frozen=True, slots=True)
class Block:
    """Some days of the scene; arrays are citizens x days, `level` prodromes x citizens x days.

    `until` is the minute of the day up to which the citizen is at home: 0 when not at all, 1440 all day.
    """

    start: int
    days: int
    until: NDArray[np.int16]
    frailty: NDArray[np.float32]
    level: NDArray[np.float32]
    illness: NDArray[np.float32]

    def at_home(self, citizen: Ints, day: Ints, minute: Ints) -> NDArray[np.bool_]:
        """Whether the citizen is at home at that minute; `day` counts from the town's first."""
        return minute < self.until[citizen, day - self.start]


def make_scene(town: Town, progress: Callable[[float, str], None] | None = None) -> Scene:
    """Simulate everything latent, deterministic by the town; `progress` is told the share done and what is at hand."""
    tell = progress or _silent
    hazard = calibrated_hazard(town, lambda share: tell(0.8 * share, "level of risk"))
    people = draw_population(town)
    course = simulate_course(town, people, hazard, lambda share: tell(0.8 + 0.2 * share, "courses"))
    rng = stream(town.seed, "scene")
    spread = town.documentation.team_density_sd
    return Scene(
        town=town,
        people=people,
        hazard=hazard,
        course=course,
        granted=_granted(rng, town, people, course),
        stay_minute=rng.integers(6 * 60, 23 * 60, len(course.stays.start)),
        team_notes=np.exp(rng.normal(-(spread**2) / 2, spread, town.teams)),
        team_signs=np.exp(rng.normal(-(spread**2) / 2, spread, town.teams)),
        ids=_ids(rng, town.citizens),
    )


def blocks(scene: Scene) -> Iterator[Block]:
    """The days of the town in order, 28 at a time."""
    for start in range(0, scene.town.days, BLOCK_DAYS):
        days = min(BLOCK_DAYS, scene.town.days - start)
        level = _levels(scene, start, days)
        yield Block(
            start=start,
            days=days,
            until=_until(scene, start, days),
            frailty=scene.course.frailty[:, start : start + days],
            level=level,
            illness=np.minimum(level.sum(axis=0), 2.0),
        )


def _until(scene: Scene, start: int, days: int) -> NDArray[np.int16]:
    day = np.arange(start, start + days)
    in_care = (scene.people.care_start[:, None] <= day) & (scene.course.care_end[:, None] > day)
    until = np.where(in_care, MIDNIGHT, 0).astype(np.int16)
    stays = scene.course.stays
    for row in np.flatnonzero((stays.start < start + days) & (stays.end >= start)):
        citizen, first, last = stays.citizen[row], stays.start[row] - start, stays.end[row] - start
        until[citizen, max(first + 1, 0) : last + 1] = 0
        if first >= 0:
            until[citizen, first] = min(until[citizen, first], scene.stay_minute[row])
    return until


def _levels(scene: Scene, start: int, days: int) -> NDArray[np.float32]:
    """How strongly each illness shows: rises to the severity over the first days, the same whatever the end."""
    p = scene.course.prodromes
    level = np.zeros((len(scene.town.prodromes), scene.people.size, days), np.float32)
    ramp = np.array([max(RAMP * kind.mean_days, 1.0) for kind in scene.town.prodromes])
    near = np.flatnonzero((p.start < start + days) & (p.end > start))
    strength = np.where(p.severe[near], SEVERE, MILD)
    for age in range(LONGEST_DAYS + 1):
        day = p.start[near] + age
        on = (day < p.end[near]) & (day >= start) & (day < start + days)
        rows = near[on]
        shown = strength[on] * np.minimum((age + 1) / ramp[p.kind[rows]], 1.0)
        np.maximum.at(level, (p.kind[rows], p.citizen[rows], day[on] - start), shown.astype(np.float32))
    return level


def _granted(rng: np.random.Generator, town: Town, people: Population, course: Course) -> NDArray[np.int16]:
    """Minutes a week as last assessed: the grant follows the frailty, late and in steps."""
    slope = town.care.minutes_per_frailty
    days = np.arange(town.days)
    assessed = rng.random((people.size, town.days)) < 1 / town.care.reassessment_days
    assessed[:, 0] = True
    assessed[np.arange(people.size), np.maximum(people.care_start, 0)] = True
    latest = np.maximum.accumulate(np.where(assessed, days, 0), axis=1)
    frailty = np.take_along_axis(course.frailty[:, : town.days], latest, axis=1)
    need = people.hours_weekly[:, None] * 60 * np.exp(slope * frailty - slope**2 / 2)
    return (5 * np.round(np.clip(need, 15, 2400) / 5)).astype(np.int16)


def _ids(rng: np.random.Generator, count: int) -> pa.Array:
    """`X` and seven digits, in no order that tells anything; cannot be mistaken for a CPR number."""
    numbers = rng.permutation(max(10_000, 4 * count))[:count] + 1_000_000
    return pa.array([f"X{n:07d}" for n in numbers.tolist()], pa.string())


def _silent(share: float, what: str) -> None:
    """Say nothing."""
