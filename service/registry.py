"""The champion the service scores with: the copy on this machine, and asking the registry whether it still is current.

Scoring needs only the copy. The registry is asked when its file has changed since the copy was made, or when it is a
server and someone wants to know; that imports mlflow (three seconds, 200 MB) and never happens in a request.
"""

import logging
import os
import warnings
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from models.errors import NotFound, SystemWrong
from models.home import Home
from models.scoring import bundle, champion
from models.scoring.bundle import Manifest
from models.scoring.champion import Champion
from models.scoring.score import RiskModel

ALIAS, BUNDLE = "champion", "bundle"
Download = Callable[[str, str, str], str]
"""Fetch a run's artifact folder into a local one: run, path, destination."""
_REMEDY = "Run `omhu train`, then `omhu promote`."


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A champion ready to score: its registered version, what it was made from, and the model."""

    version: str
    manifest: Manifest
    model: RiskModel


def load_champion(home: Home) -> LoadedModel:
    """The champion, loaded and checked, after asking the registry where the copy may be out of date.

    Raises `NotFound` when nothing was promoted yet, `BundleRefused` when this code cannot use the champion.
    """
    return _loaded(home, current(home))


def load_copy(home: Home) -> LoadedModel:
    """The champion as it was last fetched, loaded and checked, without asking anybody."""
    copy = champion.read(home.bundles)
    if copy is None:
        raise NotFound("No model was promoted yet.", _REMEDY)
    return _loaded(home, copy)


def current(home: Home) -> Champion:
    """The champion in force, its bundle in place on this machine.

    An embedded registry is only asked when its file has changed; a server is always asked. When it cannot be reached,
    the copy serves on. Raises `NotFound` when nothing was promoted yet.
    """
    copy = champion.read(home.bundles)
    stamp = champion.registry_stamp(home.tracking_uri)
    mine = copy is not None and (copy.tracking_uri, copy.model) == (home.tracking_uri, home.model)
    if copy is not None and mine and stamp and copy.registry_stamp == stamp:
        return copy
    try:
        return refresh(home)
    except SystemWrong:
        if copy is None or not mine:
            raise
        return copy


def refresh(home: Home) -> Champion:
    """Ask the registry which version is champion and fetch its bundle if it is not here.

    Raises `NotFound` when there is none, `SystemWrong` when the registry cannot be asked.
    """
    os.environ.update({"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"})
    # By itself MLflow asks a server that is away for minutes; the copy can serve on at once.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
    with _quietly():
        from mlflow import MlflowClient  # noqa: PLC0415
        from mlflow.exceptions import MlflowException  # noqa: PLC0415

        try:
            client = MlflowClient(home.tracking_uri, home.tracking_uri)
            found = client.get_model_version_by_alias(home.model, ALIAS)
        except MlflowException as error:
            if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                raise NotFound("No model was promoted yet.", _REMEDY) from None
            raise SystemWrong("The model registry cannot be asked.", "Check MLFLOW_TRACKING_URI.") from error
        named = Champion(
            version=str(found.version),
            run_id=str(found.run_id),
            tracking_uri=home.tracking_uri,
            registry_stamp=champion.registry_stamp(home.tracking_uri),
            model=home.model,
            gate=_gate(found.tags),
        )
        return _put_in_place(home, named, client.download_artifacts)


def _gate(tags: Mapping[str, str]) -> champion.Gate:
    """How the version came to be in force, by what was written on it when the alias was moved."""
    promoted, returned = tags.get("promoted_at", ""), tags.get("rolled_back_to_at", "")
    if returned > promoted:
        return "returned"
    return "unknown" if not promoted else "accepted" if "accepted_reason" in tags else "passed"


def _put_in_place(home: Home, named: Champion, download: Download) -> Champion:
    home.bundles.mkdir(parents=True, exist_ok=True)
    present = champion.read(home.bundles)
    if present is not None and (present.version, present.run_id) == (named.version, named.run_id):
        kept = named.model_copy(update={"place": present.place})
        champion.name(home.bundles, kept)
        return kept
    with TemporaryDirectory() as folder:
        download(named.run_id, BUNDLE, folder)
        return champion.install(home.bundles, named, Path(folder) / BUNDLE)


def _loaded(home: Home, found: Champion) -> LoadedModel:
    folder = found.folder(home.bundles)
    return LoadedModel(found.version, bundle.read_manifest(folder), bundle.load(folder))


@contextmanager
def _quietly() -> Generator[None]:
    """Without mlflow's own warnings and log lines, which are not ours to show."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.ERROR)
        yield
