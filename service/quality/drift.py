"""Drift of an installation: has what is written down moved away from what the champion learnt from?

Compared are the rows of a date with those of the last quarter the champion learnt from (feature by feature, told by
feature group), how often each code and each concern is written, how much and how late each district writes, and the
scores. Alarms are raised and cleared slowly (`models.alarms`); their states lie in a file under `OMHU_HOME`. Nobody's
row is in any of it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from models import alarms, drift
from models.alarms import Limits, State
from models.cohort import Status
from models.engines.local import Matrix, matrix
from models.errors import RequestWrong
from models.features.catalogue import CATALOGUE
from models.snapshot import Snapshot
from models.windows import day_number, local_time
from service.quality.writing import Writing, writing
from service.registry import LoadedModel

WEEKS_BEFORE, WEEKS_NOW = 12, 4
"""Weeks of writing compared: those before what the champion last learnt from, and those before the date."""
REFERENCE_DATES = 4
PSI = Limits(low=0.10, high=0.25)
"""The usual borders: below a tenth nothing has changed, above a quarter much has."""
RATE = Limits(low=0.41, high=0.69)
"""Logarithms: a rate half again as much or as little is quiet, one twice or half is not."""
_MUCH = 6.0
"""Standard deviations a change of a rate must be apart, beside being great, to count at all."""
_NOT_COMPARED = frozenset({"season"})
"""The time of year moves by itself."""
_STATES: TypeAdapter[dict[str, State]] = TypeAdapter(dict[str, State])


@dataclass(frozen=True, slots=True)
class GroupDrift:
    """A feature group: its features, the share of them that moved, and the one that moved most, with both measures."""

    group: str
    features: int
    moved: float
    worst: str
    psi: float
    ks: float


@dataclass(frozen=True, slots=True)
class CodeDrift:
    """How often a code or a concern is written now, as a multiple of before, and how far that is from chance."""

    name: str
    before: int
    now: int
    ratio: float
    z: float


@dataclass(frozen=True, slots=True)
class DistrictDrift:
    """How much a district writes a citizen and week, before and now, and how its lateness moved."""

    district: str
    before: float
    now: float
    late_before: float
    late_now: float
    late_psi: float


@dataclass(frozen=True, slots=True)
class Scores:
    """How the scores moved: both measures, and the mean probability before and now."""

    psi: float
    ks: float
    before: float
    now: float


@dataclass(frozen=True, slots=True)
class Drift:
    """All of a date. `by_chance` is the index chance alone exceeds once in a thousand, for so many citizens."""

    as_of: date
    reference: tuple[date, ...]
    model_version: str
    citizens: int
    by_chance: float
    groups: tuple[GroupDrift, ...]
    codes: tuple[CodeDrift, ...]
    concerns: tuple[CodeDrift, ...]
    districts: tuple[DistrictDrift, ...]
    scores: Scores
    alarms: tuple[str, ...] = ()

    def text(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False, default=str) + "\n"


def measure(snapshot: Snapshot, loaded: LoadedModel, as_of: date) -> Drift:
    """The drift of a date. Raises `RequestWrong` where there is nothing before it, or nobody on it, to compare."""
    reference = reference_dates(loaded, as_of)
    rows = matrix(snapshot, [day_number(day) for day in (*reference, as_of)])
    rows = rows.rows(rows.status == Status.RANKED)
    now, before = (rows.rows(mask) for mask in _sides(rows, day_number(as_of)))
    if not len(now) or not len(before):
        raise RequestWrong(
            f"Nobody was ranked on {as_of}, or on the dates before that it is compared with.",
            "Give a date with home care on it, of a snapshot that reaches back to what the champion learnt from.",
        )
    found = drift.columns(before.values, now.values)
    by_chance = drift.psi_by_chance(len(before) // len(reference), len(now))
    written = writing(snapshot, reference[-1], as_of, WEEKS_BEFORE, WEEKS_NOW)
    return Drift(
        as_of=as_of,
        reference=reference,
        model_version=loaded.version,
        citizens=len(now),
        by_chance=by_chance,
        groups=tuple(_groups(found, rows.names, by_chance)),
        codes=_codes(written.codes, written),
        concerns=_codes(written.concerns, written),
        districts=tuple(_districts(written)),
        scores=_scores(loaded, before, now),
    )


def reference_dates(loaded: LoadedModel, as_of: date) -> tuple[date, ...]:
    """The Mondays of a quarter, four weeks apart, that end with the last the champion learnt from, before the date."""
    latest = min(loaded.manifest.last_as_of, as_of - timedelta(weeks=WEEKS_NOW))
    monday = latest - timedelta(days=latest.weekday())
    return tuple(monday - timedelta(weeks=4 * back) for back in reversed(range(REFERENCE_DATES)))


def with_alarms(found: Drift, states: Path) -> Drift:
    """The drift with the alarms that are raised, after this measurement has been told to their states' file."""
    before = _read_states(states)
    after = alarms.steps(before, found.as_of, {**_group_levels(found), **_rate_levels(found), **_other_levels(found)})
    states.parent.mkdir(parents=True, exist_ok=True)
    draft = states.with_suffix(".draft")
    draft.write_bytes(_STATES.dump_json(after, indent=1))
    draft.replace(states)
    return replace(found, alarms=alarms.raised(after))


