"""The citizens' table: a version when care begins, and a new one when it ends or a terminal phase is declared."""

import tomllib
from pathlib import Path

import numpy as np
import pyarrow as pa

from training.synthetic.chance import Bools, Ints, stream
from training.synthetic.course import NEVER
from training.synthetic.recording import DAY, HOUR, existing, in_time, moment
from training.synthetic.scene import Scene
from training.synthetic.tables import SCHEMAS, times, words

_NAMES = Path(__file__).parent / "names.toml"
SEXES = ("female", "male")


def citizen_table(scene: Scene) -> pa.Table:
    """All versions of all citizens. Each is complete, and says nothing that was not known when it was written."""
    rng = stream(scene.town.seed, "citizens")
    people, course = scene.people, scene.course
    size = people.size
    every = np.arange(size)
    # Care is decided on the day before it begins, so that a list of that day knows the citizen.
    first_day, last_day = people.care_start - 1, np.minimum(course.care_end, course.death)
    declared = np.flatnonzero(course.terminal < last_day)
    ended = np.flatnonzero(last_day < NEVER)
    who = np.concatenate([every, declared, ended])
    day = np.concatenate([first_day, course.terminal[declared], last_day[ended]])
    is_end = np.arange(len(who)) >= size + len(declared)
    is_later = np.arange(len(who)) >= size
    written = existing(moment(scene.town, day, 9 * HOUR + rng.integers(0, 6 * HOUR, len(who))))
    written = written + np.where(is_end & (rng.random(len(who)) < 0.3), rng.integers(1, 5, len(who)) * DAY, 0)
    written = existing(written)
    terminal = is_later & (course.terminal[who] <= day)
    table = pa.Table.from_arrays(
        [
            scene.citizen_ids(who),
            _dates(scene, people.birth_day[who]),
            words(SEXES, (~people.female[who]).astype(np.int64)),
            _names(rng, people.female).take(pa.array(who)),
            words(scene.town.organisation.districts, people.team[who] // scene.town.organisation.teams_per_district),
            words(_teams(scene), people.team[who]),
            _dates(scene, people.care_start[who]),
            _dates(scene, course.care_end[who], ~is_end),
            _dates(scene, course.death[who], ~is_end | (course.death[who] == NEVER)),
            pa.array(terminal),
            times(written),
        ],
        schema=SCHEMAS["citizens"],
    )
    order = np.lexsort((who, written))
    return table.take(pa.array(order[in_time(scene.town, written[order])]))


def _teams(scene: Scene) -> tuple[str, ...]:
    organisation = scene.town.organisation
    return tuple(f"{d} {n + 1}" for d in organisation.districts for n in range(organisation.teams_per_district))


def _dates(scene: Scene, days: Ints, missing: Bools | None = None) -> pa.Array:
    start = np.datetime64(scene.town.first_day)
    kept = np.where(days == NEVER, 0, days)
    return pa.array(start + kept.astype("timedelta64[D]"), pa.date32(), mask=missing)


def _names(rng: np.random.Generator, female: Bools) -> pa.Array:
    known = tomllib.loads(_NAMES.read_text(encoding="utf-8"))
    drawn = rng.integers(0, 1_000_000, (2, len(female)))
    first = np.where(
        female,
        np.array(known["female"], dtype=object)[drawn[0] % len(known["female"])],
        np.array(known["male"], dtype=object)[drawn[0] % len(known["male"])],
    )
    last = np.array(known["last"], dtype=object)[drawn[1] % len(known["last"])]
    return pa.array([f"{one} {other}" for one, other in zip(first, last, strict=True)], pa.string())
