"""Loads drops in processes of their own and kills them, for tests. Run as a program it is the one that forks them.

Everything is imported and compiled once, before the first is forked: a process that first did that for seconds would
be killed while doing it, which tries nothing.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from service.intake import loading, reading
from service.intake.hashing import Sieve, row_hashes, text_keys
from service.storage.database import Database

ROOT = Path(__file__).resolve().parents[3]
BATCH_ROWS = 60


@dataclass(frozen=True, slots=True)
class Killer:
    """The program, running; `load` and `kill` each fork one process that loads a drop."""

    process: "subprocess.Popen[str]"
    database_url: str

    def load(self, drop: Path, received_at: int) -> float:
        """Load a drop to the end; gives the seconds it took."""
        code, seconds = self._ask("-1", drop, received_at)
        if code:
            raise AssertionError(f"the load ended with {code}")
        return seconds

    def kill(self, drop: Path, received_at: int, after_seconds: float) -> bool:
        """Load a drop and kill the process after some seconds; whether it was still there to be killed."""
        code, _ = self._ask(f"{after_seconds:.6f}", drop, received_at)
        return code == -signal.SIGKILL

    def _ask(self, after: str, drop: Path, received_at: int) -> tuple[int, float]:
        if self.process.stdin is None or self.process.stdout is None:
            raise AssertionError("the program has no pipes")
        self.process.stdin.write(f"{after}\t{self.database_url}\t{drop}\t{received_at}\n")
        self.process.stdin.flush()
        code, seconds = self.process.stdout.readline().split()
        return int(code), float(seconds)


@contextmanager
def killer(database_url: str) -> Generator[Killer]:
    """The program for a store."""
    command = [sys.executable, __file__]
    surroundings = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, env=surroundings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Killer(process, database_url)
        finally:
            process.kill()


def _load(database_url: str, drop: str, received_at: str) -> None:
    with Database.open(database_url) as database:
        loading.load_path(database, Path(drop), "live", int(received_at))


def _one(after: float, *told: str) -> tuple[int, float]:
    begun = time.monotonic()
    child = os.fork()
    if not child:
        code = 1
        try:
            _load(*told)
            code = 0
        finally:
            os._exit(code)
    if after >= 0:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), time.monotonic() - begun


def _warm_up() -> None:
    """Run the compiled code on a few texts and numbers."""
    texts = pa.array(["a", None])
    text_keys(texts)
    row_hashes([texts, *(pa.array([1, None], kind) for kind in (pa.int8(), pa.int32(), pa.int64(), pa.float64()))])
    Sieve().seen(text_keys(texts))


def _main() -> None:
    reading.BATCH_ROWS = BATCH_ROWS
    _warm_up()
    for line in sys.stdin:
        after, *told = line.rstrip("\n").split("\t")
        code, seconds = _one(float(after), *told)
        sys.stdout.write(f"{code} {seconds}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _main()
