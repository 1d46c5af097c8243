"""How much of what there is gets used: which rows are learnt from, chosen on and measured on.

Weekly rows overlap, so beyond a bound every second to fourth week is left: rows a month apart share no outcome. Beyond
that a sample of the citizens is drawn, the same for all weeks. So time and memory stop growing with the municipality;
what was left out is counted and told.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from models.snapshot import Snapshot
from training.matrix.data import Span, featured, labelled, sampled, thinned
from training.matrix.rows import Rows
from training.settings import Settings
from training.stages import Stage

SLICES = ("learnt from", "calibrated on", "measured on")


def everyone(snapshot: Snapshot, covered: Span, settings: Settings, stage: Stage) -> Rows:
    """All labelled rows; with their features where they are so few that all are used anyhow."""
    step = stage("Finding the rows", snapshot.manifest.buckets)
    found = labelled(snapshot, covered, settings.data, lambda _: step())
    return found if len(found) > settings.data.most_rows else with_features(snapshot, (found,), stage)[0]


def with_features(snapshot: Snapshot, parts: Sequence[Rows], stage: Stage) -> tuple[Rows, ...]:
    """The parts with their features, computed now unless they have them."""
    if all(part.names for part in parts):
        return tuple(parts)
    step = stage("Building the rows", snapshot.manifest.buckets)
    return featured(snapshot, parts, lambda _: step())


def to_learn(rows: Rows, settings: Settings) -> Rows:
    """Of the rows those to be learnt from; of those without an admission only the share asked for."""
    bounds = settings.data
    found = sampled(thinned(rows, bounds.most_rows), bounds.most_learnt, settings.seed)
    if bounds.negatives == 1.0:
        return found
    drawn = np.random.default_rng(settings.seed).random(len(found)) < bounds.negatives
    return found.where(drawn | (found.outcome == 1))


def to_measure(rows: Rows, settings: Settings) -> Rows:
    """Of the rows those on which something is chosen or measured: whole weekly lists as long as can be."""
    most = settings.data.most_measured
    return sampled(thinned(rows, most), most, settings.seed)


def slices_of(there: Sequence[Rows], settings: Settings) -> tuple[Rows, Rows, Rows]:
    """Of the rows of the three slices those that are used."""
    train, calibration, test = there
    return to_learn(train, settings), to_measure(calibration, settings), to_measure(test, settings)


def told(there: Sequence[Rows], used: Sequence[Rows]) -> Mapping[str, tuple[int, int]]:
    """How many rows of each slice are used, and how many there are."""
    return {name: (len(some), len(every)) for name, some, every in zip(SLICES, used, there, strict=True)}
