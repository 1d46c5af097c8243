"""`omhu watch`, as a nightly transfer meets it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from models.errors import NotFound, RequestWrong, SystemWrong
from service.cli import build
from service.intake.inbox import Inbox
from service.intake.report import LoadReport
from service.intake.watching import Taken, Watcher
from service.storage import audit
from service.storage.database import Database
from service.storage.tables import FACTS
from tests.drops import citizen, load, visit, write_drop

Take = Callable[..., dict[str, Taken]]
OMHU = Path(sys.executable).with_name("omhu")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """The watched folder."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def database(sqlite_url: str) -> Database:
    """An empty store in SQLite."""
    return Database.open(sqlite_url)


@pytest.fixture
def take(inbox: Path, database: Database) -> Take:
    """Takes what is complete, once; gives what became of each."""

    def taken(quiet: float = 300, loader: Callable[[Path], LoadReport] | None = None) -> dict[str, Taken]:
        watcher = Watcher(Inbox(inbox, quiet), loader or (lambda path: load(database, path)), database.require_migrated)
        with watcher.inbox.watched():
            return {one.name: one for one in watcher.take_all(lambda: False)}

    return taken


def drop(folder: Path, number: int = 1, *, done: bool = True) -> Path:
    """A drop of a citizen and a visit."""
    write_drop(folder, citizens=[citizen("A1")], visits=[visit(f"v{number}")])
    if done:
        (folder / "_DONE").touch()
    return folder


def visits(database: Database) -> int:
    """How many versions of visits are stored."""
    with database.read() as session:
        return session.execute(select(func.count()).select_from(FACTS["visits"])).scalar_one()


def names(folder: Path) -> set[str]:
    """What lies in a folder, hidden files aside."""
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")}


def test_a_marked_drop_is_loaded_and_moved_with_its_report(inbox: Path, database: Database, take: Take) -> None:
    drop(inbox / "monday")
    drop(inbox / "tuesday", 2, done=False)
    assert take()["monday"].outcome == "done"
    assert visits(database) == 1
    assert names(inbox) == {"tuesday", "done", "failed"}
    assert names(inbox / "done") == {"monday", "monday.report.json"}
    report = json.loads((inbox / "done" / "monday.report.json").read_text())
    assert report["tables"]["visits"]["new"] == 1


def test_a_drop_without_a_mark_is_taken_when_it_has_been_quiet(inbox: Path, take: Take) -> None:
    drop(inbox / "monday", done=False)
    assert take(quiet=60) == {}
    old = time.time() - 90
    for path in (*(inbox / "monday").iterdir(), inbox / "monday"):
        os.utime(path, (old, old))
    os.utime(inbox / "monday" / "visits.parquet", (time.time() + 9999, time.time() + 9999))
    assert take(quiet=60) == {}, "a time to come is no quiet"
    os.utime(inbox / "monday" / "visits.parquet", (old, old))
    assert take(quiet=60)["monday"].outcome == "done"


def test_files_of_every_kind_are_taken_by_a_mark_of_their_own_or_one_for_all(
    inbox: Path, database: Database, take: Take
) -> None:
    made = drop(inbox.parent / "made")
    with ZipFile(inbox / "night.zip", "w") as archive:
        archive.write(made / "visits.parquet", "visits.parquet")
    (made / "citizens.parquet").rename(inbox / "citizens.parquet")
    (inbox / "citizens.parquet_DONE").touch()
    (inbox / "patients.ndjson.filepart").write_text("{")
    assert set(take()) == {"citizens.parquet"}
    (inbox / "_DONE").touch()
    assert set(take()) == {"night.zip"}
    assert visits(database) == 1
    assert names(inbox) == {"done", "failed", "patients.ndjson.filepart"}


def test_what_is_refused_goes_to_failed_with_the_reason_and_the_next_is_taken(inbox: Path, take: Take) -> None:
    write_drop(inbox / "a", visits=[{"visit_id": "v1"}])
    (inbox / "b.zip").write_bytes(b"no zip")
    (inbox / "c.txt").write_text("hello")
    drop(inbox / "d")
    told = take(quiet=0)
    assert {name: one.outcome for name, one in told.items()} == {
        "a": "failed",
        "b.zip": "failed",
        "c.txt": "failed",
        "d": "done",
    }
    assert "required column missing" in (inbox / "failed" / "a.report.json").read_text()
    assert "cannot be read" in json.loads((inbox / "failed" / "b.zip.report.json").read_text())["problem"]