def _read_states(path: Path) -> dict[str, State]:
    """The alarms' states; none yet where there is no file, or one of another form: they are found anew in two weeks."""
    try:
        return _STATES.validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return {}


def _group_levels(found: Drift) -> dict[str, tuple[float, Limits]]:
    """A group's alarm goes by its feature that moved most, less what chance alone would show."""
    return {f"features:{group.group}": (group.psi - found.by_chance, PSI) for group in found.groups}


def _rate_levels(found: Drift) -> dict[str, tuple[float, Limits]]:
    return {
        f"{kind}:{each.name}": (abs(float(np.log(each.ratio))) if abs(each.z) > _MUCH else 0.0, RATE)
        for kind, changed in (("code", found.codes), ("concern", found.concerns))
        for each in changed
    }


def _other_levels(found: Drift) -> dict[str, tuple[float, Limits]]:
    levels: dict[str, tuple[float, Limits]] = {"scores": (found.scores.psi - found.by_chance, PSI)}
    for each in found.districts:
        volume = abs(float(np.log(max(each.now, 1e-6) / max(each.before, 1e-6))))
        levels |= {f"volume:{each.district}": (volume, RATE), f"lateness:{each.district}": (each.late_psi, PSI)}
    return levels


def _sides(rows: Matrix, day: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    return rows.as_of == day, rows.as_of != day


def _groups(found: drift.ColumnDrift, names: Sequence[str], by_chance: float) -> Iterable[GroupDrift]:
    group_of = np.array([CATALOGUE.feature(name).group for name in names])
    for group in dict.fromkeys(group_of.tolist()):
        if group not in _NOT_COMPARED:
            mine = np.flatnonzero(group_of == group)
            worst = int(mine[np.argmax(found.psi[mine])])
            moved = float((found.psi[mine] > PSI.high + by_chance).mean())
            yield GroupDrift(
                group, mine.size, moved, names[worst], float(found.psi[worst]), float(found.ks[mine].max())
            )


def _codes(counts: Mapping[str, tuple[int, int]], written: Writing) -> tuple[CodeDrift, ...]:
    before, now = (np.array([pair[side] for pair in counts.values()], dtype=np.float64) for side in (0, 1))
    change = drift.rates(before, now, written.citizen_weeks[0], written.citizen_weeks[1])
    found = [
        CodeDrift(name, *counts[name], float(ratio), float(z))
        for name, ratio, z in zip(counts, change.ratio, change.z, strict=True)
    ]
    return tuple(sorted(found, key=lambda each: (-abs(each.z), each.name)))


def _districts(written: Writing) -> Iterable[DistrictDrift]:
    for name, (before, now) in written.districts.items():
        late = [side.late / max(side.late.sum(), 1.0) for side in (before, now)]
        yield DistrictDrift(
            name,
            before.events / max(before.citizen_weeks, 1.0),
            now.events / max(now.citizen_weeks, 1.0),
            float(late[0][1:].sum()),
            float(late[1][1:].sum()),
            drift.psi_of_shares(before.late, now.late),
        )


def _scores(loaded: LoadedModel, before: Matrix, now: Matrix) -> Scores:
    said = [loaded.model.score(rows.values)[:, np.newaxis] for rows in (before, now)]
    found = drift.columns(said[0], said[1])
    return Scores(float(found.psi[0]), float(found.ks[0]), float(said[0].mean()), float(said[1].mean()))


def default_date(snapshot: Snapshot) -> date:
    """The last Monday the snapshot has something before."""
    known = local_time(snapshot.known_until).date() + timedelta(days=1)
    return known - timedelta(days=known.weekday())
