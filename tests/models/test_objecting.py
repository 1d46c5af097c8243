"""Whoever objects is seen by nobody who computes, however the snapshot is read, and the data have another hash."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from models.snapshot import Manifest, Snapshot
from tests.models.happenings import happenings
from tests.models.stored import snapshot_of

THREE = """
    citizen | code               | occurred_at      | recorded_at      | value
    1       | citizen:care_start | 2020-01-01 00:00 | 2019-12-30 09:00 |
    1       | visit:nursing      | 2025-01-31 08:00 | 2025-01-31 23:59 | 20
    2       | citizen:care_start | 2020-01-01 00:00 | 2019-12-30 09:00 |
    3       | visit:night        | 2025-02-27 23:00 | 2025-02-28 08:00 | 10
"""


def seen(snapshot: Snapshot) -> tuple[set[int], set[int]]:
    """Who is met in the standing facts, and who in all events."""
    standing = {int(one) for bucket in range(2) for one in snapshot.standing(bucket).citizen}
    return standing, {int(one) for bucket in range(2) for one in snapshot.read(bucket).citizen}


def test_who_objects_is_in_no_reading_and_still_in_the_files(tmp_path: Path):
    whole = snapshot_of(happenings(THREE), tmp_path, 2)
    assert seen(whole) == ({1, 2}, {1, 2, 3})
    less = whole.leaving_out([1, 3, 1])
    assert seen(less) == ({2}, {2})
    assert less.manifest.objected == (1, 3)
    assert sum(less.table(file).num_rows for file in less.manifest.files) == 4
    assert seen(less.leaving_out([])) == seen(whole)


@given(st.sets(st.integers(1, 9)), st.sets(st.integers(1, 9)))
def test_the_hash_tells_who_was_left_out_whatever_the_order(some: set[int], others: set[int]):
    nothing = Snapshot(Path(), Manifest())
    hashes = [nothing.leaving_out(chosen).hash for chosen in (some, sorted(some, reverse=True), others)]
    assert hashes[0] == hashes[1]
    assert (hashes[0] == hashes[2]) == (some == others)
