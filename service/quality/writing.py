"""How much is written about the citizens in care, of what, how late, and in which district, in two stretches of weeks.

Counted is what became known in a stretch, as it stands on the later date; what holds until it changes (care, grants,
conditions, stays) is not writing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from models import drift
from models.cohort import NOT_WRITING, in_care, latest_name
from models.events import Events, matching
from models.features.signals import concern_names
from models.notes.lexicon import packaged_lexicon
from models.snapshot import Snapshot
from models.windows import day_number, visible

_NOT_COUNTED = (*NOT_WRITING, "condition*")
"""Conditions are written down when a citizen is seen, and also many at once, for all, when classifications change."""


@dataclass(frozen=True, slots=True)
class DistrictWriting:
    """A district's share of a stretch: events, of how many citizen-weeks, and by how late they were written."""

    events: float
    citizen_weeks: float
    late: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Writing:
    """Both stretches: counts by code and by concern, and each district's writing, always before and now."""

    codes: Mapping[str, tuple[int, int]]
    concerns: Mapping[str, tuple[int, int]]
    citizen_weeks: tuple[float, float]
    districts: Mapping[str, tuple[DistrictWriting, DistrictWriting]]


@dataclass(slots=True)
class _Stretch:
    """A stretch of weeks `[start, end)` as day numbers, and what is counted in it while the buckets go by."""

    start: int
    end: int
    codes: dict[str, int]
    events: dict[str, float]
    weeks: dict[str, float]
    late: dict[str, NDArray[np.float64]]

    def take(self, events: Events, standing: Events) -> None:
        """Count a bucket's writing."""
        mine = events.where((events.known_day >= self.start) & (events.known_day < self.end))
        counts = np.bincount(mine.code, minlength=len(mine.codes))
        for code, count in zip(mine.codes, counts.tolist(), strict=True):
            if count:
                self.codes[code] = self.codes.get(code, 0) + count
        citizen, _ = in_care(standing, range(self.start, self.end, 7))
        people, weeks = np.unique(citizen, return_counts=True)
        names = np.array(latest_name(standing, people, self.end, "district:"), dtype=object)
        place = np.minimum(np.searchsorted(people, mine.citizen), max(people.size - 1, 0))
        known = people[place] == mine.citizen if people.size else np.zeros(len(mine), dtype=np.bool_)
        for name in dict.fromkeys(names.tolist()):
            there = names == name
            self.weeks[name] = self.weeks.get(name, 0.0) + float(weeks[there].sum())
            written = known & there[place]
            self.events[name] = self.events.get(name, 0.0) + float(written.sum())
            late = drift.late_shares((mine.known_day - mine.day)[written])
            self.late[name] = self.late.get(name, np.zeros_like(late)) + late


def writing(snapshot: Snapshot, reference_end: date, as_of: date, weeks_before: int, weeks_now: int) -> Writing:
    """The writing of the weeks before the reference's end, and of those before the date."""
    ends = day_number(reference_end), day_number(as_of)
    stretches = [
        _Stretch(end - 7 * weeks, end, {}, {}, {}, {})
        for end, weeks in zip(ends, (weeks_before, weeks_now), strict=True)
    ]
    for bucket in range(snapshot.manifest.buckets):
        standing = snapshot.standing(bucket)
        events = _written(snapshot.read(bucket, from_day=stretches[0].start - 90, known_before=ends[1]), ends[1])
        for stretch in stretches:
            stretch.take(events, standing)
    before, now = stretches
    return Writing(
        codes=_paired(before.codes, now.codes),
        concerns=_paired(_by_concern(before.codes), _by_concern(now.codes)),
        citizen_weeks=(sum(before.weeks.values()), sum(now.weeks.values())),
        districts={name: (_of(before, name), _of(now, name)) for name in sorted({*before.weeks, *now.weeks})},
    )


def _written(events: Events, day: int) -> Events:
    kept = ~matching(events.codes, _NOT_COUNTED)
    return events.where(kept[events.code] & visible(events.known_day, events.superseded_day, day))


def _of(stretch: _Stretch, name: str) -> DistrictWriting:
    nothing = drift.late_shares(np.empty(0, np.int32))
    return DistrictWriting(stretch.events.get(name, 0.0), stretch.weeks.get(name, 0.0), stretch.late.get(name, nothing))


def _by_concern(codes: Mapping[str, int]) -> dict[str, int]:
    names: Sequence[str] = concern_names(packaged_lexicon())
    found = {name: codes.get(f"sign:{name}", 0) + codes.get(f"mention:{name}", 0) for name in names}
    return {name: count for name, count in found.items() if count}


def _paired(before: Mapping[str, int], now: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    return {name: (before.get(name, 0), now.get(name, 0)) for name in sorted({*before, *now})}
