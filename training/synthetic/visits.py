"""Visits: planned by the grant, delivered as the day went, with those declined, missed and unplanned."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from training.synthetic.chance import Floats, Ints, choose, stream
from training.synthetic.recording import HOUR, in_time, moment, recorded, written_again
from training.synthetic.scene import Block, Scene, blocks
from training.synthetic.tables import SCHEMAS, identifiers, numbers, times, words

KINDS = ("personal_care", "practical_help", "nursing", "rehabilitation", "night", "acute")
STATUSES = ("completed", "declined", "no_response", "cancelled", "planned", "entered-in-error")
_NIGHT, _ACUTE = 4, 5
_ERROR = 5
_PLANNED_KINDS = np.array([0.60, 0.21, 0.17, 0.02])  # assumption
_ORDINARY_EXTRA = 0.004  # unplanned visits a day without illness (assumption)


@dataclass(frozen=True, slots=True)
class _Visits:
    citizen: Ints
    day: Ints
    second: Ints
    kind: Ints
    planned: Floats
    delivered: Floats
    status: Ints


def visit_tables(scene: Scene) -> Iterator[pa.Table]:
    """The visits of the town, a block of days at a time."""
    offset = stream(scene.town.seed, "rhythm").integers(0, 7, scene.people.size)
    count = 0
    for block in blocks(scene):
        rng = stream(scene.town.seed, "visits", block.start)
        made = _joined(_planned(rng, scene, block, offset), _unplanned(rng, scene, block))
        made = _kept(made, block.at_home(made.citizen, made.day, made.second // 60))
        yield _table(rng, scene, made, count)
        count += len(made.citizen)


def _planned(rng: np.random.Generator, scene: Scene, block: Block, offset: Ints) -> _Visits:
    care, length = scene.town.care, _length(scene)
    granted = scene.granted[:, block.start : block.start + block.days]
    a_week = granted / length[:, None]
    weekday = (np.arange(block.days) + block.start) % 7
    # Weekdays are spread evenly, so that a citizen with two visits a week has them on the same two days every week.
    turn = ((weekday[None, :] * 3 + offset[:, None]) % 7 + 0.5) / 7
    counts = np.where(block.until > 0, np.floor(a_week / 7 + turn), 0).astype(np.int64)
    citizen, day = np.nonzero(counts)
    n = counts[citizen, day]
    place = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)
    of_day = np.repeat(n, n)
    citizen, day = np.repeat(citizen, n), np.repeat(day, n)
    minute = 7 * 60 + (place + rng.random(len(place))) / of_day * (15.5 * 60)
    late = minute > 22 * 60
    kind = np.where(late, _NIGHT, choose(rng, _PLANNED_KINDS, len(place)))
    planned = 5 * np.round(np.clip(length[citizen] * rng.lognormal(-0.03, 0.25, len(place)), 5, 120) / 5)
    ill, frail = block.illness[citizen, day], block.frailty[citizen, day]
    status = _status(rng, scene, ill, frail)
    stretch = np.exp(rng.normal(-0.02, 0.16, len(place))) * (1 + care.delivered_per_prodrome * ill + 0.03 * frail)
    delivered = np.maximum(np.round(planned * stretch), 1)
    delivered = np.where(status == 0, delivered, np.where(status <= 2, 0.0, np.nan))
    second = (minute * 60 + rng.integers(0, 60, len(place))).astype(np.int64)
    return _Visits(citizen, day + block.start, second, kind, planned, delivered, status)


def _length(scene: Scene) -> Floats:
    """Usual minutes of a citizen's visit: longer where more is granted."""
    return scene.town.care.visit_minutes * (0.8 + 0.25 * np.log1p(scene.people.hours_weekly))


def _status(rng: np.random.Generator, scene: Scene, ill: Floats, frail: Floats) -> Ints:
    care = scene.town.care
    declined = care.refused_share * np.exp(0.35 * frail) * (1 + 2.5 * ill)
    silent = care.no_response_share * np.exp(0.15 * frail) * (1 + 0.8 * ill)
    drawn = rng.random(len(ill))
    edges = np.cumsum(
        [
            declined,
            silent,
            np.full(len(ill), care.cancelled_share),
            np.full(len(ill), scene.town.recording.plan_only_share),
        ],
        axis=0,
    )
    return np.select([drawn < edge for edge in edges], [1, 2, 3, 4], 0).astype(np.int64)


def _unplanned(rng: np.random.Generator, scene: Scene, block: Block) -> _Visits:
    rate = _ORDINARY_EXTRA * np.exp(0.5 * block.frailty) + scene.town.care.extra_visits_per_prodrome * block.illness
    citizen, day = np.nonzero(rng.random(rate.shape) < 1 - np.exp(-rate))
    count = len(citizen)
    night = rng.random(count) < 0.3
    minute = np.where(night, rng.integers(0, 6 * 60, count), rng.integers(7 * 60, 23 * 60, count))
    delivered = np.round(np.clip(rng.lognormal(np.log(22), 0.5, count), 3, 180))
    kind = np.where(night, _NIGHT, _ACUTE)
    second = minute * 60 + rng.integers(0, 60, count)
    return _Visits(citizen, day + block.start, second, kind, np.zeros(count), delivered, np.zeros(count, np.int64))


def _table(rng: np.random.Generator, scene: Scene, made: _Visits, first: int) -> pa.Table:
    """Rows as written, then those written again: minutes corrected, or withdrawn as entered in error."""
    town, habit = scene.town, scene.town.recording
    started = moment(town, made.day, made.second)
    ended = started + (np.nan_to_num(made.delivered) * 60).astype(np.int64)
    written = recorded(rng, town, ended)
    # A visit that stays a plan is known from the evening before, when the route was laid.
    written = np.where(made.status == 4, started - 12 * HOUR, written)
    unreported = rng.random(len(started)) < habit.unreported_share
    delivered = np.where(unreported, np.nan, made.delivered)
    ids = np.arange(first, first + len(started))
    mended, mended_at = written_again(rng, town, written, habit.corrected_share)
    void, void_at = written_again(rng, town, written, habit.retracted_share)
    again = np.concatenate([np.arange(len(started)), mended, void])
    delivered_again = delivered[again]
    changed = slice(len(started), len(started) + len(mended))
    delivered_again[changed] = np.maximum(np.round(delivered_again[changed] * 0.7), 1)
    status = made.status[again]
    status[len(started) + len(mended) :] = _ERROR
    moments = np.concatenate([written, mended_at, void_at])
    keep = in_time(town, moments)
    table = pa.Table.from_arrays(
        [
            identifiers("v", ids[again]),
            scene.citizen_ids(made.citizen[again]),
            times(started[again]),
            times(moments),
            numbers(made.planned[again]),
            numbers(delivered_again),
            words(KINDS, made.kind[again]),
            words(STATUSES, status),
        ],
        schema=SCHEMAS["visits"],
    )
    return table.filter(pa.array(keep))


def _joined(one: _Visits, other: _Visits) -> _Visits:
    """Both, in the order in which they begin."""
    parts = {name: np.concatenate([getattr(one, name), getattr(other, name)]) for name in _Visits.__dataclass_fields__}
    order = np.lexsort((parts["citizen"], parts["second"], parts["day"]))
    return _Visits(**{name: values[order] for name, values in parts.items()})


def _kept(made: _Visits, keep: Ints | np.ndarray[tuple[int], np.dtype[np.bool_]]) -> _Visits:
    return _Visits(**{name: getattr(made, name)[keep] for name in _Visits.__dataclass_fields__})
