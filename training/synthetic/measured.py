"""Values measured by staff: on suspicion more than by routine, so that a missing value is not missing at random.

A helper looks, feels and listens; assistants and nurses measure. TOBS is scored by its published table.
"""

from dataclasses import dataclass

import numpy as np

from training.synthetic.chance import Bools, Floats, Ints, choose, stream
from training.synthetic.observed import SPL, SSA, SSH, Observed, observed
from training.synthetic.population import DIAGNOSES
from training.synthetic.scene import Block, Scene

_TOBS_SHARE = 0.6  # occasions on which TOBS is filled in (assumption)
_CRP_SHARE, _STIX_SHARE = 0.12, 0.25  # of occasions with signs of infection (assumption)
_GLUCOSE_PER_DAY = 0.12  # in those with diabetes (assumption)


@dataclass(frozen=True, slots=True)
class Weighing:
    """How citizens are weighed: `every` days (0: never), from their own day on; `usual` is kg at average frailty."""

    every: Ints
    offset: Ints
    usual: Floats


def weighing_of(scene: Scene) -> Weighing:
    """Drawn once for a town: monthly at best."""
    rng = stream(scene.town.seed, "weighing")
    size = scene.people.size
    weighed = rng.random(size) < scene.town.documentation.weighed_share
    usual = np.where(scene.people.female, 66, 79) + rng.normal(0, 13, size)
    return Weighing(
        every=np.where(weighed, rng.integers(28, 60, size), 0),
        offset=rng.integers(0, 60, size),
        usual=np.clip(usual, 38, 140),
    )


def weight_kg(
    rng: np.random.Generator, scene: Scene, block: Block, weighing: Weighing, citizen: Ints, day: Ints
) -> Floats:
    """What the scales say: less with growing frailty, more with fluid, and never the same twice."""
    within = day - block.start
    gain = np.array([prodrome.weight * prodrome.mean_days for prodrome in scene.town.prodromes])
    fluid = np.tensordot(gain, block.level[:, citizen, within], axes=1)
    usual = weighing.usual[citizen] * (1 - 0.022 * block.frailty[citizen, within])
    return np.round(usual + fluid + rng.normal(0, 0.45, len(citizen)), 1)


def measured_values(rng: np.random.Generator, scene: Scene, block: Block, weighing: Weighing) -> list[Observed]:
    """Vitals, TOBS, CRP, urine sticks, glucose and weights of a block."""
    return [*_vitals(rng, scene, block), _glucose(rng, scene, block), _weights(rng, scene, block, weighing)]


def _vitals(rng: np.random.Generator, scene: Scene, block: Block) -> list[Observed]:
    habit = scene.town.documentation
    team = scene.team_signs[scene.people.team][:, None]
    suspicion = np.maximum(team, 0.3) * habit.measured_prodrome_per_day * block.illness
    rate = suspicion + habit.measured_routine_per_day
    citizen, day = np.nonzero(rng.random(rate.shape) < 1 - np.exp(-rate))
    minute = rng.integers(8 * 60, 21 * 60, len(citizen))
    role = np.where(rng.random(len(citizen)) < 0.6, SSA, SPL)
    value = _values(rng, scene, block, citizen, day)
    full = rng.random(len(citizen)) < _TOBS_SHARE
    made: list[Observed] = []
    for code, values in value.items():
        # Part of the occasions are a thermometer or a cuff only.
        rows = np.flatnonzero(full | (rng.random(len(citizen)) < 0.55))
        made.append(observed(citizen[rows], day[rows] + block.start, minute[rows], code, values[rows], role[rows]))
    awake = _consciousness(rng, block.illness[citizen, day])
    score = tobs(value["NPU21692"], awake, value["MCS88122"], value["NPU08676"], value["DNK05472"])
    for code, values in (("MCS88126", awake), ("MCS88125", score)):
        made.append(observed(citizen[full], day[full] + block.start, minute[full], code, values[full], role[full]))
    return [*made, *_samples(rng, scene, block, citizen, day, minute)]


def _values(rng: np.random.Generator, scene: Scene, block: Block, citizen: Ints, day: Ints) -> dict[str, Floats]:
    level = block.level[:, citizen, day]
    size = len(citizen)

    def shifted(name: str, usual: float, between: float, within: float, decimals: int) -> Floats:
        shift = np.tensordot(np.array([getattr(p, name) for p in scene.town.prodromes]), level, axes=1)
        own = stream(scene.town.seed, "own", name).normal(0, between, scene.people.size)[citizen]
        return np.round(usual + own + shift + rng.normal(0, within, size), decimals)

    systolic = shifted("systolic", 138, 14, 9, 0)
    return {
        "NPU08676": shifted("temperature", 36.7, 0.2, 0.25, 1),
        "NPU21692": shifted("pulse", 75, 8, 7, 0),
        "MCS88122": shifted("respiration", 16.5, 1.5, 1.5, 0),
        "NPU03011": np.minimum(shifted("saturation", 95.5, 1.5, 1.0, 0), 100),
        "DNK05472": systolic,
        "DNK05473": np.round(0.56 * systolic + rng.normal(0, 5, size)),
    }


