"""The snapshot: the events of a municipality as immutable Parquet files, and the manifest that names them.

```
snapshot/manifest.json                              swapped as a whole; what it does not name does not exist
snapshot/standing/bucket=03/<digest>.parquet        facts that hold until they change: needed whole
snapshot/stream/month=2026-11/bucket=03/<digest>.parquet   what happens day by day, by month of `known_from`
snapshot/dense/month=2026-11/bucket=03/<digest>.parquet    what is sent all day long; kept, and not read
snapshot/thinned/month=2026-11/bucket=03/<digest>.parquet  the few numbers a day made of it (`models.thinning`)
```

A citizen's events all lie in the bucket `citizen % buckets`, so a bucket can be read and computed alone. A file is
never changed: a partition is replaced by a new file and a new manifest (`models.snapshot_change`), and who opened the
snapshot before reads on from the old one. Every file is written in one canonical order, so that equal events make equal
bytes, and the snapshot's hash says which data a model was made of, not by which route it came. Citizens appear as
pseudonymous keys only.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from models.errors import SnapshotRefused
from models.events import Events, matching
from models.windows import NEVER_DAY

FORMAT = 2
_REBUILD = "Run `omhu snapshot --rebuild`: it makes the snapshot again from the store."
BUCKETS = 8
Kind = Literal["standing", "stream", "dense", "thinned"]


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """Where events lie: their kind, the month they became known (none for standing facts), and their bucket."""

    kind: Kind
    month: str
    bucket: int

    @property
    def folder(self) -> str:
        """The partition's folder, relative to the snapshot."""
        month = f"month={self.month}/" if self.month else ""
        return f"{self.kind}/{month}bucket={self.bucket:02d}"


class FileEntry(BaseModel):
    """One file of the snapshot, with what a reader needs to pass it over: day numbers as in `models.windows`."""

    model_config = ConfigDict(frozen=True)
    kind: Kind
    month: str
    bucket: int
    path: str
    rows: int
    digest: str
    first_known_day: int
    last_day: int
    last_known_at: int
    """Microseconds UTC: when the last of its events became known."""

    @property
    def partition(self) -> Partition:
        """Where the file's events lie."""
        return Partition(self.kind, self.month, self.bucket)


