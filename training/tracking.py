"""MLflow: where runs, figures, bundles and the registered model live. The only place of training that imports it.

Imported inside functions because it costs three seconds and 200 MB. The embedded default is a sqlite file and a folder
under `OMHU_HOME`; any other `MLFLOW_TRACKING_URI` is used as it is. Nothing is sent to anybody else.
"""

import logging
import os
import warnings
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

from models.errors import NotFound
from models.home import Home

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

MODEL = "omhu"
CHAMPION = "champion"
BUNDLE, REPORT = "bundle", "report"
_FEW_AT_ONCE = 90
"""MLflow takes no more than a hundred parameters in one request."""
_Entry = TypeVar("_Entry")


@dataclass(frozen=True, slots=True)
class Registered:
    """A registered version: its number, its run, and the tags it carries."""

    version: str
    run_id: str
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """What is logged of a training: everything MLflow keeps, and the folders whose files go with it."""

    parameters: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    dataset: Mapping[str, str]
    bundle: Path
    report: Path


def log(home: Home, run: Run) -> Registered:
    """Log a run and register its bundle as a new version of the model."""
    client = _client(home)
    with _quietly():
        created = client.create_run(_experiment(client, home), tags=dict(run.tags))
        run_id = created.info.run_id
        _log_all(client, run_id, run)
        client.log_artifacts(run_id, str(run.bundle), BUNDLE)
        client.log_artifacts(run_id, str(run.report), REPORT)
        client.set_terminated(run_id)
        _ensure_model(client)
        version = client.create_model_version(
            MODEL, f"{created.info.artifact_uri}/{BUNDLE}", run_id, tags=dict(run.tags)
        )
    return _registered(version)


def registered(home: Home, run_id: str | None) -> Registered:
    """The version of a run, or the newest without one. Raises `NotFound` when there is none."""
    client = _client(home)
    with _quietly():
        wanted = f"name = '{MODEL}'" + (f" and run_id = '{_plain(run_id)}'" if run_id else "")
        found = client.search_model_versions(wanted)
    if not found:
        raise NotFound(
            f"No model is registered for run {_plain(run_id)}." if run_id else "No model is registered yet.",
            "Train one with `omhu train`; it prints the run's id.",
        )
    return _registered(max(found, key=lambda version: int(version.version)))


def of_version(home: Home, version: str) -> Registered:
    """A registered version by its number."""
    client = _client(home)
    with _quietly():
        return _registered(client.get_model_version(MODEL, version))


def champion(home: Home) -> Registered | None:
    """The version the alias points at, or nothing."""
    client = _client(home)
    from mlflow.exceptions import MlflowException  # noqa: PLC0415

    try:
        with _quietly():
            return _registered(client.get_model_version_by_alias(MODEL, CHAMPION))
    except MlflowException:
        return None


def make_champion(home: Home, version: str, tags: Mapping[str, str]) -> None:
    """Move the alias to a version, and record on it who did so and why."""
    client = _client(home)
    with _quietly():
        for key, value in tags.items():
            client.set_model_version_tag(MODEL, version, key, value)
        client.set_registered_model_alias(MODEL, CHAMPION, version)


@contextmanager
def artifacts(home: Home, run_id: str) -> Generator[Path]:
    """The files of a run, `bundle/` and `report/`, in a folder that goes away afterwards."""
    client = _client(home)
    with TemporaryDirectory() as folder, _quietly():
        for part in (BUNDLE, REPORT):
            client.download_artifacts(run_id, part, folder)
        yield Path(folder)


def _client(home: Home) -> "MlflowClient":
    os.environ.update({"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"})
    if home.tracking_uri.startswith("sqlite:///"):
        Path(home.tracking_uri.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    with _quietly():
        from mlflow import MlflowClient  # noqa: PLC0415

        return MlflowClient(home.tracking_uri, home.tracking_uri)


def _experiment(client: "MlflowClient", home: Home) -> str:
    found = client.get_experiment_by_name(MODEL)
    if found:
        return found.experiment_id
    embedded = home.tracking_uri.startswith("sqlite:")
    return client.create_experiment(MODEL, artifact_location=home.artifacts.as_uri() if embedded else None)


def _log_all(client: "MlflowClient", run_id: str, run: Run) -> None:
    from mlflow.entities import Dataset, DatasetInput, Metric, Param  # noqa: PLC0415

    parameters = [Param(key, value[:6000]) for key, value in run.parameters.items()]
    # A figure that cannot be told is left out: MLflow has no word for it, and a zero would be a lie.
    metrics = [Metric(key, value, 0, 0) for key, value in run.metrics.items() if value == value]  # noqa: PLR0124
    for part in _parts(parameters):
        client.log_batch(run_id, params=part)
    for part in _parts(metrics):
        client.log_batch(run_id, metrics=part)
    client.log_inputs(run_id, datasets=[DatasetInput(Dataset(**run.dataset))])


def _parts(everything: Sequence[_Entry]) -> Iterator[Sequence[_Entry]]:
    for start in range(0, len(everything), _FEW_AT_ONCE):
        yield everything[start : start + _FEW_AT_ONCE]


def _ensure_model(client: "MlflowClient") -> None:
    if not client.search_registered_models(f"name = '{MODEL}'"):
        client.create_registered_model(MODEL, description="Risk of an acute hospital admission within 30 days.")


def _registered(version: "ModelVersion") -> Registered:
    return Registered(str(version.version), str(version.run_id), dict(version.tags))


def _plain(run_id: str | None) -> str:
    """A run's id with nothing in it that could end a quoted string."""
    return "".join(letter for letter in run_id or "" if letter.isalnum() or letter in "-_")


@contextmanager
def _quietly() -> Generator[None]:
    """Without the registry's own chatter: it logs every migration and warns of matters that are not ours."""
    names = ("mlflow", "alembic")
    before = {name: logging.getLogger(name).level for name in names}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names:
            logging.getLogger(name).setLevel(logging.ERROR)
        try:
            yield
        finally:
            for name, level in before.items():
                logging.getLogger(name).setLevel(level)
