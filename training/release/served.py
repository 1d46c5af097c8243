"""The model as MLflow serves and evaluates it (`mlflow.pyfunc`), for those who want that; the service scores without.

What is stored is a script of a few lines and the bundle: plain data read by the installed code, never a pickle.
"""

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.scoring import bundle
from models.scoring.score import RiskModel
from training import tracking

SCRIPT = '''"""Omhu's model for MLflow. What it does stands in the installed distribution `omhu`."""

from pathlib import Path

from mlflow.models import set_model
from mlflow.pyfunc import PythonModel
from pandas import DataFrame

from training.release.served import Served


class OmhuModel(PythonModel):
    def load_context(self, context):
        self._served = Served.load(Path(context.artifacts["bundle"]))

    def predict(self, context, model_input: DataFrame, params=None):
        return self._served.predict(model_input)


set_model(OmhuModel())
'''
_LIBRARIES = ("omhu", "lightgbm", "numpy", "pandas", "scikit-learn", "numba", "pyarrow", "pydantic")


@dataclass(frozen=True, slots=True)
class Served:
    """A bundle behind MLflow's interface."""

    model: RiskModel

    @classmethod
    def load(cls, folder: Path) -> "Served":
        """The bundle in a folder. Raises `BundleRefused` when this code cannot use it."""
        return cls(bundle.load(folder))

    def predict(self, rows: pd.DataFrame) -> NDArray[np.float64]:
        """The probability of an acute admission within the horizon, shape (n,), of rows with features as columns.

        Columns are found by name; a feature without a column is missing in every row.
        """
        values = rows.reindex(columns=list(self.model.names)).to_numpy(dtype=np.float32, na_value=np.nan)
        return self.model.score(values)


def write(folder: Path, bundle_folder: Path) -> None:
    """Write what MLflow serves of a bundle into a new folder."""
    requirements = [f"{library}=={version(library)}" for library in _LIBRARIES]
    names = bundle.read_manifest(bundle_folder).features
    with TemporaryDirectory() as scratch:
        script = Path(scratch) / "omhu_model.py"
        script.write_text(SCRIPT, encoding="utf-8")
        tracking.save_served(folder, script, bundle_folder, names, requirements)
