"""Snapshots for tests: events written as the service would write them, in any number of changes and buckets."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from models.snapshot import Manifest, Snapshot
from models.snapshot_change import SnapshotChange, partitioned
from tests.models.happenings import Happening, as_table

STANDING = ("citizen:", "sex:", "district:", "team:", "condition", "granted", "monitoring", "stay:", "review:")


def is_standing(happening: Happening) -> bool:
    """Whether the event is of a fact that holds until it changes."""
    return happening.code.startswith(STANDING)


def snapshot_of(
    found: Sequence[Happening],
    folder: Path,
    buckets: int = 8,
    *,
    standing: Callable[[Happening], bool] = is_standing,
    **fields: object,
) -> Snapshot:
    """A new snapshot of the events."""
    change = SnapshotChange(folder, Manifest(buckets=buckets))
    kinds: dict[Literal["standing", "stream"], list[Happening]] = {
        "standing": [each for each in found if standing(each)],
        "stream": [each for each in found if not standing(each)],
    }
    for kind, of_kind in kinds.items():
        for partition, events in partitioned(as_table(of_kind), kind, buckets).items():
            change.put(partition, events)
    return change.commit(**fields)
