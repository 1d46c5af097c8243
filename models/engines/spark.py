"""The kernel on Spark, for what one machine can no longer hold: the same function, group of citizens by group.

Spark reads the snapshot's files, brings each group's events together and hands them, as Arrow, to the very code that
computes a bucket on one machine. Nothing of our own is distributed, and the rows are the same. The workers need this
distribution with its `spark` extra, and must see the snapshot's folder under the same path. The rows come back to the
one who asked, so they must fit there. The only module that knows pyspark, which is imported when it is first needed.
"""

import os
import shutil
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.engines import local
from models.engines.local import Matrix, Progress
from models.errors import RequestWrong, SnapshotRefused
from models.events import SCHEMA, Events
from models.features.catalogue import CATALOGUE
from models.features.spec import Catalogue
from models.snapshot import Snapshot

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, GroupedData, SparkSession

ROWS_A_GROUP = 500_000
"""Events that one task is to hold at a time, roughly; a snapshot of more is computed in more groups."""

_EVENT = """citizen int, occurred_at timestamp, known_from timestamp, superseded_at timestamp,
code string, value float, sequence bigint"""
# All numbers of a row as one value of bytes: a thousand columns would be a thousand conversions a row on the way.
_ROW = "citizen int, as_of int, status tinyint, district string, numbers binary"
_ROWS_A_BATCH = 8_192
CONFIGURED_BY = ("SPARK_CONF_DIR", "SPARK_REMOTE", "PYSPARK_SUBMIT_ARGS", "PYSPARK_GATEWAY_PORT")
_ON_THIS_MACHINE = {
    "spark.master": "local[*]",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "4g",
    "spark.driver.maxResultSize": "0",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "OFF",
    # A snapshot is hundreds of small files: to look at each in a task of its own costs more than to read them.
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "1000000",
}
_UNREADABLE = ("PATH_NOT_FOUND", "FAILED_READ_FILE")
_NOT_YET_PANDAS_3 = "PySpark does not yet fully support pandas"  # nothing here goes through pandas


