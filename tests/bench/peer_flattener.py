"""The same counts, means, extremes and variances by timeseriesflattener; run in an environment of its own.

    python peer_flattener.py FOLDER      reads events.parquet and rows.parquet, writes flattened.parquet

Prints its seconds as JSON, of computing only: reading is not counted against it.
"""
# pyright: reportMissingImports=false
# The peer is in no environment of this project: it wants versions of its own.

import contextlib
import datetime as dt
import io
import json
import sys
import time
from pathlib import Path

import polars as pl  # in the peer's environment only
import timeseriesflattener as tsf

WINDOWS = [dt.timedelta(days=days) for days in (7, 14, 30, 90, 180)]


def main() -> None:
    """Flatten, and tell what it cost."""
    folder = Path(sys.argv[1])
    events, rows = pl.read_parquet(folder / "events.parquet"), pl.read_parquet(folder / "rows.parquet")
    times = rows.select(
        pl.col("citizen").cast(pl.String).alias("entity_id"),
        pl.col("as_of").cast(pl.Datetime("us")).alias("pred_timestamp"),
    )
    valued = int(sys.argv[2])
    specs = [spec(events.filter(pl.col("code") == code), code, code < valued) for code in range(int(sys.argv[3]))]
    clock, processor = time.perf_counter(), time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        frame = tsf.PredictionTimeFrame(init_df=times)
        flat = tsf.Flattener(predictiontime_frame=frame).aggregate_timeseries(specs=specs).df
    cost = {"clock": time.perf_counter() - clock, "processor": time.process_time() - processor}
    flat.write_parquet(folder / "flattened.parquet")
    print(json.dumps(cost))


def spec(events: pl.DataFrame, code: int, valued: bool) -> tsf.PredictorSpec:
    """What is computed of one code."""
    frame = events.select(
        pl.col("citizen").cast(pl.String).alias("entity_id"),
        pl.col("at").alias("timestamp"),
        pl.col("value").alias(f"c{code:02d}"),
    )
    of_values = [tsf.MeanAggregator(), tsf.MinAggregator(), tsf.MaxAggregator(), tsf.VarianceAggregator()]
    return tsf.PredictorSpec(
        value_frame=tsf.ValueFrame(init_df=frame),
        lookbehind_distances=WINDOWS,
        aggregators=[tsf.CountAggregator(), *(of_values if valued else [])],
        fallback=float("nan"),
        column_prefix="p",
    )


if __name__ == "__main__":
    main()
