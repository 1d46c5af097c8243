"""What the hospital tells the municipality: admissions, leaves, discharges, deaths, and messages revised or cancelled.

Acute stays begin with an emergency notification or with an inpatient one alone; whether the care record has filled in
`planned` varies. Activities are MedCom's (HospitalNotification).
"""

import numpy as np
import pyarrow as pa

from training.synthetic.chance import Ints, stream
from training.synthetic.course import ELECTIVE, EMERGENCY_ONLY
from training.synthetic.recording import DAY, HOUR, existing, in_time, moment
from training.synthetic.scene import Scene
from training.synthetic.tables import SCHEMAS, identifiers, times, words

ACTIVITIES = (
    "admit-emergency", "admit-inpatient", "start-leave-inpatient", "end-leave-inpatient", "discharge-inpatient-home",
    "discharge-emergency-home", "deceased", "revise-admit-inpatient", "revise-discharge-inpatient-home",
    "cancel-admit-inpatient", "cancel-discharge-inpatient-home",
)  # fmt: skip
_EMERGENCY, _INPATIENT, _LEAVE, _BACK, _HOME, _SENT_HOME, _DECEASED = range(7)
_REVISED_IN, _REVISED_OUT, _CANCELLED_IN, _CANCELLED_OUT = range(7, 11)
_EMPTY, _FALSE, _TRUE = -1, 0, 1


def notification_table(scene: Scene) -> pa.Table:
    """All notifications of the town, in the order in which they became known."""
    rng = stream(scene.town.seed, "hospital")
    stays = scene.course.stays
    arrival = moment(scene.town, stays.start, scene.stay_minute * 60 + rng.integers(0, 60, len(stays.start)))
    departure = _departure(rng, scene, arrival)
    parts = [
        *_beginnings(rng, scene, arrival),
        *_leaves(rng, scene, arrival, departure),
        *_endings(rng, scene, departure),
        *_mistakes(rng, scene, arrival),
    ]
    stay, activity, happened, planned, episode, delay = (np.concatenate([p[i] for p in parts]) for i in range(6))
    written = existing(happened + 60 + delay + _delay(rng, len(happened)))
    order = np.lexsort((stay, activity, written))
    order = order[in_time(scene.town, written[order])]
    tag = planned[order].astype(np.int64)
    return pa.Table.from_arrays(
        [
            identifiers("h", np.arange(len(order))),
            scene.citizen_ids(stays.citizen[stay[order].astype(np.int64)]),
            identifiers("E", episode[order].astype(np.int64)),
            words(ACTIVITIES, activity[order].astype(np.int64)),
            times(happened[order].astype(np.int64)),
            times(written[order].astype(np.int64)),
            pa.array(tag == _TRUE, mask=tag == _EMPTY),
        ],
        schema=SCHEMAS["hospital_notifications"],
    )


_Part = tuple[Ints, Ints, Ints, Ints, Ints, Ints]


def _part(
    stay: Ints, activity: int | Ints, happened: Ints, planned: int | Ints, episode: Ints, delay: int | Ints = 0
) -> _Part:
    size = len(stay)
    filled = (
        np.broadcast_to(np.asarray(column, np.int64), size) for column in (activity, happened, planned, episode, delay)
    )
    return stay, *filled  # type: ignore[return-value]


def _delay(rng: np.random.Generator, size: int) -> Ints:
    """Messages are sent at physical attendance; a few hang."""
    return np.where(
        rng.random(size) < 0.02, rng.uniform(1, 4, size) * DAY, rng.lognormal(np.log(1500), 0.8, size)
    ).astype(np.int64)


