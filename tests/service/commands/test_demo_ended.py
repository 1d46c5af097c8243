"""Whoever ends the demonstration ends what it started: nothing of it goes on listening."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from service.security.rights import Role
from service.storage import users
from service.storage.database import Database
from tests.children import free_port
from tests.service.invented_lists import NOW

PATIENCE = 60.0
"""Seconds to wait on a busy machine before the test is given up."""
LISTENING = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
# Whoever runs the tests in the background ignores Ctrl-C, and what is started inherits that; a terminal does not.
SLOW_TO_END = """
import signal, sys, time
from pathlib import Path
def end(*_):
    time.sleep(0.3)
    Path(sys.argv[1]).write_text("ended")
    raise SystemExit(0)
signal.signal(signal.SIGTERM, end)
Path(sys.argv[1]).write_text("begun")
time.sleep(60)
"""


def until(found: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + PATIENCE
    while not found():
        assert process.poll() is None, "it ended by itself"
        assert time.monotonic() < end, "it never came so far"
        time.sleep(0.02)


def answers(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def finished(home: Path, migrated_file: Path) -> None:
    """A demonstration that was made before, as far as its pages need it."""
    home.mkdir()
    (home / "omhu.db").write_bytes(migrated_file.read_bytes())
    with Database.open(f"sqlite:///{home / 'omhu.db'}") as database, database.write() as session:
        for name, role in (("demo", Role.NURSE), ("leder", Role.LEADER)):
            users.add_user(session, name, role, ("Nord",), None, NOW)
    kept = {"plan": 2, "monday": "2026-11-23", "citizens": 300, "done": 99}
    (home / "demo.json").write_text(json.dumps(kept), encoding="utf-8")


def test_a_demonstration_that_is_told_to_end_takes_its_service_with_it(tmp_path: Path, migrated_file: Path) -> None:
    finished(tmp_path / "home", migrated_file)
    port = free_port()
    with (tmp_path / "log").open("wb") as log:
        demo = subprocess.Popen(
            [sys.executable, "-m", "service.cli", "demo", "--port", str(port)],
            env={**os.environ, "OMHU_HOME": str(tmp_path / "home")},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            until(lambda: answers(port), demo)
            demo.terminate()  # to it alone, as a service manager does
            assert demo.wait(PATIENCE) == 128 + signal.SIGTERM
            assert not answers(port)
        finally:
            if answers(port) or demo.poll() is None:
                os.killpg(demo.pid, signal.SIGKILL)
                demo.wait()
    assert "Traceback" not in (tmp_path / "log").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("how", "code"), [(signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGINT, 128 + signal.SIGINT)]
)
def test_what_was_started_is_told_and_waited_for(tmp_path: Path, how: signal.Signals, code: int) -> None:
    told = tmp_path / "told"
    program = (
        LISTENING + "import sys; from service.commands import demo_child; demo_child._PATIENCE_SECONDS = 1\n"
        "try: sys.exit(demo_child.run_in_child(sys.argv[1:]))\n"
        "except KeyboardInterrupt: sys.exit(130)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, "-c", SLOW_TO_END, str(told)], start_new_session=True)
    try:
        until(told.exists, parent)
        parent.send_signal(how)
        assert parent.wait(PATIENCE) == code
        assert told.read_text(encoding="utf-8") == "ended"
    finally:
        if parent.poll() is None:
            os.killpg(parent.pid, signal.SIGKILL)
            parent.wait()
