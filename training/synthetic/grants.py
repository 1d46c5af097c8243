"""What is granted and what is known of a citizen: services, FSIII conditions, functional levels, diagnoses."""

import numpy as np
import pyarrow as pa

from training.synthetic.chance import Floats, Ints, stream
from training.synthetic.population import DIAGNOSES
from training.synthetic.recording import HOUR, in_time, moment
from training.synthetic.scene import Scene
from training.synthetic.tables import SCHEMAS, identifiers, numbers, times, words

SERVICES = ("H1.1", "H1.8", "G1.20")
_SERVICE_SHARE = np.array([0.62, 0.20, 0.18])  # of the granted minutes (assumption)
LEVELS = ("J1.1", "J1.3", "J1.6", "J1.8", "J2.1", "J3.2", "J3.5", "J4.2")
_LEVEL_OFFSET = np.array([0.2, 0.0, -0.6, -0.2, 1.0, 0.3, 0.0, -0.3])  # housework goes first, eating last (assumption)
_NURSING = {"diag:DJ44": "I7.1", "diag:DI50": "I7.2", "diag:DF03": "I11.4", "diag:DE11": "I3.4"}
# The simplified FSIII knows these by UUID only; the last district of a town has gone over to it.
_SIMPLIFIED = {
    "I7.1": "dae40f60-8dab-4bd3-ab72-b07d0f278692",
    "I7.2": "3dac3b51-364e-47c0-a043-15b6d7a6c405",
    "I11.4": "e671cc6c-a24b-4a50-82bf-8f3f6ab09c9a",
}
CODES = (*LEVELS, *_NURSING.values(), *_SIMPLIFIED.values(), *DIAGNOSES)
STATUSES = ("active", "inactive", "entered-in-error")
_REASSESSED_DAYS = 180  # assumption: functional levels are gone over twice a year
_NOTED = 0.85  # share of diagnoses the care record knows of (assumption)


def service_table(scene: Scene) -> pa.Table:
    """Granted minutes: a grant is first open, and written again with its end when another takes its place."""
    citizen, start, end = _grant_periods(scene)
    minutes = scene.granted[citizen, start].astype(np.float64)
    rng = stream(scene.town.seed, "services")
    parts: list[pa.Table] = []
    for service, share in enumerate(_SERVICE_SHARE.tolist()):
        granted = 5 * np.round(minutes * share / 5)
        some = np.flatnonzero(granted > 0)
        opened = np.concatenate([some, some])
        closing = np.arange(len(opened)) >= len(some)
        keep = ~closing | (end[opened] < scene.town.days)
        opened, closing = opened[keep], closing[keep]
        day = np.where(closing, end[opened], start[opened])
        written = moment(scene.town, day, 9 * HOUR + rng.integers(0, 6 * HOUR, len(day)))
        none = np.zeros(len(opened), np.int64)
        parts.append(
            pa.Table.from_arrays(
                [
                    identifiers("g", opened * len(SERVICES) + service),
                    scene.citizen_ids(citizen[opened]),
                    times(written),
                    times(moment(scene.town, start[opened], none)),
                    times(moment(scene.town, np.minimum(end[opened], scene.town.days), none), ~closing),
                    words(SERVICES, np.full(len(opened), service)),
                    numbers(granted[opened]),
                ],
                schema=SCHEMAS["services"],
            )
        )
    return pa.concat_tables(parts).sort_by([("recorded_at", "ascending"), ("grant_id", "ascending")])


def _grant_periods(scene: Scene) -> tuple[Ints, Ints, Ints]:
    """Citizen, first day and first day no longer of each grant within the town's days."""
    first = np.maximum(scene.people.care_start, 0)
    last = np.minimum(scene.course.care_end, scene.town.days)
    day = np.arange(scene.town.days)
    within = (day >= first[:, None]) & (day < last[:, None])
    changed = np.zeros(within.shape, bool)
    changed[:, 1:] = scene.granted[:, 1:] != scene.granted[:, :-1]
    changed |= day == first[:, None]
    citizen, start = np.nonzero(changed & within)
    following = np.append(np.where(citizen[1:] == citizen[:-1], start[1:], -1), -1)
    return citizen, start, np.where(following >= 0, following, scene.course.care_end[citizen])


