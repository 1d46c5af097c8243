"""A demonstration stopped by Ctrl-C in the middle of a step leaves nothing broken, and goes on from that step."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from service.storage.database import Database

# Whoever runs the tests in the background ignores Ctrl-C, and what is started inherits that; a terminal does not.
LISTENING = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from service.cli import main; main()"
)
PATIENCE = 120.0
"""Seconds to wait for a step on a busy machine before the test is given up."""


def begun(folder: Path) -> "subprocess.Popen[str]":
    """A demonstration in a process group of its own, as a terminal has it: Ctrl-C reaches every process of it."""
    with (folder / "log").open("a", encoding="utf-8") as log:
        return subprocess.Popen(
            [sys.executable, "-c", LISTENING, "demo", "--citizens", "300", "--port", "1"],
            env={**os.environ, "OMHU_HOME": str(folder / "home"), "COLUMNS": "200"},
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )


def until(found: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    end = time.monotonic() + PATIENCE
    while not found():
        assert process.poll() is None, "the demonstration ended by itself"
        assert time.monotonic() < end, "the step never began"
        time.sleep(0.02)


def interrupt(process: "subprocess.Popen[str]") -> int:
    os.killpg(process.pid, signal.SIGINT)
    try:
        return process.wait(PATIENCE)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def done(folder: Path) -> int:
    path = folder / "home" / "demo.json"
    return int(json.loads(path.read_text(encoding="utf-8"))["done"]) if path.exists() else 0


def has_tables(database: Path) -> bool:
    """Whether the load is under way: the first table's file has been written to the store."""
    return database.exists() and database.stat().st_size > 2_000_000


def test_a_demonstration_stopped_in_a_step_goes_on_from_it(tmp_path: Path) -> None:
    store = tmp_path / "home" / "omhu.db-wal"
    first = begun(tmp_path)
    until(lambda: done(tmp_path) == 2 and has_tables(store), first)
    assert interrupt(first) == 130
    told = (tmp_path / "log").read_text(encoding="utf-8")
    assert "Traceback" not in told
    assert "\n3/" in told
    assert done(tmp_path) == 2

    (tmp_path / "log").unlink()
    second = begun(tmp_path)
    until((tmp_path / "home" / "snapshot").exists, second)
    assert interrupt(second) == 130
    told = (tmp_path / "log").read_text(encoding="utf-8")
    assert "Traceback" not in told
    assert "\n2/" not in told
    with Database.open(f"sqlite:///{tmp_path}/home/omhu.db") as database, database.read() as session:
        statuses = session.exec_driver_sql("SELECT status FROM loads ORDER BY load_id").scalars().all()
    assert statuses[-1] == "loaded"
    assert "running" not in statuses
