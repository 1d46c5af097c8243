"""The command line of the data: init, load, snapshot, erase, as somebody at a terminal meets them."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.drops import SAMPLE_CSV, visit, write_drop

OMHU = Path(sys.executable).with_name("omhu")
Omhu = Callable[..., tuple[int, str, str]]


@pytest.fixture
def omhu(tmp_path: Path) -> Omhu:
    """Runs a command in a home of its own; gives exit code, output and errors."""

    def run(*arguments: object) -> tuple[int, str, str]:
        done = subprocess.run(
            [OMHU, *map(str, arguments)],
            env={"OMHU_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin", "COLUMNS": "120"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return done.returncode, done.stdout, done.stderr

    return run


def test_a_drop_goes_all_the_way_from_a_fresh_home(omhu: Omhu, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    code, shown, errors = omhu("load", SAMPLE_CSV, "--history", "--report", report)
    assert (code, errors.strip()) == (0, "")
    assert "visits" in shown
    assert json.loads(report.read_text())["tables"]["visits"]["new"] == 4150
    assert omhu("init")[0] == 0

    code, shown, _ = omhu("snapshot")
    assert code == 0
    assert "events in" in shown
    assert omhu("erase", "B04000003", "--yes")[0] == 0
    code, _, errors = omhu("erase", "B04000003", "--yes")
    assert code == 2
    assert "no citizen with that id" in errors
    assert "B04000003" not in errors


def test_a_refused_file_is_said_and_answered_with_2(omhu: Omhu, tmp_path: Path) -> None:
    drop = write_drop(tmp_path / "drop", visits=[{"visit_id": "v1"}])
    code, shown, _ = omhu("load", drop)
    assert code == 2
    assert "required column missing: citizen_id, recorded_at, started_at; found: visit_id" in shown


def test_rows_set_aside_are_no_failure(omhu: Omhu, tmp_path: Path) -> None:
    drop = write_drop(tmp_path / "drop", visits=[visit("v1", status="lost")])
    code, shown, _ = omhu("load", drop)
    assert code == 0
    assert "1 set aside: not_one_of" in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("load", "nowhere"), "There is no drop at nowhere."),
        (("snapshot",), "The store has not been set up"),
        (("erase", "A1"), "Erasing cannot be undone."),
    ],
)
def test_a_mistake_is_answered_without_a_traceback_unless_asked(
    omhu: Omhu, arguments: tuple[str, ...], words: str
) -> None:
    code, _, errors = omhu(*arguments)
    assert code != 0
    assert words in errors
    assert "Traceback" not in errors
    assert "Traceback" in omhu("--debug", *arguments)[2]
