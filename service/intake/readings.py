"""Reading notes when they come: each once, many in processes beside one another, and all again by another lexicon.

Reading is plain Python, and one process would keep one core busy. The texts go through pipes and never touch a disk.
Cut off anywhere, what was read stays, and whoever asks next goes on from there.
"""

import os
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context
from typing import Final

import pyarrow as pa

from models.errors import SystemWrong
from models.notes.lexicon import packaged_lexicon
from models.notes.reader import NoteReader
from models.notes.reading import Reading, read
from service.storage import readings
from service.storage.database import Database, ReadSession

Progress = Callable[[int, int], None]
"""Told how many notes have been read, of how many."""
ReadAll = Callable[[Sequence[str]], Iterable[Reading]]
"""Reads texts, and answers in their order."""

MANY: Final = 20_000
"""Notes from which on processes of their own pay for their start of some three seconds."""
_AT_ONCE: Final = 100_000
_MOST_PROCESSES: Final = 8
_A_HANDFUL: Final = 500


@contextmanager
def all_read(database: Database, progress: Progress | None = None) -> Generator[ReadSession]:
    """A session for reading in which every note there is has been read, those too that came while others were read."""
    while True:
        read_new_notes(database, progress)
        with database.read() as session:
            if not readings.unread(session, readings.last(session)):
                yield session
                return


def read_new_notes(database: Database, progress: Progress | None = None) -> None:
    """Read the notes that have not been read by the packaged lexicon, and keep what they say."""
    told = progress or _nobody
    with database.read() as session:
        lexicon = readings.lexicon(session)
        last = readings.last(session)
    if lexicon not in {None, packaged_lexicon().hash}:
        with database.write() as session:
            readings.forget_all(session)
        last = 0
    with database.read() as session:
        unread = readings.unread(session, last)
    if unread:
        with _readers(unread) as read_all:
            _read_on(database, last, unread, read_all, told)


def _read_on(database: Database, last: int, unread: int, read_all: ReadAll, told: Progress) -> None:
    done = 0
    told(done, unread)
    while True:
        with database.read() as session:
            notes = readings.next_notes(session, last, _AT_ONCE)
        if not notes.num_rows:
            return
        made = _as_readings(notes, read_all)
        with database.write() as session:
            readings.store(session, last, made)
        last = notes["sequence"][-1].as_py()
        done += notes.num_rows
        told(done, max(done, unread))


def _as_readings(notes: pa.Table, read_all: ReadAll) -> pa.Table:
    """A reading for each note; a text that was copied is read once."""
    texts = notes["text"].combine_chunks().dictionary_encode()
    made = list(read_all(texts.dictionary.to_pylist()))
    distinct = pa.table(
        {
            "words": pa.array([reading.words for reading in made], pa.int32()),
            "codes": pa.array([reading.codes for reading in made], pa.string()),
            "places": pa.array([reading.places for reading in made], pa.string()),
        }
    )
    told = distinct.take(texts.indices)
    lexicon = pa.array([packaged_lexicon().hash] * notes.num_rows)
    whose = notes.select(["sequence", "citizen"])
    return pa.table({**_columns(whose), "lexicon": lexicon, **_columns(told)})


def _columns(table: pa.Table) -> dict[str, pa.ChunkedArray]:
    return dict(zip(table.column_names, table.columns, strict=True))


@contextmanager
def _readers(notes: int) -> Generator[ReadAll]:
    """What reads so many notes: this process, or several of their own."""
    if notes < MANY:
        yield lambda texts: map(_read, texts)
        return
    processes = min(os.cpu_count() or 1, _MOST_PROCESSES)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield lambda texts: _in_processes(pool, texts)


def _in_processes(pool: ProcessPoolExecutor, texts: Sequence[str]) -> list[Reading]:
    try:
        return list(pool.map(_read, texts, chunksize=_A_HANDFUL))
    except BrokenProcessPool:
        raise SystemWrong("A process that read notes was ended from outside.", "Run `omhu snapshot` again.") from None


def _read(text: str) -> Reading:
    return read(text, _reader())


@cache
def _reader() -> NoteReader:
    """The reader, made when the first note comes: it takes a second or two, and many drops have no notes."""
    return NoteReader.compile(packaged_lexicon())


def _nobody(_done: int, _of: int) -> None:
    """Progress nobody asked for."""
