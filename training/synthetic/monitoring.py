"""Digital home monitoring of the few who have it: the plan, and what citizen and sensors then send."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from training.synthetic.chance import Floats, Ints, stream
from training.synthetic.measured import Weighing, weight_kg
from training.synthetic.observed import CITIZEN, DEVICE, Observed, observed
from training.synthetic.population import DIAGNOSES
from training.synthetic.recording import HOUR, in_time, moment
from training.synthetic.scene import Block, Scene
from training.synthetic.tables import SCHEMAS, identifiers, numbers, times, words

HEART, LUNGS, ALONE = 1, 2, 3
"""Why a citizen is monitored: heart failure, COPD, or living alone with dementia or frailty."""
_PLANS: Final = {
    HEART: (("NPU03804", 7.0, np.nan, 2.0), ("NPU21692", 7.0, 50.0, 110.0)),
    LUNGS: (("NPU03011", 3.0, 88.0, np.nan), ("questionnaire:CAT/total", 1.0, np.nan, 24.0)),
    ALONE: (("questionnaire:WHO5/total", 0.25, 35.0, np.nan), ("sensor:bed_exit", 7.0, np.nan, 6.0))
    + (("sensor:inactivity_hours", 7.0, np.nan, 14.0), ("sensor:door_night", 7.0, np.nan, 2.0)),
}
_CODES = tuple(code for plans in _PLANS.values() for code, *_ in plans)


@dataclass(frozen=True, slots=True)
class Monitoring:
    """Why each citizen is monitored (0: not), and from which day on."""

    reason: Ints
    start: Ints


def monitoring_of(scene: Scene) -> Monitoring:
    """Who is monitored: those the share of the town falls on, for the diagnosis they have."""
    rng = stream(scene.town.seed, "monitoring")
    people = scene.people
    chosen = rng.random(people.size) < scene.town.documentation.monitored_share
    heart = people.diagnosed[:, DIAGNOSES.index("diag:DI50")]
    lungs = people.diagnosed[:, DIAGNOSES.index("diag:DJ44")]
    reason = np.where(heart, HEART, np.where(lungs, LUNGS, ALONE))
    first = np.maximum(people.care_start, 0)
    start = first + rng.integers(0, max(scene.town.days // 3, 1), people.size)
    has_time = (start < scene.course.care_end) & (start < scene.town.days)
    return Monitoring(np.where(chosen & has_time, reason, 0), start)


def plan_table(scene: Scene) -> pa.Table:
    """What each monitored citizen is to measure or answer; an own alarm limit where the plan has one."""
    monitoring, weighing_limit = monitoring_of(scene), 2.0
    rng = stream(scene.town.seed, "plans")
    citizen = np.flatnonzero(monitoring.reason)
    rows = [(c, *plan) for c in citizen.tolist() for plan in _PLANS[int(monitoring.reason[c])]]
    who = np.array([row[0] for row in rows], np.int64)
    valid_from = moment(scene.town, monitoring.start[who], np.zeros(len(who), np.int64))
    written = valid_from + 9 * HOUR + rng.integers(0, 5 * HOUR, len(who))
    usual = np.round(stream(scene.town.seed, "limits").normal(74, 13, scene.people.size)).clip(40, 130)
    high = np.array([row[4] for row in rows], np.float64)
    of_weight = np.array([row[1] == "NPU03804" for row in rows], bool)
    high = np.where(of_weight, usual[who] + weighing_limit, high)
    table = pa.Table.from_arrays(
        [
            identifiers("p", np.arange(len(who))),
            scene.citizen_ids(who),
            times(written),
            times(valid_from),
            pa.nulls(len(who), SCHEMAS["monitoring_plans"].field("valid_to").type),
            words(_CODES, np.array([_CODES.index(row[1]) for row in rows], np.int64)),
            numbers(np.array([row[2] for row in rows], np.float64)),
            numbers(np.array([row[3] for row in rows], np.float64)),
            numbers(high),
        ],
        schema=SCHEMAS["monitoring_plans"],
    )
    return table.filter(pa.array(in_time(scene.town, written)))


def home_measurements(
    rng: np.random.Generator, scene: Scene, block: Block, monitoring: Monitoring, weighing: Weighing
) -> list[Observed]:
    """What is sent in a block; fewer answers on bad days."""
    made: list[Observed] = []
    for reason, plans in _PLANS.items():
        for code, times_per_week, *_ in plans:
            citizen, day = _sent(rng, block, monitoring, reason, times_per_week)
            value = _value(rng, scene, block, weighing, code, citizen, day)
            device = code.startswith("sensor:")
            minute = rng.integers(5 * 60, 6 * 60, len(citizen)) if device else rng.integers(7 * 60, 11 * 60, len(citizen))
            made.append(observed(citizen, day + block.start, minute, code, value, DEVICE if device else CITIZEN))
    return made


def _sent(
    rng: np.random.Generator, block: Block, monitoring: Monitoring, reason: int, times_per_week: float
) -> tuple[Ints, Ints]:
    day = np.arange(block.start, block.start + block.days)
    on = (monitoring.reason == reason)[:, None] & (monitoring.start[:, None] <= day)
    citizen, within = np.nonzero(on)
    share = min(times_per_week / 7, 1) * 0.9 / (1 + 0.3 * block.illness[citizen, within])
    sent = rng.random(len(citizen)) < share
    return citizen[sent], within[sent]


def _value(
    rng: np.random.Generator, scene: Scene, block: Block, weighing: Weighing, code: str, citizen: Ints, day: Ints
) -> Floats:
    ill, frail = block.illness[citizen, day], block.frailty[citizen, day]
    size = len(citizen)
    if code == "NPU03804":
        return weight_kg(rng, scene, block, weighing, citizen, day + block.start)
    if code == "NPU21692":
        return np.round(76 + 10 * ill + rng.normal(0, 8, size))
    if code == "NPU03011":
        return np.clip(np.round(93 - 2.5 * ill + rng.normal(0, 1.5, size)), 70, 100)
    if code == "questionnaire:CAT/total":
        return np.clip(np.round(17 + 3 * frail + 5 * ill + rng.normal(0, 3, size)), 0, 40)
    if code == "questionnaire:WHO5/total":
        return np.clip(4 * np.round((55 - 7 * frail - 8 * ill + rng.normal(0, 9, size)) / 4), 0, 100)
    if code == "sensor:inactivity_hours":
        return np.round(np.clip(9 + 1.0 * frail + 2.5 * ill + rng.normal(0, 1.5, size), 2, 24), 1)
    mean = 1.6 + 1.5 * ill if code == "sensor:bed_exit" else 0.15 + 0.5 * ill
    return rng.poisson(mean).astype(np.float64)
