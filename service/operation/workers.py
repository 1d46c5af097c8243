"""The workers of several municipalities: a process for each, started again when it ends before it was told to.

Processes and not threads: nothing of one is in another's memory, a job that eats its machine or never comes back takes
no other with it, and each has its municipality's environment as a whole. What they log they log themselves.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from service.logs import logger, speaking_for
from service.municipalities.environments import NAMED

TICK: Final = 1.0
RETRY_SECONDS: Final = 30.0
LED: Final = "--until-stdin-ends"
"""A worker that was started by another ends when that one does, however it ended."""


@dataclass(slots=True)
class Workers:
    """The workers of these municipalities, under one roof until told to stop."""

    names: Sequence[str]
    surroundings: Mapping[str, str]
    retry_seconds: float = RETRY_SECONDS
    _running: "dict[str, subprocess.Popen[bytes]]" = field(default_factory=dict)
    _waited: dict[str, float] = field(default_factory=dict)

    def work(self, stop: threading.Event, tick: float = TICK) -> None:
        """Keep a worker at work for each, until told to stop; then end when all have finished what they were at."""
        try:
            while not stop.is_set():
                for name in self.names:
                    self._keep(name, tick)
                stop.wait(tick)
        finally:
            for worker in self._running.values():
                worker.terminate()
            for worker in self._running.values():
                _over(worker)

    def _keep(self, name: str, tick: float) -> None:
        worker = self._running.get(name)
        if worker is None:
            waited = self._waited.get(name, self.retry_seconds) + tick
            self._waited[name] = waited
            if waited > self.retry_seconds:
                self._running[name] = _started(name, self.surroundings, LED)
        elif worker.poll() is not None:
            with speaking_for(name):
                logger().error("worker ended", status=worker.returncode)
            _over(self._running.pop(name))
            self._waited[name] = 0.0


def _started(name: str, surroundings: Mapping[str, str], *options: str) -> "subprocess.Popen[bytes]":
    """`omhu worker` for one municipality, as a process that is led by this one."""
    command = [sys.executable, "-m", "service.cli", "worker", *options]
    return subprocess.Popen(command, env={**surroundings, NAMED: name}, stdin=subprocess.PIPE)  # noqa: S603


def _over(worker: "subprocess.Popen[bytes]") -> int:
    """Let go of a worker, and wait until it has ended; its code."""
    with worker:
        return worker.wait()


def for_each(names: Sequence[str], surroundings: Mapping[str, str], option: str, tell: Callable[[str], None]) -> bool:
    """Run `omhu worker` with this option for one after the other, each told by name; whether all ended well."""
    ended: list[int] = []
    for name in names:
        tell(f"{name}:")
        ended.append(_over(_started(name, surroundings, option)))
    return not any(ended)


def stop_when_ended(stream: int, stop: threading.Event) -> None:
    """Set `stop` when nothing more comes of a file's number: the process that led this one is gone."""

    def wait() -> None:
        while os.read(stream, 1024):  # not through Python's own buffer, whose lock would outlive the thread
            pass
        stop.set()

    threading.Thread(target=wait, name="leader", daemon=True).start()
