"""Everyday observations and events: signs, falls, emergency calls, missed medicine, refusals, triage colours."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from training.synthetic.chance import Bools, Floats, Ints, choose, stream
from training.synthetic.course import UNHERALDED
from training.synthetic.findings import HABIT, ILLNESS, Findings, findings_of
from training.synthetic.measured import measured_values, weighing_of
from training.synthetic.monitoring import home_measurements, monitoring_of
from training.synthetic.observed import CODES, FIRST_SIGN, SPL, SSA, SSH, Observed, joined, kept, observed, table_of
from training.synthetic.scene import Block, Scene, blocks
from training.synthetic.wording import signs_in_use

_ROLE_WEIGHTS = np.array([0.68, 0.25, 0.07])  # assumption
_ABSENT_SHARE = 0.25  # signs looked for and not found, of those of habit (assumption)
_MARKED = np.array([0.10, 0.18, 0.35])  # share of the signs of habit, decline, illness that are marked (assumption)
_TRIAGE_ILL, _TRIAGE_ORDINARY, _TRIAGE_GREEN = 0.10, 0.0015, 0.010  # triage changes a day (assumption)
_FALL_BEFORE_ADMISSION = 0.15  # unheralded admissions that begin with a fall (assumption)


def observation_tables(scene: Scene) -> Iterator[pa.Table]:
    """The observations of the town, a block of days at a time."""
    findings, offered = findings_of(scene), signs_in_use(scene.town)
    weighing, monitoring = weighing_of(scene), monitoring_of(scene)
    count = 0
    for block in blocks(scene):
        rng = stream(scene.town.seed, "observations", block.start)
        parts = [
            _signs(rng, scene, block, findings, offered),
            *_events(rng, scene, block),
            _falls_before_admission(rng, scene, block),
            _triage(rng, scene, block),
            *measured_values(rng, scene, block, weighing),
            *home_measurements(rng, scene, block, monitoring, weighing),
        ]
        made = joined(parts)
        yield table_of(rng, scene, block, made, count)
        count += len(made.citizen)


def at_some_time(rng: np.random.Generator, block: Block, rate: Floats) -> tuple[Ints, Ints, Ints]:
    """Citizen, day and minute of things that happen at `rate` a day while somebody is there to see it."""
    citizen, day = np.nonzero(rng.random(rate.shape) < 1 - np.exp(-rate))
    minute = np.clip(rng.normal(13 * 60, 4.5 * 60, len(citizen)), 0, 1439)
    return citizen, day + block.start, minute.astype(np.int64)


def _signs(rng: np.random.Generator, scene: Scene, block: Block, findings: Findings, offered: Bools) -> Observed:
    habit = scene.town.documentation
    team = scene.team_signs[scene.people.team][:, None]
    slope = np.exp(habit.frailty_slope * block.frailty)
    rates = [np.broadcast_to(habit.signs_per_day, slope.shape), habit.signs_frailty * slope]
    rates += [habit.signs_prodrome * level for level in block.level]
    parts: list[Observed] = []
    for source, rate in enumerate(rates):
        citizen, day, minute = at_some_time(rng, block, team * rate)
        why = np.full(len(citizen), min(source, ILLNESS))
        concept = findings.concept(rng, citizen, why, np.full(len(citizen), source - ILLNESS))
        value = 1.0 + (rng.random(len(citizen)) < _MARKED[why])
        absent = (why == HABIT) & (rng.random(len(citizen)) < _ABSENT_SHARE)
        role = choose(rng, _ROLE_WEIGHTS, len(citizen))
        made = observed(citizen, day, minute, FIRST_SIGN + concept, np.where(absent, 0.0, value), role)
        parts.append(kept(made, offered[concept]))
    return joined(parts)


def _events(rng: np.random.Generator, scene: Scene, block: Block) -> list[Observed]:
    habit = scene.town.documentation
    unsteady = _level(scene, block, "unsteady")
    delirium = _level(scene, block, "delirium")
    rates = {
        "event:fall": habit.falls_per_day * np.exp(0.5 * block.frailty) * (1 + 10 * unsteady + 2 * block.illness),
        "event:emergency_call": habit.emergency_calls_per_day * np.exp(0.4 * block.frailty) * (1 + 4 * block.illness),
        "event:medication_missed": habit.missed_medication_per_day * (1 + 6 * delirium + 1.5 * block.illness),
        "event:refusal": 0.5 * scene.town.care.refused_share * np.exp(0.35 * block.frailty) * (1 + 2 * block.illness),
    }
    made: list[Observed] = []
    for code, rate in rates.items():
        citizen, day, minute = at_some_time(rng, block, rate)
        if code in ("event:fall", "event:emergency_call"):
            minute = rng.integers(0, 1440, len(citizen))
        made.append(observed(citizen, day, minute, code, np.nan, choose(rng, _ROLE_WEIGHTS, len(citizen))))
    return made


def _falls_before_admission(rng: np.random.Generator, scene: Scene, block: Block) -> Observed:
    """The fall that is the admission: seen within the hour before, written down when it no longer helps."""
    stays = scene.course.stays
    near = np.flatnonzero(
        (stays.cause == UNHERALDED) & (stays.start >= block.start) & (stays.start < block.start + block.days)
    )
    near = near[rng.random(len(near)) < _FALL_BEFORE_ADMISSION]
    minute = np.maximum(scene.stay_minute[near] - rng.integers(20, 60, len(near)), 0)
    return observed(stays.citizen[near], stays.start[near], minute, "event:fall", np.nan, SSH)


def _triage(rng: np.random.Generator, scene: Scene, block: Block) -> Observed:
    team = scene.team_signs[scene.people.team][:, None]
    worse = team * (_TRIAGE_ORDINARY * np.exp(0.3 * block.frailty) + _TRIAGE_ILL * block.illness)
    citizen, day, minute = at_some_time(rng, block, worse)
    red = rng.random(len(citizen)) < 0.08 + 0.2 * (block.illness[citizen, day - block.start] > 1)
    code = np.where(red, CODES.index("triage:red"), CODES.index("triage:yellow"))
    coloured = observed(citizen, day, minute, code, np.nan, SSA)
    citizen, day, minute = at_some_time(rng, block, team * _TRIAGE_GREEN / (1 + 5 * block.illness))
    return joined([coloured, observed(citizen, day, minute, "triage:green", np.nan, SPL)])


def _level(scene: Scene, block: Block, name: str) -> Floats:
    """The level of the illness of that name, nothing where the town has none."""
    names = [prodrome.name for prodrome in scene.town.prodromes]
    return block.level[names.index(name)] if name in names else np.zeros_like(block.illness)
