"""Who changes the snapshot while another does, and what becomes of a snapshot made by other rules."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from models import thinning
from models.snapshot import Manifest, Snapshot
from models.snapshot_change import SnapshotChange
from service.citizens import objections
from service.citizens.erasing import erase
from service.snapshots import bring_up_to_date
from service.storage.database import Database
from tests.drops import RECEIVED, citizen, load_rows, observation, visit

NOW = datetime(2025, 3, 2, tzinfo=UTC)


def loaded(database: Database, folder: Path) -> None:
    """Two citizens with a visit each."""
    load_rows(
        database,
        folder / "drop",
        citizens=[citizen("A1"), citizen("A2")],
        visits=[visit("v1"), visit("v2", citizen_id="A2")],
    )


def on_disk(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet")}


def named(snapshot: Snapshot) -> set[str]:
    return {file.path for file in snapshot.manifest.files}


def citizens(snapshot: Snapshot) -> set[int]:
    return {c for file in snapshot.manifest.files for c in snapshot.table(file)["citizen"].to_pylist()}


@contextmanager
def midway(database: Database, folder: Path) -> Generator[None]:
    """While a build of the snapshot has read the store and written half of its files; it then goes on to its end."""
    halfway, go_on = threading.Event(), threading.Event()

    def told(part: str) -> None:
        if part == "standing facts":
            halfway.set()
            go_on.wait(30)

    build = threading.Thread(target=lambda: bring_up_to_date(database, folder, progress=told))
    build.start()
    assert halfway.wait(30)
    try:
        yield
    finally:
        go_on.set()
        build.join()


def begun(do: Callable[[], object]) -> threading.Thread:
    """It, in a thread of its own, given time to end if nothing stops it."""
    thread = threading.Thread(target=do)
    thread.start()
    thread.join(0.5)
    return thread


@pytest.mark.parametrize("is_first", [True, False])
def test_who_is_erased_during_a_build_is_in_none_of_its_files(
    database: Database, tmp_path: Path, is_first: bool
) -> None:
    folder = tmp_path / "snapshot"
    loaded(database, tmp_path)
    if not is_first:
        bring_up_to_date(database, folder)
        load_rows(database, tmp_path / "drop", "live", RECEIVED + 1, visits=[visit("v3")])
    with midway(database, folder):
        erasing = begun(lambda: erase(database, folder, "A1"))
    erasing.join()
    after = Snapshot.open(folder)
    assert citizens(after) == {2}
    assert on_disk(folder) == named(after)
    assert after.hash == bring_up_to_date(database, tmp_path / "again").hash


def test_an_objection_during_a_build_stands(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "snapshot"
    loaded(database, tmp_path)
    bring_up_to_date(database, folder)
    load_rows(database, tmp_path / "drop", "live", RECEIVED + 1, visits=[visit("v3")])
    with midway(database, folder):
        objecting = begun(
            lambda: objections.register(database, folder, "A1", date(2025, 3, 2), "by letter", "local:me", NOW)
        )
    objecting.join()
    after = Snapshot.open(folder).manifest
    assert after.objected == (1,)
    assert bring_up_to_date(database, folder).manifest == after


def test_a_build_that_waited_for_another_takes_what_came_meanwhile(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "snapshot"
    loaded(database, tmp_path)
    made: list[Snapshot] = []
    with midway(database, folder):
        second = begun(lambda: made.append(bring_up_to_date(database, folder)))
        load_rows(database, tmp_path / "drop", "live", RECEIVED + 1, visits=[visit("v3")])
    second.join()
    assert made == [Snapshot.open(folder)]
    assert made[0].hash == bring_up_to_date(database, tmp_path / "again").hash


def test_who_opened_the_snapshot_before_a_renewal_reads_to_its_end_unless_somebody_was_erased(
    database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "snapshot"
    loaded(database, tmp_path)
    before = bring_up_to_date(database, folder)
    load_rows(database, tmp_path / "drop", "live", RECEIVED + 1, visits=[visit("v1", kind="acute")])
    after = bring_up_to_date(database, folder)
    assert named(before) - named(after)
    assert citizens(before) == {1, 2}
    erase(database, folder, "A1")
    assert on_disk(folder) == named(Snapshot.open(folder))


def test_what_a_first_build_left_that_was_killed_goes_with_who_is_erased(database: Database, tmp_path: Path) -> None:
    loaded(database, tmp_path)
    made = bring_up_to_date(database, tmp_path / "snapshot")
    (made.folder / "manifest.json").unlink()
    erase(database, made.folder, "A1")
    assert not on_disk(made.folder)


def test_a_snapshot_of_other_rules_is_made_again_as_a_whole(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_rows(
        database,
        tmp_path / "drop",
        observations=[observation("o1", "sensor:bed_exit", value=1.0, observed_at="2025-01-10T06:30:00Z")],
    )
    before = bring_up_to_date(database, tmp_path / "snapshot")
    monkeypatch.setattr(thinning, "NIGHT_ENDS", thinning.NIGHT_ENDS.replace(hour=8))
    after = bring_up_to_date(database, tmp_path / "snapshot")
    assert after.hash != before.hash
    assert after.manifest.files == bring_up_to_date(database, tmp_path / "again").manifest.files


def test_a_snapshot_that_does_not_tell_its_rules_is_made_again_once_and_is_the_same(
    database: Database, tmp_path: Path
) -> None:
    loaded(database, tmp_path)
    folder = tmp_path / "snapshot"
    made = bring_up_to_date(database, folder)
    untold = Manifest.model_validate(made.manifest.model_dump(exclude={"rules"}))
    SnapshotChange(folder, untold).commit()
    parts: list[str] = []
    again = bring_up_to_date(database, folder, progress=parts.append)
    assert "stream" in parts
    assert (again.manifest, again.hash) == (made.manifest, made.hash)
    parts.clear()
    bring_up_to_date(database, folder, progress=parts.append)
    assert "stream" not in parts
