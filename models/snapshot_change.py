"""Changing a snapshot: which files take the place of which, and when those that were replaced go.

Whoever changes one holds its lock from before reading the manifest until the commit (`models.folder_lock`). Nothing
here reads events for a computation (`models.snapshot`), or knows where they come from.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from models.errors import SnapshotRefused
from models.events import canonical, instants
from models.snapshot import FileEntry, Kind, Manifest, Partition, Snapshot
from models.thinning import is_dense, thinned
from models.windows import local_days

READABLE_SECONDS: Final = 20 * 3600
"""A replaced file stays this long for who opened the snapshot before: more than any computation takes, and less than a
day, so that what a night's renewal replaced is gone after the next one."""


class SnapshotChange:
    """A change of a snapshot: partitions are put one by one, then all become visible at once."""

    def __init__(self, folder: Path, manifest: Manifest, *, at_once: bool = False) -> None:
        """Start from the manifest in force, or from an empty one for a new snapshot.

        Files the new one does not name stay for `READABLE_SECONDS`; with `at_once` they go with the commit.
        """
        self._folder = folder
        self._at_once = at_once
        self._manifest = manifest
        self._files: dict[Partition, FileEntry | None] = {}

    def put(self, partition: Partition, events: pa.Table) -> None:
        """Replace what the partition holds; no events, no file.

        What is thinned is made of the dense events beside it whenever those are put, and not put by itself.
        """
        if partition.kind == "thinned":
            return
        self._files[partition] = self._written(partition, events)
        if partition.kind == "dense":
            beside = replace(partition, kind="thinned")
            self._files[beside] = self._written(beside, thinned(events))

    def _written(self, partition: Partition, events: pa.Table) -> FileEntry | None:
        return _write(self._folder, partition, canonical(events)) if events.num_rows else None

    def commit(self, **changed: object) -> Snapshot:
        """Swap the manifest, then remove files no longer named whose time is over. `changed` are fields of it."""
        kept = {file.partition: file for file in self._manifest.files} | self._files
        files = tuple(kept[partition] for partition in sorted(kept))
        manifest = self._manifest.model_copy(
            update={**changed, "files": tuple(file for file in files if file is not None)}
        )
        named = {file.path for file in manifest.files}
        _mark_replaced(self._folder, named)
        _swap(self._folder / "manifest.json", manifest.model_dump_json(indent=1))
        if self._at_once:
            remove_unnamed(self._folder, named)
        else:
            _remove_long_unnamed(self._folder, named)
        return Snapshot(self._folder, manifest)


def partitioned(events: pa.Table, kind: Literal["standing", "stream"], buckets: int) -> Mapping[Partition, pa.Table]:
    """Events of `SCHEMA` by the partition they belong to; of a stream, what is to be thinned lies apart."""
    if kind == "standing":
        return _partitioned(events, kind, buckets)
    dense = is_dense(events)
    if not dense.any():
        return _partitioned(events, kind, buckets)
    apart = _partitioned(events.filter(pa.array(dense)), "dense", buckets)
    return {**_partitioned(events.filter(pa.array(~dense)), kind, buckets), **apart}


def _partitioned(events: pa.Table, kind: Kind, buckets: int) -> Mapping[Partition, pa.Table]:
    bucket = events["citizen"].to_numpy() % buckets
    month = _months(events) if kind != "standing" else np.zeros(events.num_rows, dtype=np.int64)
    place = month * buckets + bucket
    # One sort and then slices: a filter for each of hundreds of partitions would read all events every time.
    order = np.argsort(place, kind="stable")
    places, starts, sizes = np.unique(place[order], return_index=True, return_counts=True)
    ordered = events.take(pa.array(order))
    return {
        Partition(kind, _named(at // buckets) if kind != "standing" else "", at % buckets): ordered.slice(start, size)
        for at, start, size in zip(places.tolist(), starts.tolist(), sizes.tolist(), strict=True)
    }


def _months(events: pa.Table) -> NDArray[np.int64]:
    """Months since 1970-01 in which the events became known, by the Danish calendar; shape (n,)."""
    known_day = local_days(instants(events["known_from"]))
    return known_day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _named(month: int) -> str:
    return str(np.datetime64(month, "M"))


def _write(folder: Path, partition: Partition, events: pa.Table) -> FileEntry:
    (folder / partition.folder).mkdir(parents=True, exist_ok=True)
    draft = folder / partition.folder / f"draft-{os.getpid()}.parquet"
    pq.write_table(events, draft, compression="zstd", use_dictionary=["code"], write_statistics=False)
    digest = hashlib.sha256(draft.read_bytes()).hexdigest()
    path = f"{partition.folder}/{digest[:20]}.parquet"
    draft.replace(folder / path)
    return FileEntry(
        kind=partition.kind,
        month=partition.month,
        bucket=partition.bucket,
        path=path,
        rows=events.num_rows,
        digest=digest,
        first_known_day=int(local_days(instants(events["known_from"])).min()),
        last_known_at=int(instants(events["known_from"]).max()),
        last_day=int(local_days(instants(events["occurred_at"])).max()),
    )


def _swap(path: Path, text: str) -> None:
    """Write beside the old file, make it durable, and put it in the old one's place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _mark_replaced(folder: Path, named: Set[str]) -> None:
    """Have each file that is about to be no longer named bear the time of that."""
    try:
        before = {file.path for file in Snapshot.open(folder).manifest.files}
    except SnapshotRefused:
        return
    for path in before - named:
        with suppress(FileNotFoundError):
            os.utime(folder / path)


def remove_unnamed(folder: Path, named: Set[str] = frozenset()) -> None:
    """Remove every file that is not among the named: what was replaced, and what a change that was cut off left."""
    for path in _unnamed(folder, named):
        path.unlink()


def _remove_long_unnamed(folder: Path, named: Set[str]) -> None:
    """Remove what nobody can be reading: files replaced long ago, and drafts of a change that never was made."""
    now = (folder / "manifest.json").stat().st_mtime  # by the clock the files' own times are of
    for path in _unnamed(folder, named):
        if path.name.startswith("draft-") or now - path.stat().st_mtime > READABLE_SECONDS:
            path.unlink()


def _unnamed(folder: Path, named: Set[str]) -> Iterator[Path]:
    return (path for path in folder.glob("*/**/*.parquet") if path.relative_to(folder).as_posix() not in named)
