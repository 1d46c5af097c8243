"""Digital home monitoring of the few who have it: the plan, and what citizen and sensors then send."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from training.synthetic.chance import Floats, Ints, stream
from training.synthetic.measured import Weighing, weighing_of, weight_kg
from training.synthetic.observed import CITIZEN, DEVICE, Observed, observed
from training.synthetic.population import DIAGNOSES
from training.synthetic.recording import HOUR, in_time, moment
from training.synthetic.scene import Block, Scene
from training.synthetic.tables import SCHEMAS, identifiers, numbers, times, words

_GAIN_KG = 2.0  # over the usual weight, at which a plan wants to be told (assumption)
HEART, LUNGS, ALONE = 1, 2, 3
"""Why a citizen is monitored: heart failure, COPD, or living alone with dementia or frailty."""
_PLANS: Final = {
    HEART: (("NPU03804", 7.0, np.nan, np.nan), ("NPU21692", 7.0, 50.0, 110.0)),
    LUNGS: (("NPU03011", 3.0, 88.0, np.nan), ("questionnaire:CAT/total", 1.0, np.nan, 24.0)),
    ALONE: (
        ("questionnaire:WHO5/total", 0.25, 35.0, np.nan),
        ("sensor:bed_exit", 7.0, np.nan, 6.0),
        ("sensor:inactivity_hours", 7.0, np.nan, 14.0),
        ("sensor:door_night", 7.0, np.nan, 2.0),
    ),
}
_SENT: Final = {
    "NPU21692": (76.0, 10.0, 0.0, 8.0, 35.0, 190.0, 1.0),
    "NPU03011": (93.0, -2.5, 0.0, 1.5, 70.0, 100.0, 1.0),
    "questionnaire:CAT/total": (17.0, 5.0, 3.0, 3.0, 0.0, 40.0, 1.0),
    "questionnaire:WHO5/total": (55.0, -8.0, -7.0, 9.0, 0.0, 100.0, 4.0),
    "sensor:inactivity_hours": (9.0, 2.5, 1.0, 1.5, 2.0, 24.0, 0.5),
    "sensor:bed_exit": (1.6, 1.5, 0.0, 0.0, 0.0, 0.0, 1.0),
    "sensor:door_night": (0.15, 0.5, 0.0, 0.0, 0.0, 0.0, 1.0),
}
"""The usual value, what illness and frailty add, the spread of the day, the bounds and the step. All assumptions."""
_COUNTED: Final = ("sensor:bed_exit", "sensor:door_night")
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
    monitoring = monitoring_of(scene)
    rng = stream(scene.town.seed, "plans")
    citizen = np.flatnonzero(monitoring.reason)
    rows = [(c, *plan) for c in citizen.tolist() for plan in _PLANS[int(monitoring.reason[c])]]
    who = np.array([row[0] for row in rows], np.int64)
    valid_from = moment(scene.town, monitoring.start[who], np.zeros(len(who), np.int64))
    written = valid_from + 9 * HOUR + rng.integers(0, 5 * HOUR, len(who))
    usual = np.round(weighing_of(scene).usual)
    high = np.array([row[4] for row in rows], np.float64)
    of_weight = np.array([row[1] == "NPU03804" for row in rows], bool)
    high = np.where(of_weight, usual[who] + _GAIN_KG, high)
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
            minute = (
                rng.integers(5 * 60, 6 * 60, len(citizen)) if device else rng.integers(7 * 60, 11 * 60, len(citizen))
            )
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
    if code == "NPU03804":
        return weight_kg(rng, scene, block, weighing, citizen, day + block.start)
    usual, of_illness, of_frailty, within, least, most, step = _SENT[code]
    mean = usual + of_illness * block.illness[citizen, day] + of_frailty * block.frailty[citizen, day]
    if code in _COUNTED:
        return rng.poisson(np.maximum(mean, 0)).astype(np.float64)
    return np.clip(step * np.round((mean + rng.normal(0, within, len(citizen))) / step), least, most)