def matrix(
    snapshot: Snapshot,
    as_of_days: Sequence[int],
    catalogue: Catalogue = CATALOGUE,
    progress: Progress | None = None,
) -> Matrix:
    """As `models.engines.local.matrix`, row for row; `progress` is told the end only.

    Raises `RequestWrong` where there is no Spark or no Java, `SnapshotRefused` for files that cannot be read.
    """
    days = sorted(set(as_of_days))
    files = snapshot.files(days[0] - local.reach(catalogue), days[-1]) if days else ()
    if not files:
        return local.matrix(snapshot, [], catalogue, progress)
    groups = max(snapshot.manifest.buckets, -(-sum(file.rows for file in files) // ROWS_A_GROUP))
    paths = [str(snapshot.folder / file.path) for file in files]
    running = session()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", _NOT_YET_PANDAS_3, FutureWarning)
        rows = _collected(running, paths, snapshot.manifest.objected, _task(days, catalogue), groups)
    if progress:
        progress(1.0)
    return _as_matrix(rows, catalogue)


def session(cores: int | None = None) -> "SparkSession":
    """The Spark that runs already, or that the surroundings configure, or else one on this machine.

    `cores` of this machine, all of them when it is not given. Raises `RequestWrong` with what to install when pyspark
    or Java is missing.
    """
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra, and slow to import
    except ImportError:
        raise RequestWrong(
            "The engine `spark` needs pyspark, which is not installed.",
            "Install `omhu[spark]` and Java 17, or use the engine `local`.",
        ) from None
    running = SparkSession.getActiveSession()
    if running is not None:
        return running
    _insist_on_java()
    builder = SparkSession.builder.appName("omhu")
    if not any(name in os.environ for name in CONFIGURED_BY):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        options = _ON_THIS_MACHINE | ({"spark.master": f"local[{cores}]"} if cores else {})
        for option, value in options.items():
            builder = builder.config(option, value)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", _NOT_YET_PANDAS_3, FutureWarning)
        return builder.getOrCreate()


def _insist_on_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if not (home and (Path(home) / "bin" / "java").exists()) and shutil.which("java") is None:
        raise RequestWrong(
            "The engine `spark` needs Java, and there is none on the path or in JAVA_HOME.",
            "Install Java 17 (Debian: openjdk-17-jre-headless), or use the engine `local`.",
        )


def _collected(
    spark: "SparkSession",
    paths: Sequence[str],
    objected: Sequence[int],
    work: Callable[[pa.Table], pa.Table],
    groups: int,
) -> pa.Table:
    """The rows all groups make, in any order, as a table of `_ROW`."""
    from py4j.protocol import Py4JJavaError  # noqa: PLC0415 - comes with pyspark, see above
    from pyspark.errors import AnalysisException  # noqa: PLC0415

    try:
        # The folders' names are for people; what is in the files is all there is to know.
        events = spark.read.schema(_EVENT).option("recursiveFileLookup", "true").parquet(*paths)
        if objected:
            events = events.filter(~events["citizen"].isin(list(objected)))
        return _by_group(events, groups).applyInArrow(work, _ROW).toArrow()
    except (AnalysisException, Py4JJavaError) as error:
        if any(condition in str(error) for condition in _UNREADABLE):
            raise SnapshotRefused("A file of the snapshot cannot be read.", "Run `omhu snapshot --rebuild`.") from error
        raise


def _by_group(events: "DataFrame", groups: int) -> "GroupedData":
    """A citizen's events all in one group. As many partitions as groups are asked for, so that Spark joins none."""
    numbered = events.withColumn("group", events["citizen"] % groups)
    return numbered.repartition(groups, "group").groupBy("group")


def _task(days: Sequence[int], catalogue: Catalogue) -> Callable[[pa.Table], pa.Table]:
    """The function handed to Spark, which reads from its types what it is to be given."""

    def task(events: pa.Table) -> pa.Table:
        return of_group(events, days, catalogue)

    return task


def of_group(events: pa.Table, days: Sequence[int], catalogue: Catalogue) -> pa.Table:
    """What a task does: the rows of one group of citizens from their events, with the columns of `_ROW`."""
    plain = events.select(SCHEMA.names)
    coded = plain.set_column(plain.column_names.index("code"), "code", plain["code"].dictionary_encode())
    who, values = local.rows_of(Events.of([coded.cast(SCHEMA)]), days, catalogue)
    districts = pa.array([*who.districts, None], pa.string())
    rows = pa.table(
        {
            "citizen": who.citizen,
            "as_of": who.as_of,
            "status": who.status,
            "district": districts.take(pa.array(np.where(who.district < 0, len(who.districts), who.district))),
            "numbers": _packed(values),
        }
    )
    return pa.Table.from_batches(rows.to_batches(max_chunksize=_ROWS_A_BATCH), rows.schema)


def _packed(values: NDArray[np.float32]) -> pa.ChunkedArray:
    """Each row of numbers, shape (n, p), as bytes, a few rows to a chunk: one chunk holds at most two gigabytes."""
    width = values.shape[1] * values.itemsize
    parts = [values[at : at + _ROWS_A_BATCH] for at in range(0, len(values), _ROWS_A_BATCH)]
    return pa.chunked_array(
        [
            pa.Array.from_buffers(
                pa.binary(),
                len(part),
                [None, pa.py_buffer(np.arange(len(part) + 1, dtype=np.int32) * width), pa.py_buffer(part)],
            )
            for part in parts
        ],
        pa.binary(),
    )


def _as_matrix(rows: pa.Table, catalogue: Catalogue) -> Matrix:
    """The collected rows, put in order and their numbers in one array."""
    citizen, as_of = rows["citizen"].to_numpy(), rows["as_of"].to_numpy()
    order = np.lexsort((citizen, as_of))
    place = np.empty(order.size, dtype=np.int64)
    place[order] = np.arange(order.size)
    values = np.empty((order.size, len(catalogue.names)), dtype=np.float32)
    done = 0
    for chunk in rows["numbers"].chunks:
        values[place[done : done + len(chunk)]] = _unpacked(chunk, values.shape[1])
        done += len(chunk)
    coded = rows["district"].combine_chunks().dictionary_encode()
    names: list[str] = coded.dictionary.to_pylist()
    districts = tuple(sorted(names))
    renumbered = np.array([*(districts.index(name) for name in names), -1], dtype=np.int32)
    return Matrix(
        citizen=citizen[order],
        as_of=as_of[order],
        status=rows["status"].to_numpy()[order],
        district=renumbered[pc.fill_null(coded.indices, -1).to_numpy()][order],
        districts=districts,
        values=values,
        names=catalogue.names,
    )


def _unpacked(chunk: pa.Array, columns: int) -> NDArray[np.float32]:
    """The numbers of rows packed by `_packed`, shape (n, columns)."""
    first = chunk.offset * columns
    return np.frombuffer(chunk.buffers()[2], dtype=np.float32)[first : first + len(chunk) * columns].reshape(
        -1, columns
    )
