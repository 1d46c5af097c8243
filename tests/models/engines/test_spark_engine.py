"""The engine on Spark by itself: what it says where it cannot start, and what one of its tasks does."""

import sys
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from models.engines import spark
from models.engines.local import matrix
from models.errors import RequestWrong
from models.features.catalogue import CATALOGUE
from models.windows import day_number
from tests.models.happenings import as_table, happenings
from tests.models.stored import snapshot_of

DAY = day_number(date(2025, 3, 10))
HOMES = """
    citizen | code               | occurred_at      | recorded_at      | value
    1       | citizen:care_start | 2024-01-01 00:00 | 2023-12-01 08:00 |
    1       | district:Nørre     | 2024-01-01 00:00 | 2023-12-01 08:00 |
    1       | visit:nursing      | 2025-03-04 08:00 | 2025-03-04 08:30 | 25
    3       | citizen:care_start | 2024-01-01 00:00 | 2023-12-01 08:00 |
"""


@pytest.fixture
def no_spark_running(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that has not started Spark yet."""
    from pyspark.sql import SparkSession

    monkeypatch.setattr(SparkSession, "getActiveSession", lambda: None)


def test_without_pyspark_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "pyspark"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(RequestWrong, match=r"needs pyspark.*omhu\[spark\]") as refused:
        spark.session()
    assert refused.value.exit_code == 2


def test_without_java_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, no_spark_running: None
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(RequestWrong, match=r"needs Java.*Java 17"):
        spark.session()


def test_a_spark_that_runs_is_used_and_one_core_more_is_not_asked_for(spark_session: None) -> None:
    assert spark.session() is spark.session(cores=1)


def test_a_spark_the_surroundings_configure_is_left_as_it_is(
    spark_session: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from pyspark.sql import SparkSession

    running = spark.session()
    monkeypatch.setattr(SparkSession, "getActiveSession", lambda: None)
    monkeypatch.setenv("SPARK_CONF_DIR", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").touch()
    assert spark.session(cores=1).sparkContext.master == running.sparkContext.master == "local[2]"


def test_what_goes_wrong_in_a_task_is_told_as_it_is(
    spark_session: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_events: pa.Table) -> pa.Table:
        raise ArithmeticError("not a number of anything")

    monkeypatch.setattr(spark, "_task", lambda *_: broken)
    with pytest.raises(Exception, match="not a number of anything"):
        spark.matrix(snapshot_of(happenings(HOMES), tmp_path), [DAY])


def test_what_spark_itself_does_not_take_is_told_as_it_is(
    spark_session: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pyspark.errors import AnalysisException

    monkeypatch.setattr(spark, "_EVENT", "no columns (")
    with pytest.raises(AnalysisException):
        spark.matrix(snapshot_of(happenings(HOMES), tmp_path), [DAY])


def test_a_task_gives_the_rows_of_its_citizens_in_small_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark, "_ROWS_A_BATCH", 1)
    events = as_table(happenings(HOMES)).append_column("group", [np.zeros(4, dtype=np.int32)])
    made = spark._task([DAY], CATALOGUE)(events)
    assert [batch.num_rows for batch in made.to_batches()] == [1, 1]
    assert made["district"].to_pylist() == ["Nørre", None]
    whole = matrix(snapshot_of(happenings(HOMES), tmp_path), [DAY])
    assert [np.frombuffer(row, np.float32).tobytes() for row in made["numbers"].to_pylist()] == [
        row.tobytes() for row in whole.values
    ]


def test_a_snapshot_of_more_events_is_computed_in_more_groups(
    spark_session: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark, "ROWS_A_GROUP", 1)
    snapshot = snapshot_of(happenings(HOMES), tmp_path, buckets=1)
    np.testing.assert_array_equal(spark.matrix(snapshot, [DAY]).values, matrix(snapshot, [DAY]).values)