class Manifest(BaseModel):
    """What the snapshot consists of. `watermark` is the store's last change that it holds."""

    model_config = ConfigDict(frozen=True)
    format: int = FORMAT
    buckets: int = BUCKETS
    watermark: int = 0
    lexicon: str = ""
    rules: str = ""
    """By which rules its events were made (`models.snapshot_rules`); none of one made before that was written down."""
    invented: bool = False
    files: tuple[FileEntry, ...] = ()
    objected: tuple[int, ...] = ()
    """Citizens who object: whoever computes sees nothing of them. Their events lie in the files still."""
    reviews: tuple[int, int, int] = (0, 0, 0)
    """Of the reviews among the standing facts: how many, the last one's number, and how many were taken back."""

    @property
    def hash(self) -> str:
        """A digest of the contents: equal for equal events, whatever the order they were written in."""
        lines = sorted(f"{file.partition.folder} {file.digest}" for file in self.files)
        if self.objected:
            lines.append(f"without {sorted(self.objected)}")
        return hashlib.sha256("\n".join([str(self.format), str(self.buckets), *lines]).encode()).hexdigest()

    def months(self) -> tuple[str, ...]:
        """The months of knowledge the stream covers, oldest first."""
        return tuple(sorted({file.month for file in self.files if file.month}))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot as it stood when it was opened."""

    folder: Path
    manifest: Manifest

    @classmethod
    def open(cls, folder: Path) -> "Snapshot":
        """Open the snapshot in a folder. Raises `SnapshotRefused` when there is none, or one this code cannot read."""
        try:
            manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
        except FileNotFoundError:
            raise SnapshotRefused("There is no snapshot yet.", "Load a drop, then run `omhu snapshot`.") from None
        except ValidationError as error:
            raise SnapshotRefused(
                f"The snapshot's manifest is damaged ({error.error_count()} faults).", _REBUILD
            ) from None
        if manifest.format != FORMAT:
            raise SnapshotRefused(
                f"The snapshot has format {manifest.format}, this code reads format {FORMAT}.",
                "Run `omhu snapshot --rebuild`.",
            )
        return cls(folder, manifest)

    @property
    def hash(self) -> str:
        """Digest of the contents, see `Manifest.hash`."""
        return self.manifest.hash

    @property
    def known_until(self) -> int:
        """When the last thing seen or done became known, microseconds UTC; 0 of an empty snapshot."""
        return max((file.last_known_at for file in self.manifest.files if file.month), default=0)

    def read(self, bucket: int, from_day: int = -NEVER_DAY, known_before: int = NEVER_DAY) -> Events:
        """The bucket's events, sorted.

        `from_day` passes over stream files with nothing that happened on that local day or later; `known_before` passes
        over files with nothing known before that day. Both only spare reading: files are taken or left whole.
        """
        files = self.files(from_day, known_before)
        return Events.of(self._seen(file) for file in files if file.bucket == bucket)

    def read_of(
        self, bucket: int, citizens: Iterable[int], from_day: int = -NEVER_DAY, known_before: int = NEVER_DAY
    ) -> Events:
        """As `read`, of these citizens of the bucket alone."""
        wanted = pa.array(sorted(set(citizens)), pa.int32())
        files = self.files(from_day, known_before)
        tables = (self._seen(file) for file in files if file.bucket == bucket)
        return Events.of(table.filter(pc.is_in(table["citizen"], wanted)) for table in tables)

    def files(self, from_day: int = -NEVER_DAY, known_before: int = NEVER_DAY) -> tuple[FileEntry, ...]:
        """The files `read` takes, of all buckets."""
        return tuple(
            file
            for file in self.manifest.files
            if file.kind != "dense"
            and file.first_known_day < known_before
            and (file.kind == "standing" or file.last_day >= from_day)
        )

    def standing(self, bucket: int, codes: Sequence[str] | None = None) -> Events:
        """Only the bucket's standing facts, sorted; all of them, or those of some codes (as `models.events.matches`).

        Who needs few says so: to sort the others too takes longest of all.
        """
        tables = (self._seen(file) for file in self.manifest.files if file.bucket == bucket and not file.month)
        return Events.of(tables if codes is None else (_of_codes(table, codes) for table in tables))

    def by_bucket(self, citizen: NDArray[np.int32]) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """Each bucket that holds any of the citizens, shape (n,), with their places in it: so that it is read once."""
        bucket_of = citizen % self.manifest.buckets
        for bucket in np.unique(bucket_of).tolist():
            yield bucket, np.flatnonzero(bucket_of == bucket)

    def leaving_out(self, citizens: Iterable[int]) -> "Snapshot":
        """The same snapshot with these citizens, and no others, as those who object."""
        objected = tuple(sorted(set(citizens)))
        return Snapshot(self.folder, self.manifest.model_copy(update={"objected": objected}))

    def table(self, file: FileEntry) -> pa.Table:
        """One file's events as a table of `models.events.SCHEMA`, those of citizens who object too."""
        with self.opened(file) as opened:
            return opened.read(use_threads=False)

    def opened(self, file: FileEntry) -> pq.ParquetFile:
        """One file, to read some of its columns.

        Raises `SnapshotRefused` when the file is gone or is not what was written: a byte that was changed can be read
        as another event, so that the digest is compared and not left to the format.
        """
        try:
            content = (self.folder / file.path).read_bytes()
        except OSError as error:
            if file.path not in {each.path for each in Snapshot.open(self.folder).manifest.files}:
                raise SnapshotRefused("The snapshot was renewed while it was read.", "Run it again.") from error
            raise SnapshotRefused(f"The snapshot's file {file.path} cannot be read.", _REBUILD) from error
        if hashlib.sha256(content).hexdigest() != file.digest:
            raise SnapshotRefused(f"The snapshot's file {file.path} is damaged.", _REBUILD)
        # Hundreds of small files: `pq.read_table` would spend more on being ready for anything than on reading.
        return pq.ParquetFile(pa.BufferReader(content), read_dictionary=["code"])

    def _seen(self, file: FileEntry) -> pa.Table:
        events = self.table(file)
        if not self.manifest.objected:
            return events
        return events.filter(pc.invert(pc.is_in(events["citizen"], pa.array(self.manifest.objected, pa.int32()))))


def _of_codes(events: pa.Table, wanted: Sequence[str]) -> pa.Table:
    coded = events["code"].combine_chunks()
    chosen = matching(coded.dictionary.to_pylist(), wanted)
    return events.filter(pa.array(chosen[coded.indices.to_numpy()]))
