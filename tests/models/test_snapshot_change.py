"""Changing a snapshot: one at a time, and who opened it before reads to the end."""

import os
import subprocess
import sys
import threading
from pathlib import Path

from models import folder_lock
from models.snapshot import Manifest, Partition, Snapshot
from models.snapshot_change import READABLE_SECONDS, SnapshotChange, remove_unnamed
from tests.models.happenings import as_table, happenings
from tests.models.stored import snapshot_of

FEBRUARY = happenings("""
    citizen | code          | occurred_at      | recorded_at
    1       | visit:nursing | 2025-02-01 08:00 | 2025-02-01 09:00
    1       | visit:night   | 2025-02-02 01:00 | 2025-02-02 08:00
""")
PARTITION = Partition("stream", "2025-02", 0)


def renewed(before: Snapshot, first: int, *, at_once: bool = False) -> Snapshot:
    """The snapshot with the events from one of them on in place of all."""
    change = SnapshotChange(before.folder, before.manifest, at_once=at_once)
    change.put(PARTITION, as_table(FEBRUARY[first:]))
    return change.commit()


def on_disk(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet")}


def named(*snapshots: Snapshot) -> set[str]:
    return {file.path for snapshot in snapshots for file in snapshot.manifest.files}


def aged(snapshot: Snapshot) -> None:
    """Have the snapshot's files as old as if nobody could be reading them any more."""
    for path in named(snapshot):
        moment = (snapshot.folder / path).stat().st_mtime - READABLE_SECONDS - 60
        os.utime(snapshot.folder / path, (moment, moment))


def test_who_opened_a_snapshot_before_it_was_renewed_reads_to_its_end(tmp_path: Path) -> None:
    before = snapshot_of(FEBRUARY, tmp_path, buckets=1)
    aged(before)  # written long ago, and no longer named only now
    after = renewed(before, 1)
    renewed(after, 1)
    assert len(before.read(0)) == 2
    assert len(Snapshot.open(tmp_path).read(0)) == 1


def test_who_opened_a_snapshot_before_it_was_made_anew_reads_to_its_end(tmp_path: Path) -> None:
    before = snapshot_of(FEBRUARY, tmp_path, buckets=1)
    aged(before)
    SnapshotChange(tmp_path, Manifest(buckets=1)).commit()
    assert len(before.read(0)) == 2


def test_what_was_replaced_long_ago_goes_with_the_next_change(tmp_path: Path) -> None:
    before = snapshot_of(FEBRUARY, tmp_path, buckets=1)
    after = renewed(before, 1)
    aged(before)
    assert on_disk(tmp_path) == named(before, after)
    after.folder.joinpath(PARTITION.folder, "draft-1.parquet").write_bytes(b"half a file")
    last = renewed(after, 2)
    assert last.manifest.files == ()
    assert on_disk(tmp_path) == named(after)


def test_what_has_to_go_at_once_goes_with_all_that_was_replaced_before(tmp_path: Path) -> None:
    after = renewed(snapshot_of(FEBRUARY, tmp_path, buckets=1), 1)
    last = renewed(after, 2, at_once=True)
    assert last.manifest.files == ()
    assert not on_disk(tmp_path)


def test_what_a_first_change_left_that_was_cut_off_can_be_removed(tmp_path: Path) -> None:
    SnapshotChange(tmp_path, Manifest(buckets=1)).put(PARTITION, as_table(FEBRUARY))
    assert on_disk(tmp_path)
    remove_unnamed(tmp_path)
    assert not on_disk(tmp_path)


def test_a_file_somebody_removed_by_hand_does_not_stand_in_a_change_s_way(tmp_path: Path) -> None:
    before = snapshot_of(FEBRUARY, tmp_path, buckets=1)
    (tmp_path / before.manifest.files[0].path).unlink()
    assert len(renewed(before, 1).read(0)) == 1


HOLDS = """
import pathlib, sys, time
from models import folder_lock
with folder_lock.held(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_the_lock_keeps_other_processes_waiting_until_its_holder_is_killed(tmp_path: Path) -> None:
    folder, has_it = tmp_path / "home" / "snapshot", threading.Event()

    def take() -> None:
        with folder_lock.held(folder):
            has_it.set()

    with subprocess.Popen([sys.executable, "-c", HOLDS, str(folder)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        waiting = threading.Thread(target=take)
        waiting.start()
        assert not has_it.wait(0.3)
        holder.kill()
        assert has_it.wait(10)
    waiting.join()
    assert not folder.exists()
