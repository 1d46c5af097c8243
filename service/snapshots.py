"""From the store to the snapshot: only what changed is read, and the outcome is the same as if all had been.

Stream partitions (what happens day by day) are mended: events of rows that changed are taken out by the rows' sequence,
and put in anew. Buckets of standing facts are few rows and are made whole again, since a stay rests on several
messages. Every file is written in one canonical order, so that equal events make equal bytes, and the snapshot's hash
says which data a model was made of, not by which route it came.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.episodes import stays
from models.errors import SnapshotRefused
from models.events import SCHEMA, instants
from models.notes.events import note_events
from models.notes.lexicon import packaged_lexicon
from models.projection import STANDING, STREAM, project
from models.snapshot import BUCKETS, Manifest, Partition, Snapshot, SnapshotChange, partitioned
from service.mentions import being_read
from service.storage import counters, facts
from service.storage.database import Database, ReadSession
from service.storage.facts import Bucket, Since

Progress = Callable[[str], None]
"""Told what is being written."""

_ROWS_AT_ONCE: Final = 6_000_000
"""Rows of the store turned into events in one go; more are taken a few buckets at a time, so that memory is bounded."""


def bring_up_to_date(
    database: Database, folder: Path, *, rebuild: bool = False, progress: Progress | None = None
) -> Snapshot:
    """Make the snapshot in the folder hold what the store holds; with `rebuild`, from nothing.

    Raises `SnapshotRefused` when the snapshot there is damaged and was not to be rebuilt.
    """
    told = progress or _nobody
    with database.read() as session:
        last = counters.current(session, "sequence")
        before = _present(folder, rebuild=rebuild)
        if before is not None and before.manifest.watermark == last:
            return before
        if before is None:
            change = SnapshotChange(folder, Manifest())
            _write_all(session, change, last, told)
        else:
            change = SnapshotChange(folder, before.manifest)
            _mend(session, change, before, told)
    return change.commit(watermark=last, lexicon=packaged_lexicon().hash)


def without_citizen(folder: Path, citizen: int) -> None:
    """Remove every event of a citizen from the snapshot, if there is one; the files that held them are deleted."""
    try:
        before = Snapshot.open(folder)
    except SnapshotRefused:
        if (folder / "manifest.json").exists():
            raise
        return
    change = SnapshotChange(folder, before.manifest)
    for file in before.manifest.files:
        if file.bucket == citizen % before.manifest.buckets:
            events = before.table(file)
            kept = events.filter(pc.not_equal(events["citizen"], citizen))
            if kept.num_rows < events.num_rows:
                change.put(file.partition, canonical(kept))
    change.commit()


def _present(folder: Path, *, rebuild: bool) -> Snapshot | None:
    """The snapshot to build on; none when there is none, or it is to be made from nothing.

    Notes are read once, when they come; with another lexicon they say other things, and all are read again.
    """
    if rebuild or not (folder / "manifest.json").exists():
        return None
    present = Snapshot.open(folder)
    usable = present.manifest.buckets == BUCKETS and present.manifest.lexicon == packaged_lexicon().hash
    return present if usable else None


def _write_all(session: ReadSession, change: SnapshotChange, last: int, told: Progress) -> None:
    passes = next(n for n in (1, 2, 4, BUCKETS) if last <= n * _ROWS_AT_ONCE or n == BUCKETS)
    for number in range(passes):
        which = Bucket(number, passes) if passes > 1 else None
        told("stream" if passes == 1 else f"stream, part {number + 1} of {passes}")
        _put(change, partitioned(_gathered(_stream_events(session, which)), "stream", BUCKETS))
    told("standing facts")
    _put_standing(session, change, range(BUCKETS))


def _mend(session: ReadSession, change: SnapshotChange, before: Snapshot, told: Progress) -> None:
    since = before.manifest.watermark
    files = {file.partition: file for file in before.manifest.files}
    told("changes of the stream")
    came = _gathered(_stream_events(session, Since(since)))
    for partition, events in partitioned(came, "stream", BUCKETS).items():
        old = before.table(files[partition]) if partition in files else SCHEMA.empty_table()
        renewed = pc.is_in(old["sequence"], pc.unique(events["sequence"]))
        change.put(partition, canonical(pa.concat_tables([old.filter(pc.invert(renewed)), events])))
    told("standing facts")
    touched = np.concatenate([facts.changed_citizens(session, name, since) for name in STANDING])
    _put_standing(session, change, np.unique(touched % BUCKETS).tolist())


def _put_standing(session: ReadSession, change: SnapshotChange, buckets: Iterable[int]) -> None:
    for bucket in buckets:
        events = _gathered(_standing_events(session, Bucket(bucket, BUCKETS)))
        change.put(Partition("standing", "", bucket), canonical(events))


def _put(change: SnapshotChange, parts: Mapping[Partition, pa.Table]) -> None:
    for partition, events in parts.items():
        change.put(partition, canonical(events))


def _stream_events(session: ReadSession, which: Since | Bucket | None) -> Iterator[pa.Table]:
    notes = list(_stream_rows(session, "notes", which))
    texts = sorted({text for rows in notes for text in rows["text"].to_pylist()})
    with being_read(texts) as codes:
        for name in STREAM:
            if name != "notes":
                yield from (project(name, rows) for rows in _stream_rows(session, name, which))
        said = dict(zip(texts, codes(), strict=True))
    yield from (note_events(rows, said.__getitem__) for rows in notes)


def _stream_rows(session: ReadSession, name: str, which: Since | Bucket | None) -> Iterator[pa.Table]:
    leave_out = ("value_text", "unit", "heading", "recorded_at", "received_at")
    return facts.rows_for_projection(session, name, which, leave_out=leave_out)


def _standing_events(session: ReadSession, bucket: Bucket) -> Iterator[pa.Table]:
    for name in STANDING:
        whole = list(facts.rows_for_projection(session, name, bucket))
        if whole:
            rows = pa.concat_tables(whole)
            yield stays(rows) if name == "hospital_notifications" else project(name, rows)


def _gathered(tables: Iterable[pa.Table]) -> pa.Table:
    return pa.concat_tables([SCHEMA.empty_table(), *tables]).unify_dictionaries()


def canonical(events: pa.Table) -> pa.Table:
    """The same events in the one order, and with the one dictionary of codes, that all equal sets of events have."""
    if not events.num_rows:
        return SCHEMA.empty_table()
    whole = events.unify_dictionaries().combine_chunks()
    codes = whole["code"].chunk(0)
    rank, names = _sorted_codes(codes)
    value = pc.fill_null(whole["value"], np.inf).to_numpy()
    order = np.lexsort(
        (
            instants(whole["superseded_at"]),
            value,
            rank,
            whole["sequence"].to_numpy(),
            instants(whole["known_from"]),
            instants(whole["occurred_at"]),
            whole["citizen"].to_numpy(),
        )
    )
    ordered = whole.drop_columns("code").take(pa.array(order))
    recoded = pa.DictionaryArray.from_arrays(rank[order], names)
    return ordered.append_column("code", recoded).select(SCHEMA.names).cast(SCHEMA)


def _sorted_codes(codes: pa.DictionaryArray) -> tuple[NDArray[np.int32], pa.Array]:
    """For each row, shape (n,), the place of its code among the codes that occur, sorted; and those codes."""
    indices = codes.indices.to_numpy()
    used = np.unique(indices)
    names = np.array(codes.dictionary.take(pa.array(used)).to_pylist(), dtype=object)
    order = np.argsort(names)
    place = np.empty(len(codes.dictionary), dtype=np.int32)
    place[used[order]] = np.arange(used.size, dtype=np.int32)
    return place[indices], pa.array(names[order].tolist(), pa.string())


def _nobody(_part: str) -> None:
    """Progress nobody asked for."""
