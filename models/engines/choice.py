"""The engines by name, so that a command line can offer them; what an engine needs is loaded when it is chosen."""

from collections.abc import Sequence
from typing import Protocol

from models.engines import Engine, local, spark
from models.engines.local import Matrix, Progress
from models.features.catalogue import CATALOGUE
from models.features.spec import Catalogue
from models.snapshot import Snapshot


class MatrixOf(Protocol):
    """Makes the matrix of a snapshot, as `models.engines.local.matrix` does."""

    def __call__(
        self,
        snapshot: Snapshot,
        as_of_days: Sequence[int],
        catalogue: Catalogue = CATALOGUE,
        progress: Progress | None = None,
    ) -> Matrix:
        """The features of everyone in care on each as-of day."""
        ...


def matrix_by(engine: Engine) -> MatrixOf:
    """How the engine makes a matrix."""
    return local.matrix if engine is Engine.LOCAL else spark.matrix
