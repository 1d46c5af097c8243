"""The same features by DuckDB, after the best plan found: a join on sixty-day buckets, aggregates narrow and long.

Rows and events meet in buckets of sixty days (four of them hold 180 days), which is a join on equality; aggregates are
per row and code, a few columns of them, and are put where they belong by numpy. Wide SQL, a column a feature, takes
minutes for a handful of citizens; window frames and range joins are two to four times slower than this. Of many
citizens some hundreds are done at a time, which keeps what is grouped within the processor's cache.
"""

from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from tests.bench.peer_work import CODES, VALUED, WINDOWS

_BUCKET, _LONGEST = 60, 180
_JOINED = f"""
    WITH everyone AS (
        SELECT row_number() OVER (ORDER BY as_of, citizen) - 1 AS row, citizen,
               date_diff('day', DATE '1970-01-01', as_of) AS day
        FROM '{{folder}}/rows.parquet'
    ), rows AS (
        SELECT * FROM everyone WHERE citizen BETWEEN {{first}} AND {{last}}
    ), spread AS (
        SELECT row, citizen, day, day // {_BUCKET} - back AS bucket
        FROM rows, range({_LONGEST // _BUCKET + 1}) AS backs(back)
    ), events AS (
        SELECT citizen, date_diff('day', TIMESTAMP '1970-01-01', "at") AS day, code, value, place
        FROM '{{folder}}/events.parquet'
        WHERE citizen BETWEEN {{first}} AND {{last}}
    ), dated AS (
        SELECT *, day // {_BUCKET} AS bucket FROM events
    )
    SELECT row, code, value, place, spread.day - dated.day AS age
    FROM spread JOIN dated USING (citizen, bucket)
    WHERE dated.day < spread.day AND dated.day >= spread.day - {_LONGEST}
"""


def features(folder: Path, rows: int, citizens: int, at_a_time: int) -> NDArray[np.float32]:
    """The matrix, columns as `tests.bench.peer_work.features` orders them, rows by date and citizen.

    Citizens are numbered from 1, and so many of them are done at a time.
    """
    counts = ", ".join(f"count(*) FILTER (age <= {days}) AS n{days}" for days in WINDOWS)
    values = ", ".join(
        f"{what}(value) FILTER (age <= {days}) AS {what}{days}"
        for what in ("avg", "min", "max", "stddev_samp")
        for days in WINDOWS
    )
    last = "arg_max(value, place) AS last, min(age) AS since"
    matrix = _Scattered(rows)
    with duckdb.connect() as connection:
        connection.execute("SET threads = 2")
        for first in range(1, citizens + 1, at_a_time):
            joined = _JOINED.format(folder=folder, first=first, last=first + at_a_time - 1)
            matrix.count(connection.sql(f"SELECT row, code, {counts} FROM ({joined}) GROUP BY row, code").fetchnumpy())
            of_values = f"SELECT row, code, {values}, {last} FROM ({joined}) WHERE code < {len(VALUED)}"
            matrix.value(connection.sql(f"{of_values} GROUP BY row, code").fetchnumpy())
    return matrix.whole()


class _Scattered:
    """The matrix while it is filled: what is aggregated per row and code, put where it belongs."""

    def __init__(self, rows: int) -> None:
        self._counts = np.zeros((rows, len(CODES), len(WINDOWS)), dtype=np.float32)
        self._values = np.full((rows, len(VALUED), 4, len(WINDOWS)), np.nan, dtype=np.float32)
        self._ends = np.full((rows, len(VALUED), 2), np.nan, dtype=np.float32)

    def count(self, counted: dict[str, NDArray[np.int64]]) -> None:
        for place, days in enumerate(WINDOWS):
            self._counts[counted["row"], counted["code"], place] = counted[f"n{days}"]

    def value(self, valued: dict[str, NDArray[np.int64]]) -> None:
        for kind, what in enumerate(("avg", "min", "max", "stddev_samp")):
            for place, days in enumerate(WINDOWS):
                self._values[valued["row"], valued["code"], kind, place] = np.ma.filled(
                    np.ma.asarray(valued[f"{what}{days}"], dtype=np.float32), np.nan
                )
        self._ends[valued["row"], valued["code"], 0] = valued["last"]
        self._ends[valued["row"], valued["code"], 1] = valued["since"]

    def whole(self) -> NDArray[np.float32]:
        rows = len(self._counts)
        return np.concatenate([part.reshape(rows, -1) for part in (self._counts, self._values, self._ends)], axis=1)
