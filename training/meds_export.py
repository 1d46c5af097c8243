"""The snapshot as a MEDS dataset, for tools that read that standard (Medical Event Data Standard 0.4).

Events are MEDS-shaped already: subject, time, code, numeric value. What stands on the day of the export is exported;
`known_from` goes along as a column of its own, because MEDS has one time axis and whoever trains on the files must not
lose the other. The subjects are the store's pseudonymous keys.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from models.errors import RequestWrong
from models.events import SCHEMA
from models.snapshot import Snapshot
from models.vocabulary import name

_CODES = {"citizen:birth": "MEDS_BIRTH", "citizen:death": "MEDS_DEATH", "stay:death": "MEDS_DEATH"}
"""Codes that MEDS has names of its own for."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: subjects, events and different codes."""

    subjects: int
    events: int
    codes: int


def export(snapshot: Snapshot, out: Path, now: datetime, step: Callable[[], None]) -> Exported:
    """Write the dataset below `out`, a shard a bucket, each checked against MEDS' own schema.

    Raises `RequestWrong` where the package `meds` is not installed, or something lies at `out` already.
    """
    if find_spec("meds") is None:
        raise RequestWrong(
            "The package `meds` is not installed.", "Install Omhu with its extra: pip install omhu[meds]."
        )
    if out.exists() and any(out.iterdir()):
        raise RequestWrong(f"There is something in {out.name} already.", "Give a new folder.")
    (out / "data").mkdir(parents=True, exist_ok=True)
    (out / "metadata").mkdir(exist_ok=True)
    codes: set[str] = set()
    subjects = events = 0
    for bucket in range(snapshot.manifest.buckets):
        table = _shard(snapshot, bucket)
        if table.num_rows:
            pq.write_table(table, out / "data" / f"{bucket}.parquet", compression="zstd")
        codes |= set(pc.unique(table["code"]).to_pylist())
        subjects += len(pc.unique(table["subject_id"]))
        events += table.num_rows
        step()
    _write_metadata(snapshot, out / "metadata", sorted(codes), now)
    return Exported(subjects, events, len(codes))


def _shard(snapshot: Snapshot, bucket: int) -> pa.Table:
    """A bucket's events that still stand, each subject's together and in order of time, as MEDS wants it."""
    from meds import DataSchema  # noqa: PLC0415 - an extra

    files = [snapshot.table(file) for file in snapshot.manifest.files if file.bucket == bucket]
    events = pa.concat_tables(files or [SCHEMA.empty_table()]).unify_dictionaries()
    events = events.filter(pc.is_null(events["superseded_at"]))
    order = [(key, "ascending") for key in ("citizen", "occurred_at", "known_from", "sequence")]
    events = events.sort_by(order)
    codes = [_CODES.get(code, code) for code in events["code"].cast(pa.string()).to_pylist()]
    table = pa.table(
        {
            "subject_id": events["citizen"].cast(pa.int64()),
            "time": events["occurred_at"].cast(pa.timestamp("us")),
            "code": pa.array(codes, pa.string()),
            "numeric_value": events["value"],
            "known_from": events["known_from"].cast(pa.timestamp("us")),
        }
    )
    return DataSchema.align(table)


def _write_metadata(snapshot: Snapshot, folder: Path, codes: list[str], now: datetime) -> None:
    from meds import CodeMetadataSchema, DatasetMetadataSchema, SubjectSplitSchema  # noqa: PLC0415 - an extra

    described = {
        "dataset_name": "omhu-invented" if snapshot.manifest.invented else "omhu",
        "dataset_version": snapshot.hash,
        "etl_name": "omhu",
        "etl_version": version("omhu"),
        "meds_version": version("meds"),
        "created_at": now.astimezone(UTC).isoformat(),
    }
    DatasetMetadataSchema.validate(described)
    (folder / "dataset.json").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
    known = pa.table(
        {
            "code": pa.array(codes, pa.string()),
            "description": pa.array([name(code, "en") for code in codes], pa.string()),
            "parent_codes": pa.array([None] * len(codes), pa.list_(pa.string())),
        }
    )
    pq.write_table(CodeMetadataSchema.align(known), folder / "codes.parquet")
    nobody = pa.table({"subject_id": pa.array(np.empty(0, np.int64)), "split": pa.array([], pa.string())})
    pq.write_table(SubjectSplitSchema.align(nobody), folder / "subject_splits.parquet")