def condition_table(scene: Scene) -> pa.Table:
    """Functional levels with severity, written again as they change; nursing conditions and diagnoses without."""
    rng = stream(scene.town.seed, "conditions")
    citizen, day, code, severity, status, number = (
        np.concatenate(c) for c in zip(*_conditions(rng, scene), strict=True)
    )
    written = moment(scene.town, day, 10 * HOUR + rng.integers(0, 5 * HOUR, len(day)))
    order = np.lexsort((number, written))
    order = order[in_time(scene.town, written[order])]
    return pa.Table.from_arrays(
        [
            identifiers("c", number[order].astype(np.int64)),
            scene.citizen_ids(citizen[order]),
            times(written[order]),
            words(CODES, code[order].astype(np.int64)),
            numbers(severity[order]),
            words(STATUSES, status[order].astype(np.int64)),
        ],
        schema=SCHEMAS["conditions"],
    )


_Rows = tuple[Ints, Ints, Ints, Floats, Ints, Ints]


def _conditions(rng: np.random.Generator, scene: Scene) -> list[_Rows]:
    rows: list[_Rows] = []
    size, people = scene.people.size, scene.people
    for position, offset in enumerate(_LEVEL_OFFSET.tolist()):
        rows += _levels_over_time(rng, scene, position, offset)
    base = size * len(LEVELS)
    simplified = people.team >= scene.town.teams - scene.town.organisation.teams_per_district
    for place, diagnosis in enumerate(DIAGNOSES):
        known = np.flatnonzero(people.diagnosed[:, place] & (rng.random(size) < _NOTED))
        number = base + known * 2 * len(DIAGNOSES) + 2 * place
        rows.append(
            _without_level(people.care_start[known], known, np.full(len(known), CODES.index(diagnosis)), number)
        )
        nursing = _NURSING.get(diagnosis)
        if nursing is not None:
            newer = np.where(simplified[known], CODES.index(_SIMPLIFIED.get(nursing, nursing)), CODES.index(nursing))
            rows.append(_without_level(people.care_start[known], known, newer, number + 1))
            rows.append(_in_error(rng, rows[-1], scene.town.recording.retracted_share))
    return rows


def _levels_over_time(rng: np.random.Generator, scene: Scene, position: int, offset: float) -> list[_Rows]:
    size, people, days = scene.people.size, scene.people, scene.town.days
    assessed = rng.random(size) < 0.75
    own = rng.normal(0, 0.5, size) + 0.35 * np.log(people.static)
    turn = rng.integers(30, _REASSESSED_DAYS, size)
    rows: list[_Rows] = []
    previous = np.full(size, -1.0)
    for visit in range(-1, days // _REASSESSED_DAYS + 1):
        day = people.care_start if visit < 0 else np.maximum(people.care_start, 0) + turn + visit * _REASSESSED_DAYS
        frail = scene.course.frailty[np.arange(size), np.clip(day, 0, days)]
        severity = np.abs(np.clip(np.round(1.6 + offset + 0.7 * frail + own), 0, 4))
        now = np.flatnonzero(assessed & (severity != previous) & (day < scene.course.care_end) & (day < days))
        previous[now] = severity[now]
        zeros = np.zeros(len(now), np.int64)
        rows.append((now, day[now], zeros + position, severity[now], zeros, now * len(LEVELS) + position))
    return rows


def _without_level(day: Ints, citizen: Ints, code: Ints, number: Ints) -> _Rows:
    return citizen, day, code, np.full(len(citizen), np.nan), np.zeros(len(citizen), np.int64), number


def _in_error(rng: np.random.Generator, rows: _Rows, share: float) -> _Rows:
    """Some are withdrawn a month later."""
    citizen, day, code, severity, status, number = rows
    chosen = rng.random(len(citizen)) < share
    withdrawn = status[chosen] + STATUSES.index("entered-in-error")
    return citizen[chosen], day[chosen] + 30, code[chosen], severity[chosen], withdrawn, number[chosen]
