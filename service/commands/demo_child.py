"""One program of the demonstration in a process of its own, which never outlives it: who stops the one stops both."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

_PATIENCE_SECONDS: Final = 10.0


def run_in_child(program: Sequence[str]) -> int:
    """Run Python with these arguments to its end; its exit code.

    SIGTERM is passed on to it, and raises `SystemExit` once it has ended. Ctrl-C raises `KeyboardInterrupt` then.
    """
    children: list[subprocess.Popen[bytes]] = []
    told = False

    def pass_on(*_: object) -> None:
        nonlocal told
        told = True
        for one in children:
            one.terminate()

    before = signal.signal(signal.SIGTERM, pass_on)
    try:
        children.append(subprocess.Popen([sys.executable, *program], stdin=subprocess.DEVNULL))  # noqa: S603
        if told:  # while it was being started
            children[0].terminate()
        code = _ended(children[0])
    finally:
        signal.signal(signal.SIGTERM, before)
    if told:
        raise SystemExit(128 + signal.SIGTERM)
    return code


def _ended(child: "subprocess.Popen[bytes]") -> int:
    """The exit code. After Ctrl-C, which a terminal sends to both, it may finish by itself before it is made to."""
    try:
        return child.wait()
    except KeyboardInterrupt:
        for harder in (lambda: None, child.terminate, child.kill):
            harder()
            with suppress(subprocess.TimeoutExpired):
                child.wait(_PATIENCE_SECONDS)
                break
        raise
