"""`omhu` in processes of their own: a command to its end, and a service that goes on until it is stopped or killed."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final
from urllib.parse import urlsplit

ROOT: Final = Path(__file__).resolve().parents[1]
_OMHU: Final = "from service.cli import main; main()"


def omhu(
    home: Path, *arguments: str, database_url: str = "", before: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    """A command to its end, in a home; `before` is Python that is run first, `more` are further variables."""
    command = [sys.executable, "-c", before + _OMHU, *arguments]
    around = surroundings(home, database_url) | more
    return subprocess.run(command, env=around, capture_output=True, text=True, timeout=150, check=False)


def surroundings(home: Path, database_url: str = "") -> dict[str, str]:
    """What a process is told of the installation it belongs to."""
    return os.environ | {"OMHU_HOME": str(home), "OMHU_DATABASE_URL": database_url, "PYTHONPATH": str(ROOT)}


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def answered(address: str) -> int:
    """The status of the first answer, within a minute."""
    told = urlsplit(address)
    for _ in range(1200):
        try:
            with closing(http.client.HTTPConnection(told.netloc, timeout=30)) as line:
                line.request("GET", told.path or "/")
                return line.getresponse().status
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
    raise AssertionError("nobody answers")


@dataclass(slots=True)
class Child:
    """A command that goes on; use as a context manager. What it writes goes to a file, for as many starts as there are.

    It is put into a session of its own, so that a kill takes with it whatever it had started.
    """

    arguments: tuple[str, ...]
    around: Mapping[str, str]
    written: Path
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    def __enter__(self) -> "Child":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def number(self) -> int:
        """The process's number."""
        if self.process is None:
            raise AssertionError("it does not run")
        return self.process.pid

    def start(self) -> None:
        """Start it; comes back at once."""
        with self.written.open("ab") as sink:
            command = [sys.executable, "-m", "service.cli", *self.arguments]
            self.process = subprocess.Popen(
                command, env=self.around, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True
            )

    def kill(self) -> bool:
        """`kill -9`; whether it was still there to be killed."""
        if self.process is None:
            return False
        there = self.process.poll() is None
        if there:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        return there

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.kill()

    def runs(self) -> bool:
        """Whether it is there."""
        return self.process is not None and self.process.poll() is None

    def told(self) -> str:
        """All it has written."""
        return self.written.read_text(encoding="utf-8", errors="replace")

    def megabytes(self) -> float:
        """The memory it holds now, with all that it started (resident set)."""
        held = (re.search(r"^VmRSS:\s+(\d+)", _told_of(one, "status"), re.MULTILINE) for one in self.processes())
        return sum(int(found[1]) for found in held if found) / 1024

    def processor_seconds(self) -> float:
        """The seconds of processor that it and what it started have used, of those that are there (user and system)."""
        used = (_fields(one)[11:13] for one in self.processes())
        return sum(int(ticks) for each in used for ticks in each) / os.sysconf("SC_CLK_TCK")

    def processes(self) -> list[int]:
        """The numbers of those that are there of it and what it started."""
        numbers = [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdecimal()]
        return sorted(one for one in numbers if _fields(one)[3:4] == [str(self.number)])

    def answering(self) -> list[int]:
        """The numbers of the processes that answer for it, where it began several."""
        return [one for one in self.processes() if is_spawned(one)]


def is_spawned(process: int) -> bool:
    """Whether there is such a process, begun by another's `multiprocessing`."""
    return "spawn_main" in _told_of(process, "cmdline")


def _told_of(process: int, what: str) -> str:
    """What the system tells of a process; nothing of one that has just ended."""
    try:
        return Path(f"/proc/{process}/{what}").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _fields(process: int) -> list[str]:
    """What `/proc/PROCESS/stat` tells after the name (see proc(5)): state, parent, group, session and so on."""
    return _told_of(process, "stat").rpartition(")")[2].split()
