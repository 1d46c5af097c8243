"""From the store to the snapshot: only what changed is read, and the outcome is the same as if all had been.

Stream partitions (what happens day by day) are mended: events of rows that changed are taken out by the rows' sequence,
and put in anew. Buckets of standing facts are few rows and are made whole again, since a stay rests on several
messages; so are all of them when nurses did something since, which is no change of any fact.

Whoever changes the snapshot holds its lock (`models.folder_lock`) and takes it before any transaction for writing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from models.events import SCHEMA, Events
from models.folder_lock import held
from models.notes.events import note_events
from models.notes.lexicon import packaged_lexicon
from models.projection import STANDING, STREAM, project
from models.snapshot import BUCKETS, Manifest, Partition, Snapshot
from models.snapshot_change import SnapshotChange, partitioned, remove_unnamed
from models.snapshot_rules import rules_hash
from models.truth.episodes import stays
from service.intake.readings import all_read
from service.storage import acting, counters, facts, merges, objections
from service.storage.database import Database, ReadSession
from service.storage.facts import Bucket, Of, Since
from service.weekly.reviews import ACTED

Progress = Callable[[str], None]
"""Told what is being written."""

_ROWS_AT_ONCE: Final = 6_000_000
"""Rows of the store turned into events in one go; more are taken a few buckets at a time, so that memory is bounded."""


def bring_up_to_date(
    database: Database, folder: Path, *, rebuild: bool = False, progress: Progress | None = None
) -> Snapshot:
    """Make the snapshot in the folder hold what the store holds; with `rebuild`, from nothing.

    Waits while another changes it, and then takes what the store holds by then. Raises `SnapshotRefused` when the
    snapshot there is damaged and was not to be rebuilt.
    """
    told = progress or _nobody
    told("waiting for whoever else changes it")
    with held(folder):
        return _brought_up_to_date(database, folder, told, rebuild=rebuild)


def _brought_up_to_date(database: Database, folder: Path, told: Progress, *, rebuild: bool) -> Snapshot:
    with all_read(database, lambda done, of: told(f"reading notes, {done:,} of {of:,}")) as session:
        last = counters.current(session, "sequence")
        before = _present(folder, rebuild=rebuild)
        objected, reviews = _objecting(session), acting.mark(session)
        if before is not None and _holds(before.manifest, last, objected, reviews):
            return before
        if before is None:
            change = SnapshotChange(folder, Manifest())
            _write_all(session, change, last, told)
        else:
            change = SnapshotChange(folder, before.manifest)
            _mend(session, change, before, told, reviewed=before.manifest.reviews != reviews)
    lexicon = packaged_lexicon().hash
    return change.commit(watermark=last, lexicon=lexicon, rules=_rules(), objected=objected, reviews=reviews)


def take_in_objections(session: ReadSession, folder: Path) -> None:
    """Have the snapshot, if there is one, name everyone who objects now: none of them is learnt from or ranked.

    Whoever calls holds the snapshot's lock until the session's transaction has ended.
    """
    if (folder / "manifest.json").exists():
        SnapshotChange(folder, Snapshot.open(folder).manifest).commit(objected=_objecting(session))


def _holds(manifest: Manifest, last: int, objected: tuple[int, ...], reviews: tuple[int, int, int]) -> bool:
    """Whether a snapshot holds all there is: every change, every objection, every review."""
    return (manifest.watermark, manifest.objected, manifest.reviews) == (last, objected, reviews)


def _objecting(session: ReadSession) -> tuple[int, ...]:
    """The keys of all who object; every one of a person's, as events may lie under any that was theirs."""
    return tuple(sorted(objections.objecting(session)))


def events_of(session: ReadSession, person: int) -> Events:
    """One person's events, as the next snapshot would hold them; notes that were not read yet are not among them."""
    return Events.of([*_stream_events(session, Of(person)), *_standing_events(session, Of(person))])


def without_citizen(folder: Path, citizen: int) -> None:
    """Remove every event of a citizen from the snapshot, if there is one; the files that held them are deleted.

    Whoever calls holds the snapshot's lock until the store has forgotten the citizen too.
    """
    if not (folder / "manifest.json").exists():
        remove_unnamed(folder)
        return
    before = Snapshot.open(folder)
    change = SnapshotChange(folder, before.manifest, at_once=True)
    for file in before.manifest.files:
        if file.bucket == citizen % before.manifest.buckets:
            events = before.table(file)
            kept = events.filter(pc.not_equal(events["citizen"], citizen))
            if kept.num_rows < events.num_rows:
                change.put(file.partition, kept)
    change.commit()