def _consciousness(rng: np.random.Generator, illness: Floats) -> Floats:
    drawn = rng.random(len(illness))
    return np.where(drawn < 0.005 * illness, 2.0, np.where(drawn < 0.06 * illness, 1.0, 0.0))


def tobs(pulse: Floats, consciousness: Floats, respiration: Floats, temperature: Floats, systolic: Floats) -> Floats:
    """The TOBS score, 0 to 15 (plhoholstebro.dk, TOBS; the gaps of the published table closed)."""
    points = np.select([pulse >= 130, pulse >= 110, pulse >= 90, pulse >= 50, pulse >= 40], [3, 2, 1, 0, 1], 2)
    points = points + np.select(
        [respiration >= 25, respiration >= 21, respiration >= 12, respiration >= 9], [3, 2, 0, 1], 3
    )
    points = points + np.select(
        [temperature >= 40, temperature >= 39, temperature >= 38, temperature >= 36, temperature >= 34],
        [3, 2, 1, 0, 2],
        3,
    )
    points = points + np.select([systolic >= 200, systolic >= 100, systolic >= 80, systolic >= 70], [2, 0, 1, 2], 3)
    return (points + consciousness).astype(np.float64)


def _samples(
    rng: np.random.Generator, scene: Scene, block: Block, citizen: Ints, day: Ints, minute: Ints
) -> list[Observed]:
    """CRP and urine sticks where an infection is suspected."""
    names = [prodrome.name for prodrome in scene.town.prodromes]
    level = {name: block.level[names.index(name)][citizen, day] for name in ("airway", "urinary") if name in names}
    infected = sum(level.values(), np.zeros(len(citizen)))
    crp = np.flatnonzero(rng.random(len(citizen)) < _CRP_SHARE * np.clip(infected, 0.1, 1))
    crp_value = np.round(rng.lognormal(np.log(6 + 55 * infected[crp]), 0.6))
    stix = np.flatnonzero(rng.random(len(citizen)) < _STIX_SHARE * np.clip(level.get("urinary", infected), 0.08, 1))
    positive = rng.random(len(stix)) < np.clip(0.25 + 0.5 * level.get("urinary", infected)[stix], 0, 0.95)
    said = np.where(positive, rng.integers(1, 4, len(stix)), 0)
    when = day + block.start
    return [
        observed(citizen[crp], when[crp], minute[crp] + 5, "NPU19748", crp_value, SPL),
        observed(citizen[stix], when[stix], minute[stix] + 6, "NPU03987", np.nan, SSA, said),
        observed(citizen[stix], when[stix], minute[stix] + 6, "NPU21578", np.nan, SSA, np.minimum(said, 1)),
    ]


def _glucose(rng: np.random.Generator, scene: Scene, block: Block) -> Observed:
    diabetes: Bools = scene.people.diagnosed[:, DIAGNOSES.index("diag:DE11")]
    citizen, day = np.nonzero(diabetes[:, None] & (rng.random(block.illness.shape) < _GLUCOSE_PER_DAY))
    value = np.round(np.clip(rng.lognormal(np.log(8.6), 0.3, len(citizen)) + block.illness[citizen, day], 2.2, 28), 1)
    minute = rng.integers(7 * 60, 11 * 60, len(citizen))
    return observed(
        citizen, day + block.start, minute, "NPU22089", value, choose(rng, np.array([0.6, 0.3, 0.1]), len(citizen))
    )


def _weights(rng: np.random.Generator, scene: Scene, block: Block, weighing: Weighing) -> Observed:
    day = np.arange(block.start, block.start + block.days)
    due = (weighing.every[:, None] > 0) & (
        (day + weighing.offset[:, None]) % np.maximum(weighing.every[:, None], 1) == 0
    )
    # Some months nobody gets round to it, or the citizen will not be weighed.
    citizen, within = np.nonzero(due & (rng.random(due.shape) < 0.8))
    value = weight_kg(rng, scene, block, weighing, citizen, within + block.start)
    return observed(citizen, within + block.start, rng.integers(8 * 60, 12 * 60, len(citizen)), "NPU03804", value, SSH)
