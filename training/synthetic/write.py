"""Writes an invented municipality: `OUT/drop/*.parquet` in the form of the interchange, and `OUT/truth.parquet`.

The same town gives the same bytes. The truth stands beside the drop, never in it.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from training.synthetic.citizens import citizen_table
from training.synthetic.grants import condition_table, service_table
from training.synthetic.hospital import notification_table
from training.synthetic.monitoring import plan_table
from training.synthetic.notes import note_tables
from training.synthetic.observations import observation_tables
from training.synthetic.scene import BLOCK_DAYS, Scene, make_scene
from training.synthetic.tables import SCHEMAS, TRUTH, numbers
from training.synthetic.town import Town
from training.synthetic.truth import true_risks
from training.synthetic.visits import visit_tables

Progress = Callable[[float, str], None]
_TABLES: tuple[tuple[str, Callable[[Scene], Iterable[pa.Table]], float], ...] = (
    ("citizens", lambda scene: [citizen_table(scene)], 0.32),
    ("conditions", lambda scene: [condition_table(scene)], 0.34),
    ("services", lambda scene: [service_table(scene)], 0.37),
    ("monitoring_plans", lambda scene: [plan_table(scene)], 0.38),
    ("hospital_notifications", lambda scene: [notification_table(scene)], 0.40),
    ("visits", visit_tables, 0.62),
    ("observations", observation_tables, 0.80),
    ("notes", note_tables, 1.0),
)
"""Each table, how it is made and the share of the whole that is done after it."""


def synthesise(town: Town, out: Path, progress: Progress | None = None) -> None:
    """Make the town and write it below `out`, which is created; files already there are replaced.

    `progress` is called with the share done, 0 to 1, and a phrase, at least about once a second.
    """
    tell = progress or _silent
    drop = out / "drop"
    drop.mkdir(parents=True, exist_ok=True)
    scene = make_scene(town, lambda share, what: tell(0.22 * share, what))
    tell(0.22, "true risk")
    _write(out / "truth.parquet", TRUTH, [_truth_table(scene, lambda share: tell(0.22 + 0.06 * share, "true risk"))])
    done = 0.28
    for name, make, after in _TABLES:
        tell(done, name)
        _write(drop / f"{name}.parquet", SCHEMAS[name], _told(make(scene), town, name, done, after, tell))
        done = after
    tell(1.0, "done")


def _told(
    made: Iterable[pa.Table], town: Town, name: str, start: float, end: float, tell: Progress
) -> Iterator[pa.Table]:
    steps = -(-town.days // BLOCK_DAYS)
    for number, table in enumerate(made, start=1):
        yield table
        tell(start + (end - start) * min(number / steps, 1), name)


def _write(path: Path, schema: pa.Schema, made: Iterable[pa.Table]) -> None:
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for table in made:
            writer.write_table(table)


def _truth_table(scene: Scene, progress: Callable[[float], None]) -> pa.Table:
    truth = true_risks(scene.town, scene.people, scene.course, scene.hazard, progress)
    start = np.datetime64(scene.town.first_day)
    return pa.Table.from_arrays(
        [
            scene.citizen_ids(truth.citizen),
            pa.array(start + truth.day.astype("timedelta64[D]"), pa.date32()),
            numbers(truth.true_risk.round(8)),
            pa.array(truth.admitted, mask=~truth.known),
            pa.array(truth.at_risk),
        ],
        schema=TRUTH,
    )


def _silent(share: float, what: str) -> None:
    """Say nothing."""
