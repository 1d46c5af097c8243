"""The same features by DuckDB, after the best plan found: a join on sixty-day buckets, aggregates narrow and long.

Rows and events meet in buckets of sixty days (four of them hold 180 days), which is a join on equality; aggregates are
per row and code, a few columns of them, and are put where they belong by numpy. Wide SQL, a column a feature, takes
minutes for a handful of citizens; window frames and range joins are two to four times slower than this.
"""

from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from tests.bench.peer_work import CODES, VALUED, WINDOWS

_BUCKET, _LONGEST = 60, 180
_JOINED = f"""
    WITH rows AS (
        SELECT row_number() OVER (ORDER BY as_of, citizen) - 1 AS row, citizen,
               date_diff('day', DATE '1970-01-01', as_of) AS day
        FROM '{{folder}}/rows.parquet'
    ), spread AS (
        SELECT row, citizen, day, day // {_BUCKET} - back AS bucket
        FROM rows, range({_LONGEST // _BUCKET + 1}) AS backs(back)
    ), events AS (
        SELECT citizen, date_diff('day', TIMESTAMP '1970-01-01', "at") AS day, code, value, place
        FROM '{{folder}}/events.parquet'
    ), dated AS (
        SELECT *, day // {_BUCKET} AS bucket FROM events
    )
    SELECT row, code, value, place, spread.day - dated.day AS age
    FROM spread JOIN dated USING (citizen, bucket)
    WHERE dated.day < spread.day AND dated.day >= spread.day - {_LONGEST}
"""


def features(folder: Path, rows: int) -> NDArray[np.float32]:
    """The matrix, columns as `tests.bench.peer_work.features` orders them, rows by date and citizen."""
    joined = _JOINED.format(folder=folder)
    counts = ", ".join(f"count(*) FILTER (age <= {days}) AS n{days}" for days in WINDOWS)
    values = ", ".join(
        f"{what}(value) FILTER (age <= {days}) AS {what}{days}"
        for what in ("avg", "min", "max", "stddev_samp")
        for days in WINDOWS
    )
    last = "arg_max(value, place) AS last, min(age) AS since"
    with duckdb.connect() as connection:
        connection.execute("SET threads = 2")
        counted = connection.sql(f"SELECT row, code, {counts} FROM ({joined}) GROUP BY row, code").fetchnumpy()
        valued = connection.sql(
            f"SELECT row, code, {values}, {last} FROM ({joined}) WHERE code < {len(VALUED)} GROUP BY row, code"
        ).fetchnumpy()
    return _scattered(counted, valued, rows)


def _scattered(
    counted: dict[str, NDArray[np.int64]], valued: dict[str, NDArray[np.int64]], rows: int
) -> NDArray[np.float32]:
    counts = np.zeros((rows, len(CODES), len(WINDOWS)), dtype=np.float32)
    for place, days in enumerate(WINDOWS):
        counts[counted["row"], counted["code"], place] = counted[f"n{days}"]
    values = np.full((rows, len(VALUED), 4, len(WINDOWS)), np.nan, dtype=np.float32)
    for kind, what in enumerate(("avg", "min", "max", "stddev_samp")):
        for place, days in enumerate(WINDOWS):
            values[valued["row"], valued["code"], kind, place] = np.ma.filled(
                np.ma.asarray(valued[f"{what}{days}"], dtype=np.float32), np.nan
            )
    ends = np.full((rows, len(VALUED), 2), np.nan, dtype=np.float32)
    ends[valued["row"], valued["code"], 0] = valued["last"]
    ends[valued["row"], valued["code"], 1] = valued["since"]
    return np.concatenate([part.reshape(rows, -1) for part in (counts, values, ends)], axis=1)
