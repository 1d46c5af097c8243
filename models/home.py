"""Where an installation keeps its files, from the environment variables of the command line, and whose it is.

Service and training both need the same answer and may not import each other. Nothing is created or read here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.errors import RequestWrong

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
    "OMHU_MUNICIPALITY": (
        "Whose settings these are: its name is in log lines and its model in MLflow; of several, whose turn it is.",
        "none; the model is `omhu`",
    ),
    "OMHU_MUNICIPALITIES": (
        "A folder with a file `NAME.env` of settings for each of several municipalities.",
        "none: there is one",
    ),
}
"""Each variable with what it means and what holds without it; the settings' page is written from here."""

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,30}")


def require_name(name: str) -> str:
    """The name, which is part of file names, log lines and a model's name. Raises `RequestWrong` unless it can be."""
    if not _NAME.fullmatch(name):
        raise RequestWrong(
            f"A municipality cannot be called {name!r}.",
            "Use a to z, 0 to 9 and hyphens, at most 31 of them and a letter first.",
        )
    return name


@dataclass(frozen=True, slots=True)
class Home:
    """The folder below which all state lives, the two stores that may live elsewhere, and whose all of it is."""

    folder: Path
    database_url: str
    tracking_uri: str
    municipality: str = ""
    """Empty in an installation of one municipality that was not named."""

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Home":
        """Read `OMHU_HOME`, `OMHU_DATABASE_URL` and `MLFLOW_TRACKING_URI`, which have embedded defaults, and the name.

        Raises `RequestWrong` for an `OMHU_MUNICIPALITY` that is no name.
        """
        folder = Path(environ.get("OMHU_HOME") or ".local").absolute()
        named = environ.get("OMHU_MUNICIPALITY")
        return cls(
            folder=folder,
            database_url=environ.get("OMHU_DATABASE_URL") or f"sqlite:///{folder / 'omhu.db'}",
            tracking_uri=environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{folder / 'mlflow.db'}",
            municipality=require_name(named) if named else "",
        )

    @property
    def model(self) -> str:
        """The registered model and the experiment in MLflow, which several municipalities may share."""
        return f"omhu-{self.municipality}" if self.municipality else "omhu"

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
    def drift(self) -> Path:
        """The states of drift's alarms, as they were last measured."""
        return self.folder / "drift.json"

    @property
    def loads(self) -> Path:
        """Uploaded drops waiting to be loaded."""
        return self.folder / "loads"

    @property
    def mapping(self) -> Path:
        """The municipality's mapping file, when one is in use."""
        return self.folder / "mapping.toml"