def _present(folder: Path, *, rebuild: bool) -> Snapshot | None:
    """The snapshot to build on; none when there is none, or it is to be made from nothing.

    Notes are read once, when they come; with another lexicon they say other things, and all are read again. By other
    rules rows are other events, and beside those of the old ones they would not be what a rebuild gives.
    """
    if rebuild or not (folder / "manifest.json").exists():
        return None
    present = Snapshot.open(folder)
    manifest = present.manifest
    made_by = (manifest.buckets, manifest.lexicon, manifest.rules)
    return present if made_by == (BUCKETS, packaged_lexicon().hash, _rules()) else None


def _rules() -> str:
    return rules_hash(action.value for action in ACTED)


def _write_all(session: ReadSession, change: SnapshotChange, last: int, told: Progress) -> None:
    passes = next(n for n in (1, 2, 4, BUCKETS) if last <= n * _ROWS_AT_ONCE or n == BUCKETS)
    for number in range(passes):
        which = Bucket(number, passes) if passes > 1 else None
        told("stream" if passes == 1 else f"stream, part {number + 1} of {passes}")
        _put(change, partitioned(_gathered(_stream_events(session, which)), "stream", BUCKETS))
    told("standing facts")
    _put_standing(session, change, range(BUCKETS))


def _mend(session: ReadSession, change: SnapshotChange, before: Snapshot, told: Progress, *, reviewed: bool) -> None:
    """Put in what changed since; `reviewed` tells whether nurses did anything since."""
    since = before.manifest.watermark
    files = {file.partition: file for file in before.manifest.files}
    told("changes of the stream")
    came = partitioned(_gathered(_stream_events(session, Since(since))), "stream", BUCKETS)
    # Of persons that were merged or un-merged every row has come again, under the key that now is theirs.
    persons = merges.moved(session, since).persons
    left = {file.partition for file in before.manifest.files if file.month and file.bucket in _buckets(persons)}
    for partition in sorted(came.keys() | left):
        events = came.get(partition, SCHEMA.empty_table())
        old = before.table(files[partition]) if partition in files else SCHEMA.empty_table()
        again = pc.is_in(old["citizen"], pa.array(persons, pa.int32()))
        renewed = pc.or_(again, pc.is_in(old["sequence"], pc.unique(events["sequence"])))
        change.put(partition, pa.concat_tables([old.filter(pc.invert(renewed)), events]))
    told("standing facts")
    if reviewed:
        _put_standing(session, change, range(BUCKETS))
        return
    touched = np.concatenate([facts.changed_citizens(session, name, since) for name in STANDING])
    _put_standing(session, change, np.unique(touched % BUCKETS).tolist())


def _buckets(citizens: Iterable[int]) -> frozenset[int]:
    return frozenset(citizen % BUCKETS for citizen in citizens)


def _put_standing(session: ReadSession, change: SnapshotChange, buckets: Iterable[int]) -> None:
    for bucket in buckets:
        events = _gathered(_standing_events(session, Bucket(bucket, BUCKETS)))
        change.put(Partition("standing", "", bucket), events)


def _put(change: SnapshotChange, parts: Mapping[Partition, pa.Table]) -> None:
    for partition, events in parts.items():
        change.put(partition, events)


def _stream_events(session: ReadSession, which: Since | Bucket | Of | None) -> Iterator[pa.Table]:
    for name in STREAM:
        events = note_events if name == "notes" else partial(project, name)
        yield from map(events, _stream_rows(session, name, which))


def _stream_rows(session: ReadSession, name: str, which: Since | Bucket | Of | None) -> Iterator[pa.Table]:
    leave_out = ("value_text", "unit", "heading", "text", "recorded_at", "received_at")
    return facts.rows_for_projection(session, name, which, leave_out=leave_out)


def _standing_events(session: ReadSession, which: Bucket | Of) -> Iterator[pa.Table]:
    for name in STANDING:
        whole = list(facts.rows_for_projection(session, name, which))
        if whole:
            rows = pa.concat_tables(whole)
            yield stays(rows) if name == "hospital_notifications" else project(name, rows)
    yield acting.acted_events(session, which)


def _gathered(tables: Iterable[pa.Table]) -> pa.Table:
    return pa.concat_tables([SCHEMA.empty_table(), *tables]).unify_dictionaries()


def _nobody(_part: str) -> None:
    """Progress nobody asked for."""
