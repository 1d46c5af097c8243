"""Whether the champion's copy on this machine can be loaded and scores as it did: what ready means of a model.

It is loaded in a process of its own, once for each copy, so that no process that only shows lists holds LightGBM.
"""

import json
import os
import subprocess
import sys
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from pathlib import Path
from typing import Final, Literal

Found = Literal["ok", "missing", "refused", "checking"]
GATES: Final = ("passed", "accepted", "returned", "unknown")
"""Those of `models.scoring.champion.Gate`."""
_LONGEST: Final = 120.0
_PROGRAM: Final = "import pathlib, sys; from models.scoring import bundle; bundle.load(pathlib.Path(sys.argv[1]))"
_Copy = tuple[str, tuple[tuple[str, int, int], ...]]


class ModelCheck:
    """The check of one installation's champion; safe to ask from many threads, of which one copy is checked once."""

    def __init__(self, bundles: Path) -> None:
        self._bundles = bundles
        self._lock = threading.Lock()
        self._copy: _Copy | None = None
        self._found: Future[Found] = Future()

    def found(self, wait_seconds: float) -> Found:
        """What was found of the copy there is now; waits so long for a check that is under way."""
        folder = _champion_folder(self._bundles)
        if folder is None:
            return "missing"
        copy = folder.name, _files(folder)
        with self._lock:
            if copy != self._copy:
                self._copy, self._found = copy, Future()
                check = threading.Thread(target=_check, args=(folder, self._found), daemon=True)
                check.start()
            under_way = self._found
        try:
            return under_way.result(wait_seconds)
        except NotYet:
            return "checking"


def champion_version(bundles: Path) -> str | None:
    """The version `models.scoring.champion` names on this machine, with a bundle in place, or None.

    Read by hand, since that module would bring LightGBM into a process that only shows lists.
    """
    return str(_named(bundles)["version"]) if _champion_folder(bundles) else None


def champion_gate(bundles: Path) -> str:
    """How the champion on this machine passed the gate: one of `GATES`."""
    told = str(_named(bundles).get("gate", ""))
    return told if told in GATES else "unknown"


def _champion_folder(bundles: Path) -> Path | None:
    named = _named(bundles)
    folder = bundles / str(named.get("place") or named.get("version") or "none")
    return folder if named.get("version") and (folder / "manifest.json").exists() else None


def _named(bundles: Path) -> dict[str, object]:
    """What the copy's file names; nothing where it is missing or damaged."""
    try:
        named = json.loads((bundles / "champion.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return named if isinstance(named, dict) else {}


def _files(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What the files look like: changed ones are checked again."""
    seen = [(file.name, file.stat()) for file in sorted(folder.iterdir())]
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in seen)


def _check(folder: Path, answer: Future[Found]) -> None:
    command = [sys.executable, "-P", "-c", _PROGRAM, str(folder)]
    surroundings = os.environ | {"OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - our own program, and a folder of our own naming
            command, env=surroundings, stdin=subprocess.DEVNULL, capture_output=True, timeout=_LONGEST, check=False
        )
        answer.set_result("refused" if done.returncode else "ok")
    except (OSError, subprocess.TimeoutExpired):
        answer.set_result("refused")
