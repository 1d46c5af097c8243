"""A folder that senders put drops into: which of them are complete, and where each goes when it has been loaded.

What is in the folder is all that is remembered, so a watcher that was killed goes on where it was: a drop is moved only
after it was loaded, and loading it again changes nothing. No link is followed, and nothing is ever overwritten.
"""

import fcntl
import os
import stat
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.errors import NotFound, RequestWrong

DONE_MARK: Final = "_DONE"
"""Its sender's word that a drop is complete: a file in the drop's folder, beside a file as `NAME_DONE`, or in the
watched folder itself for all files in it."""
DONE, FAILED = "done", "failed"
_UNFINISHED: Final = (".part", ".filepart", ".partial", ".tmp", ".crdownload")
"""How the names end that programs of transfer give to what is not whole yet."""
_LOCK: Final = ".omhu-watch"

Contents = frozenset[tuple[str, int, int, int]]
"""What lies in a drop: of each thing its name below the drop, kind, size and time of its last change."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A drop that is complete: what lay in it when it was found so, and the marks that go when it goes."""

    path: Path
    contents: Contents
    marks: tuple[Path, ...]

    def require_plain(self) -> None:
        """Raise `RequestWrong` when anything in it is no file and no folder: a link may lead anywhere."""
        if any(not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)) for _, kind, _, _ in self.contents):
            raise RequestWrong("The drop holds a link, or something that is no file.", "Send the files themselves.")

    def is_unchanged(self) -> bool:
        """Whether all of it is still as it was found."""
        return _contents(self.path) == self.contents


@dataclass(frozen=True, slots=True)
class Inbox:
    """A watched folder. `quiet_seconds` is how long nothing of a drop without a mark must have changed."""

    folder: Path
    quiet_seconds: float

    @contextmanager
    def watched(self) -> Generator[None]:
        """Watch the folder, alone. Raises `NotFound`, and `RequestWrong` when another process watches it."""
        if not self.folder.is_dir():
            raise NotFound("There is no such folder to watch.", "Name the folder that drops are put into.")
        for name in (DONE, FAILED):
            place = self.folder / name
            if place.is_symlink():
                raise RequestWrong(f"{name} in the watched folder is a link.", "Make it a folder.")
            place.mkdir(exist_ok=True)
        handle = os.open(self.folder / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise RequestWrong("This folder is watched by another process.", "Let that one do it.") from None
        finally:
            os.close(handle)

    def complete(self, now: float) -> list[Arrival]:
        """The drops that are complete at a time (seconds since 1970), the one that has been so the longest first."""
        found = ((_latest(arrival.contents, now), arrival) for arrival in self._arrivals())
        whole = [(latest, one) for latest, one in found if one.marks or now - latest >= self.quiet_seconds]
        return [one for _, one in sorted(whole, key=lambda pair: (pair[0], pair[1].path.name))]

    def put_away(self, arrival: Arrival, place: str, report: str) -> Path:
        """Move a drop into `done` or `failed` with its report beside it, under a name nothing there has."""
        target = _free(self.folder / place, arrival.path.name)
        beside = target.with_name(f"{target.name}.report.json")
        # The report first: killed in between, the drop is still where it is taken from, and is taken again.
        with beside.open("x", encoding="utf-8") as file:
            file.write(report + "\n")
        arrival.path.rename(target)
        for mark in arrival.marks:
            if mark.name != DONE_MARK:
                mark.unlink(missing_ok=True)
        return target

    def settle(self) -> None:
        """Take the mark of all files away when none of them is left."""
        if not any(_is_file(path) for path in self._entries()):
            (self.folder / DONE_MARK).unlink(missing_ok=True)

    def _arrivals(self) -> Iterator[Arrival]:
        shared = self.folder / DONE_MARK
        for path in self._entries():
            is_folder = not _is_file(path)
            marks = [path / DONE_MARK] if is_folder else [path.with_name(f"{path.name}{mark}") for mark in _BESIDE]
            present = tuple(mark for mark in [*marks, *([] if is_folder else [shared])] if _is_file(mark))
            contents = _contents(path)
            if present or not is_folder or len(contents) > 1:  # an empty folder waits for what comes into it
                yield Arrival(path, contents, present)

    def _entries(self) -> list[Path]:
        """What may be a drop: files and folders, neither hidden nor marks nor in the middle of being sent."""
        return [path for path in sorted(self.folder.iterdir()) if _may_be_drop(path)]


_BESIDE: Final = (DONE_MARK, f".{DONE_MARK}")


def _may_be_drop(path: Path) -> bool:
    name = path.name
    if name in {DONE, FAILED} or name.startswith((".", "_")) or name.endswith((*_BESIDE, *_UNFINISHED)):
        return False
    return not path.is_symlink() and (path.is_dir() or path.is_file())


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _contents(path: Path) -> Contents:
    """What lies at a path, nothing followed; what goes away meanwhile is not there."""
    found: set[tuple[str, int, int, int]] = set()
    waiting = [path]
    while waiting:
        one = waiting.pop()
        try:
            told = one.lstat()
            if stat.S_ISDIR(told.st_mode):
                waiting += one.iterdir()
        except FileNotFoundError:
            continue
        found.add((str(one.relative_to(path)), stat.S_IFMT(told.st_mode), told.st_size, told.st_mtime_ns))
    return frozenset(found)


def _latest(contents: Contents, now: float) -> float:
    """When anything was last changed; a time to come, by a clock that is wrong, is taken as now at the most."""
    return min(max((changed / 1e9 for _, _, _, changed in contents), default=now), now)


def _free(folder: Path, name: str) -> Path:
    number, target = 1, folder / name
    while os.path.lexists(target) or os.path.lexists(target.with_name(f"{target.name}.report.json")):
        number += 1
        target = folder / f"{name}.{number}"
    return target
