"""What many notes say, read in a process of its own beside the work that fetches everything else.

Reading is plain Python, and so is fetching rows: in one process they would take turns. The texts go through a pipe and
never touch a disk. Few notes are read at once where they are.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache

from models.errors import SystemWrong
from models.notes.codes import event_codes
from models.notes.events import Coded
from models.notes.lexicon import packaged_lexicon
from models.notes.reader import NoteReader

MANY = 20_000
"""Texts from which on a process of their own pays for its start of some three seconds."""


@contextmanager
def being_read(texts: Sequence[str], many: int = MANY) -> Generator[Callable[[], list[Coded]]]:
    """Begin to read the texts; what is given answers, when called, with the codes of each, in their order."""
    if len(texts) < many:
        yield lambda: read_all(texts)
        return
    with ThreadPoolExecutor(1) as waiting:
        yield waiting.submit(_in_a_process, texts).result


def read_all(texts: Sequence[str]) -> list[Coded]:
    """The codes of each text, read here and now."""
    reader = _reader() if texts else None
    return [event_codes(reader.read(text)) for text in texts] if reader else []


@cache
def _reader() -> NoteReader:
    """The reader, made when the first note comes: it takes a second or two, and many drops have no notes."""
    return NoteReader.compile(packaged_lexicon())


def _in_a_process(texts: Sequence[str]) -> list[Coded]:
    command = [sys.executable, "-m", __spec__.name]
    done = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        # What it printed may quote a note, so it is not told.
        raise SystemWrong("Notes could not be read.", "Run `omhu snapshot` again.")
    return [[(code, value) for code, value in coded] for coded in json.loads(done.stdout)]


if __name__ == "__main__":
    json.dump(read_all(json.load(sys.stdin)), sys.stdout)
