"""What breaks beside the service: a bundle or a snapshot that is damaged, a disk that is full."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from models.home import Home
from models.scoring import champion
from models.scoring.bundle import BundleRefused
from service.operation.worker import Worker
from service.registry import load_copy
from service.storage import lists
from service.storage.database import Database
from service.storage.runs import State
from service.storage.tables import FACTS
from service.weekly.making import find_or_make
from tests.children import omhu
from tests.service.conftest import settings_of
from tests.service.terminal import OmhuAt
from tests.service.tiny_town import FIRST, NOW, SECOND, TinyTown, quiet


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def changed(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)


@pytest.mark.parametrize("damage", [cut_short, changed])
def test_a_damaged_bundle_is_refused_in_words_and_the_stored_list_stays(
    tiny_town: TinyTown, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    town = tiny_town.copied(tmp_path / "home")
    installed = champion.read(town.home.bundles)
    assert installed is not None
    largest = max(
        (file for file in installed.folder(town.home.bundles).iterdir() if file.name != "manifest.json"),
        key=lambda one: one.stat().st_size,
    )
    damage(largest)
    with pytest.raises(BundleRefused) as told:
        load_copy(Home.of({"OMHU_HOME": str(town.folder)}))
    assert told.value.remedy


@pytest.mark.parametrize("damage", [cut_short, changed])
def test_a_damaged_snapshot_is_refused_in_words_and_a_rebuild_mends_it(
    tiny_town: TinyTown, tmp_path: Path, omhu_at: OmhuAt, damage: Callable[[Path], None]
) -> None:
    town = tiny_town.copied(tmp_path / "home")
    kept = ("list", "--as-of", FIRST, "--format", "csv")
    code, before, _ = omhu_at(town.folder, *kept)
    assert code == 0
    file = max(town.home.snapshot.glob("stream/*/*/*.parquet"), key=lambda one: one.stat().st_size)
    damage(file)
    code, shown, told = omhu_at(town.folder, "list", "--as-of", SECOND, "--format", "csv")
    assert (code, shown) == (1, "")
    assert file.relative_to(town.home.snapshot).as_posix() in told
    assert "omhu snapshot --rebuild" in told
    assert omhu_at(town.folder, *kept)[:2] == (0, before)
    assert omhu_at(town.folder, "snapshot", "--rebuild")[0] == 0
    assert omhu_at(town.folder, "list", "--as-of", SECOND, "--format", "csv")[0] == 0


def test_the_worker_with_a_damaged_snapshot_says_so_and_leaves_the_last_list(
    tiny_town: TinyTown, tmp_path: Path
) -> None:
    town = tiny_town.copied(tmp_path / "home")
    with Database.open(town.home.database_url) as database:
        head = find_or_make(database, town.snapshot, town.model, FIRST, NOW, quiet).head
        changed(max(town.home.snapshot.glob("stream/*/*/*.parquet"), key=lambda one: one.stat().st_size))
        worker = Worker(settings_of(town.folder), database, lambda: NOW, "one")
        ended = {job.name: (state, told) for job, state, told in worker.once()}
        with database.read() as session:
            latest = lists.latest_list(session, SECOND)
    assert ended["list"][0] is State.FAILED
    assert "is damaged. Run `omhu snapshot --rebuild`" in ended["list"][1]
    assert latest == head


def test_a_full_disk_refuses_a_load_in_words_and_keeps_nothing_of_it(
    tiny_town: TinyTown, migrated_file: Path, tmp_path: Path
) -> None:
    shutil.copy(migrated_file, tmp_path / "omhu.db")
    most = (tmp_path / "omhu.db").stat().st_size + 400_000
    full = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}));"
    )
    done = omhu(tmp_path, "load", str(tiny_town.drop), "--history", before=full)
    assert done.returncode not in {0, 2}, done.stdout[-500:]
    assert "Traceback" not in done.stderr, done.stderr[-1500:]
    assert "Is it full?" in done.stderr
    with Database.open(f"sqlite:///{tmp_path / 'omhu.db'}") as database:
        database.require_migrated()
    again = omhu(tmp_path, "load", str(tiny_town.drop), "--history")
    assert again.returncode == 0, again.stderr[-500:]
    with Database.open(f"sqlite:///{tmp_path / 'omhu.db'}") as database, database.read() as session:
        count = len(session.execute(FACTS["visits"].select()).all())
    with Database.open(tiny_town.home.database_url) as database, database.read() as session:
        assert count == len(session.execute(FACTS["visits"].select()).all())
