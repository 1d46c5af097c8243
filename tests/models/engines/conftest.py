"""The engines, each with what it needs; Spark is started once for all tests."""

from collections.abc import Generator

import pytest

from models.engines import Engine, spark
from models.engines.choice import MatrixOf, matrix_by

SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""What Java is told: to compile thoroughly what runs for a minute only costs more than it brings."""


@pytest.fixture(scope="session")
def spark_session() -> Generator[None]:
    """A Spark of two cores."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JDK_JAVA_OPTIONS", SHORT_LIVED)
        for name in spark.CONFIGURED_BY:
            patch.delenv(name, raising=False)
        running = spark.session(cores=2)
        yield
        running.stop()


@pytest.fixture(scope="session", params=Engine)
def engine(request: pytest.FixtureRequest) -> MatrixOf:
    """How an engine makes a matrix; the test runs once for each."""
    if request.param is Engine.SPARK:
        request.getfixturevalue("spark_session")
    return matrix_by(request.param)
