"""Admissions that better care at home might have spared, as far as the record's own diagnoses tell.

Hospital notifications carry no diagnosis. Where a municipality writes the discharge letter's diagnosis into its record,
it stands there as a condition soon after the stay; then an admission counts as preventable when a diagnosis of the
Danish list of preventable stays is recorded in the sixty days from the list's date on. Where nobody does, nothing is
told, and nothing is guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.snapshot import Snapshot
from models.windows import visible
from training.evaluation.capacity import WeeklyOrder
from training.evaluation.evaluate import capacities_of
from training.evaluation.resampling import Draws, Interval
from training.matrix.rows import Rows
from training.settings import EvaluationSettings

DIAGNOSES: Mapping[str, tuple[str, ...]] = {
    # The groups are those of field 3.4 (eSundhed); which ICD-10 categories stand for a group is our reading of it.
    "dehydration": ("E86",),
    "constipation": ("K59",),
    "lower airway": ("J12", "J13", "J14", "J15", "J16", "J17", "J18", "J20", "J22", "J44"),
    "bladder infection": ("N30", "N390"),
    "gastroenteritis": ("A02", "A04", "A05", "A08", "A09", "K52"),
    "fracture": ("S02", "S12", "S22", "S32", "S42", "S52", "S62", "S72", "S82", "S92"),
    "nutritional anaemia": ("D50", "D51", "D52", "D53"),
    "social reasons": ("Z59", "Z60", "Z63", "Z74"),
    "pressure ulcer": ("L89",),
}
RECORDED_WITHIN_DAYS = 60


@dataclass(frozen=True, slots=True)
class Preventable:
    """Rows followed by a preventable admission, and the share of them on the list, by the capacity's key."""

    rows: int
    recall: Mapping[str, Interval]


def patterns() -> tuple[str, ...]:
    """The event codes of the diagnoses, with SKS' leading D and without."""
    codes = [code for group in DIAGNOSES.values() for code in group]
    return tuple(f"condition:diag:{letter}{code}*" for code in codes for letter in ("D", ""))


def preventable_rows(snapshot: Snapshot, rows: Rows, known_before: int) -> NDArray[np.bool_]:
    """Which rows, shape (n,), are followed by an admission with a diagnosis of the list, known before the day."""
    found = np.zeros(len(rows), dtype=np.bool_)
    wanted = patterns()
    admitted = np.flatnonzero(rows.outcome == 1)
    for bucket, places in snapshot.by_bucket(rows.citizen[admitted]):
        mine = admitted[places]
        events = snapshot.standing(bucket, wanted)
        events = events.where(visible(events.known_day, events.superseded_day, known_before))
        for at in mine:
            day = events.day[events.citizen == rows.citizen[at]] - int(rows.as_of[at])
            found[at] = bool(np.any((day >= 0) & (day < RECORDED_WITHIN_DAYS)))
    return found


def preventable(
    snapshot: Snapshot,
    log_odds: NDArray[np.float64],
    rows: Rows,
    known_before: int,
    settings: EvaluationSettings,
    seed: int,
) -> Preventable | None:
    """How many of them the lists hold, for log-odds, shape (n,); nothing where the record tells of none."""
    which = preventable_rows(snapshot, rows, known_before)
    if not which.any():
        return None
    weekly = WeeklyOrder.of(rows.as_of, log_odds, which.astype(np.int8))
    lists = capacities_of(settings)

    def recalls(weight: NDArray[np.float64]) -> dict[str, float]:
        cuts = weekly.weighed(weight)
        return {capacity.key: cuts.cut(capacity).recall for capacity in lists}

    return Preventable(int(which.sum()), Draws.of(rows.citizen, settings.resamples, seed).together(recalls))