def test_nothing_in_done_is_overwritten(inbox: Path, take: Take) -> None:
    for number in range(3):
        drop(inbox / "drop", number)
        (inbox / "drop" / "which.txt").write_text(str(number))
        take()
    kept = {path.name: (path / "which.txt").read_text() for path in (inbox / "done").iterdir() if path.is_dir()}
    assert kept == {"drop": "0", "drop.2": "1", "drop.3": "2"}
    assert (inbox / "done" / "drop.3.report.json").is_file()


def test_links_are_not_followed(inbox: Path, database: Database, take: Take) -> None:
    elsewhere = drop(inbox.parent / "elsewhere")
    (inbox / "whole").symlink_to(elsewhere)
    drop(inbox / "inside", 2)
    (inbox / "inside" / "notes.parquet").symlink_to(elsewhere / "visits.parquet")
    os.mkfifo(drop(inbox / "pipe", 3) / "services.csv")
    told = take(quiet=0)
    assert {name: one.outcome for name, one in told.items()} == {"inside": "failed", "pipe": "failed"}
    assert visits(database) == 0
    assert (inbox / "whole").is_symlink()
    assert names(elsewhere) == {"citizens.parquet", "visits.parquet", "_DONE"}
    (inbox / "done").rmdir()
    (inbox / "done").symlink_to(elsewhere)
    with pytest.raises(RequestWrong, match="is a link"):
        take()


def test_a_drop_that_changes_while_it_is_loaded_is_taken_again(inbox: Path, database: Database, take: Take) -> None:
    monday = drop(inbox / "monday")

    def slow(path: Path) -> LoadReport:
        report = load(database, path)
        write_drop(monday, citizens=[citizen("A1"), citizen("A2")])
        return report

    assert take(loader=slow)["monday"].outcome == "changed"
    assert names(inbox / "done") == set()
    assert take()["monday"].outcome == "done"


def test_a_store_that_is_away_leaves_drops_where_they_are(inbox: Path, take: Take) -> None:
    drop(inbox / "monday")

    def away(_: Path) -> LoadReport:
        raise SystemWrong("The store cannot be reached.")

    with pytest.raises(SystemWrong):
        take(loader=away)
    assert "monday" in names(inbox)


def test_a_fault_of_ours_does_not_keep_the_next_drop_waiting(inbox: Path, database: Database, take: Take) -> None:
    drop(inbox / "a")
    drop(inbox / "b", 2)

    def faulty(path: Path) -> LoadReport:
        if path.name == "a":
            raise ZeroDivisionError
        return load(database, path)

    assert {name: one.outcome for name, one in take(loader=faulty).items()} == {"a": "failed", "b": "done"}


def test_only_one_watches_a_folder(inbox: Path) -> None:
    one = Inbox(inbox, 0)
    with one.watched(), pytest.raises(RequestWrong, match="watched by another"), Inbox(inbox, 0).watched():
        pass


def test_the_command_takes_drops_until_it_is_told_to_stop(inbox: Path, tmp_path: Path) -> None:
    surroundings = {"OMHU_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin"}
    drop(inbox / "first")
    command = [OMHU, "watch", str(inbox), "--quiet", "600"]
    done = subprocess.run(
        [*command, "--once"], env=surroundings, capture_output=True, text=True, check=False, timeout=90
    )
    assert (done.returncode, done.stdout) == (0, "first: load 1: loaded, done/first\n"), done.stderr

    write_drop(inbox / "bad", visits=[{"visit_id": "v1"}])
    (inbox / "bad" / "_DONE").touch()
    with subprocess.Popen([*command, "--every", "0.2"], env=surroundings, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "1 files refused, failed/bad" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_rejects_are_told_at_the_command_line(
    tmp_path: Path, sqlite_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMHU_HOME", str(tmp_path))
    monkeypatch.setenv("OMHU_DATABASE_URL", sqlite_url)
    load(database, write_drop(tmp_path / "drop", visits=[visit("v1"), visit("v2", status="lost")]))

    def omhu(*arguments: object) -> str:
        return CliRunner().invoke(build(), [str(argument) for argument in arguments]).output

    assert omhu("rejects", 1).splitlines() == ["visits.parquet:2: status: not_one_of", "1 rows set aside."]
    assert "1 rows set aside." in omhu("rejects", 1, "--out", tmp_path / "aside.ndjson")
    kept = json.loads((tmp_path / "aside.ndjson").read_text())
    assert (kept["line"], kept["row"]["visit_id"]) == (2, "v2")
    assert isinstance(CliRunner().invoke(build(), ["rejects", "9"]).exception, NotFound)
    assert "loaded" in omhu("loads")
    with database.read() as session:
        assert [one.look.action for one in audit.records(session)] == ["load.rejects"]
