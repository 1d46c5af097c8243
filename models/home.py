"""Where an installation keeps its files, from the three environment variables of the command line.

Service and training both need the same answer and may not import each other. Nothing is created or read here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

VARIABLES: Final[Mapping[str, tuple[str, str]]] = {
    "OMHU_HOME": ("Where all state lies: a folder only Omhu's user may look into.", "`.local` in the current folder"),
    "OMHU_DATABASE_URL": (
        "The store: `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME` (PostgreSQL 15).",
        "`omhu.db` in `OMHU_HOME`",
    ),
    "MLFLOW_TRACKING_URI": (
        "MLflow's runs and registry: `sqlite:///FILE` or the address of a server.",
        "`mlflow.db` in `OMHU_HOME`",
    ),
}
"""Each variable with what it means and what holds without it; the settings' page is written from here."""


@dataclass(frozen=True, slots=True)
class Home:
    """The folder below which all state lives, and the two stores that may live elsewhere."""

    folder: Path
    database_url: str
    tracking_uri: str

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Home":
        """Read `OMHU_HOME`, `OMHU_DATABASE_URL` and `MLFLOW_TRACKING_URI`; each has an embedded default."""
        folder = Path(environ.get("OMHU_HOME") or ".local").absolute()
        return cls(
            folder=folder,
            database_url=environ.get("OMHU_DATABASE_URL") or f"sqlite:///{folder / 'omhu.db'}",
            tracking_uri=environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{folder / 'mlflow.db'}",
        )

    @property
    def snapshot(self) -> Path:
        """The Parquet snapshot that training and the weekly list read."""
        return self.folder / "snapshot"

    @property
    def artifacts(self) -> Path:
        """Files of MLflow runs, when MLflow is the embedded one."""
        return self.folder / "artifacts"

    @property
    def bundles(self) -> Path:
        """Local copies of model bundles, one folder a registered version."""
        return self.folder / "bundles"

    @property
    def loads(self) -> Path:
        """Uploaded drops waiting to be loaded."""
        return self.folder / "loads"

    @property
    def mapping(self) -> Path:
        """The municipality's mapping file, when one is in use."""
        return self.folder / "mapping.toml"