def _departure(rng: np.random.Generator, scene: Scene, arrival: Ints) -> Ints:
    """Discharge on the last day between 10 and 18, at least an hour and a half after arrival."""
    stays = scene.course.stays
    usual = moment(scene.town, stays.end, rng.integers(10 * HOUR, 18 * HOUR, len(stays.end)))
    return np.maximum(usual, existing(arrival + 3 * HOUR // 2))


def _beginnings(rng: np.random.Generator, scene: Scene, arrival: Ints) -> list[_Part]:
    stays, town = scene.course.stays, scene.town
    every = np.arange(len(arrival))
    drawn = rng.random((2, len(arrival)))
    emergency = (stays.acute & (drawn[0] < town.stay.emergency_first_share)) | (stays.cause == EMERGENCY_ONLY)
    bed = stays.cause >= ELECTIVE
    # A planned stay is in the care record's calendar more often than an acute one is tagged afterwards.
    tagged = np.where(
        stays.cause == ELECTIVE,
        drawn[1] < 0.9 + 0.1 * town.stay.planned_tag_share,
        drawn[1] < town.stay.planned_tag_share,
    )
    tag = np.where(tagged, np.where(stays.cause == ELECTIVE, _TRUE, _FALSE), _EMPTY)
    moved = existing(arrival + np.where(emergency, rng.integers(HOUR, 7 * HOUR, len(arrival)), 0))
    same_day = np.minimum(moved, np.maximum(arrival, arrival + (stays.end - stays.start) * DAY + HOUR))
    revised = np.flatnonzero(bed & (rng.random(len(arrival)) < town.stay.revised_share))
    earlier = existing(same_day[revised] - rng.integers(60, HOUR, len(revised)))
    return [
        _part(every[emergency], _EMERGENCY, arrival[emergency], _EMPTY, every[emergency]),
        _part(every[bed], _INPATIENT, same_day[bed], tag[bed], every[bed]),
        _part(revised, _REVISED_IN, earlier, tag[revised], revised, 6 * HOUR),
    ]


def _leaves(rng: np.random.Generator, scene: Scene, arrival: Ints, departure: Ints) -> list[_Part]:
    long = departure - arrival > 3 * DAY
    out = np.flatnonzero(
        long & (scene.course.stays.cause >= 0) & (rng.random(len(arrival)) < scene.town.stay.leave_share)
    )
    gone = existing(arrival[out] + (0.4 * (departure[out] - arrival[out])).astype(np.int64))
    back = existing(gone + rng.integers(5 * HOUR, 20 * HOUR, len(out)))
    return [_part(out, _LEAVE, gone, _EMPTY, out), _part(out, _BACK, back, _EMPTY, out)]


def _endings(rng: np.random.Generator, scene: Scene, departure: Ints) -> list[_Part]:
    stays, town = scene.course.stays, scene.town
    every = np.arange(len(departure))
    only = stays.cause == EMERGENCY_ONLY
    home = ~only & ~stays.died
    revised = np.flatnonzero(home & (rng.random(len(departure)) < town.stay.revised_share))
    later = existing(departure[revised] + rng.integers(-HOUR, HOUR, len(revised)))
    return [
        _part(every[only], _SENT_HOME, departure[only], _EMPTY, every[only]),
        _part(every[home], _HOME, departure[home], _EMPTY, every[home]),
        _part(every[stays.died], _DECEASED, departure[stays.died], _EMPTY, every[stays.died]),
        _part(revised, _REVISED_OUT, later, _EMPTY, revised, 8 * HOUR),
    ]


def _mistakes(rng: np.random.Generator, scene: Scene, arrival: Ints) -> list[_Part]:
    """An admission of the wrong citizen, cancelled within the day; it stands under an episode of its own."""
    stays = scene.course.stays
    wrong = np.flatnonzero(rng.random(len(arrival)) < scene.town.stay.cancelled_per_stay)
    other = rng.permutation(len(arrival))[: len(wrong)]
    day = stays.start[wrong]
    citizen = stays.citizen[other]
    fits = (scene.people.care_start[citizen] < day) & (scene.course.care_end[citizen] > day + 1)
    wrong, other = wrong[fits], other[fits]
    episode = len(arrival) + np.arange(len(wrong))
    delay: Ints = rng.integers(2 * HOUR, 20 * HOUR, len(wrong))
    return [
        _part(other, _INPATIENT, arrival[wrong], _EMPTY, episode),
        _part(other, _CANCELLED_IN, arrival[wrong], _EMPTY, episode, delay),
    ]
