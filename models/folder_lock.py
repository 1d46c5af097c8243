"""One change of a folder at a time, whichever process makes it: of the snapshot, of the copies of bundles.

A lock on a file beside the folder, which the operating system lets go when its holder ends, however it ends. Who needs
the store as well takes this lock first: whoever has it may be waiting for the store.
"""

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(folder: Path) -> Generator[None]:
    """Hold the lock of a folder, which need not be there; waits for whoever holds it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
