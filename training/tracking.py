"""MLflow: where runs, figures, bundles and the registered model live. The only place of training that imports it.

Imported inside functions because it costs three seconds and 200 MB. The embedded default is a sqlite file and a folder
under `OMHU_HOME`; any other `MLFLOW_TRACKING_URI` is used as it is. Nothing is sent to anybody else.
"""

import json
import logging
import math
import os
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from models.errors import NotFound
from models.home import Home

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

CHAMPION = "champion"
BUNDLE, REPORT, SERVED = "bundle", "report", "served"
_FEW_AT_ONCE = 90
"""MLflow takes no more than a hundred parameters in one request."""
_Entry = TypeVar("_Entry")
Courses = Mapping[str, Sequence[tuple[int, float]]]
"""Figures with more than one value, by name: the number of a step, and the value there."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A registered version: its number, its run, and the tags it carries."""

    version: str
    run_id: str
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """What is logged of a run: everything MLflow keeps, and the folders whose files go with it, by their name there.

    `courses` are metrics that have more than one value, each with the numbers of its steps.
    """

    name: str
    parameters: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    dataset: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    folders: Mapping[str, Path] = field(default_factory=lambda: MappingProxyType({}))
    courses: Courses = field(default_factory=lambda: MappingProxyType({}))


def log(home: Home, run: Run) -> Registered:
    """Log a run with its bundle, and register what MLflow can serve of it as a new version of the model."""
    client = _client(home)
    with _quietly():
        run_id = _logged(client, _begun(client, home, run, None), run)
        _ensure_model(client, home)
        source = f"{client.get_run(run_id).info.artifact_uri}/{SERVED}"
        version = client.create_model_version(home.model, source, run_id, tags=dict(run.tags))
    return _registered(version)


def log_nested(home: Home, name: str, children: Iterable[Run], whole: Callable[[], Run]) -> str:
    """Log runs below a common one, each when it comes, then what they are together; the common one's id.

    The children are made while they are logged, so that work of an hour is seen to go on.
    """
    client = _client(home)
    with _quietly():
        run_id = _begun(client, home, Run(name, {}, {}), None)
    for child in children:
        with _quietly():
            _logged(client, _begun(client, home, child, run_id), child)
    together = whole()
    with _quietly():
        for key, value in together.tags.items():
            client.set_tag(run_id, key, value)
        return _logged(client, run_id, together)


def add(home: Home, run_id: str, courses: Courses, folders: Mapping[str, Path]) -> None:
    """Add figures and files to a run that is over."""
    client = _client(home)
    with _quietly():
        _log_metrics(client, run_id, {}, courses)
        for name, folder in folders.items():
            client.log_artifacts(run_id, str(folder), name)


def save_served(folder: Path, script: Path, bundle: Path, names: Sequence[str], requirements: Sequence[str]) -> None:
    """Write the model as MLflow serves it into a new folder: its script (models from code), beside the bundle.

    `names` are the features, each an optional number; `requirements` as pip has them.
    """
    _settle()
    with _quietly():
        from mlflow import pyfunc  # noqa: PLC0415
        from mlflow.models import ModelSignature  # noqa: PLC0415
        from mlflow.types import ColSpec, Schema  # noqa: PLC0415

        inputs = Schema([ColSpec("double", name, required=False) for name in names])
        pyfunc.save_model(
            str(folder),
            python_model=str(script),
            artifacts={BUNDLE: str(bundle)},
            signature=ModelSignature(inputs, Schema([ColSpec("double")])),
            pip_requirements=list(requirements),
        )
    # MLflow notes where on this machine script and bundle lay; they travel inside, and that is nobody's business.
    described = folder / "MLmodel"
    text = described.read_text(encoding="utf-8").replace(str(script), script.name)
    described.write_text(text.replace(str(bundle), f"artifacts/{bundle.name}"), encoding="utf-8")


def columns(names: Sequence[str]) -> str:
    """A dataset's schema as MLflow shows it: columns of numbers by name."""
    return json.dumps({"mlflow_colspec": [{"type": "float", "name": name, "required": False} for name in names]})


def registered(home: Home, run_id: str | None) -> Registered:
    """The version of a run, or the newest without one. Raises `NotFound` when there is none."""
    client = _client(home)
    with _quietly():
        wanted = f"name = '{home.model}'" + (f" and run_id = '{_plain(run_id)}'" if run_id else "")
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
        return _registered(client.get_model_version(home.model, version))


def champion(home: Home) -> Registered | None:
    """The version the alias points at, or nothing."""
    client = _client(home)
    from mlflow.exceptions import MlflowException  # noqa: PLC0415

    try:
        with _quietly():
            return _registered(client.get_model_version_by_alias(home.model, CHAMPION))
    except MlflowException:
        return None


def make_champion(home: Home, version: str, tags: Mapping[str, str]) -> None:
    """Move the alias to a version, and record on it who did so and why."""
    client = _client(home)
    with _quietly():
        for key, value in tags.items():
            client.set_model_version_tag(home.model, version, key, value)
        client.set_registered_model_alias(home.model, CHAMPION, version)


@contextmanager
def artifacts(home: Home, run_id: str) -> Generator[Path]:
    """The files of a run, `bundle/` and `report/`, in a folder that goes away afterwards."""
    client = _client(home)
    with TemporaryDirectory() as folder, _quietly():
        for part in (BUNDLE, REPORT):
            client.download_artifacts(run_id, part, folder)
        yield Path(folder)


def _settle() -> None:
    """MLflow as it is to behave here: nothing sent anywhere, no lock file with a registry's name beside a model."""
    os.environ.update({"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"})
    os.environ.update({"MLFLOW_UV_AUTO_DETECT": "false", "MLFLOW_LOG_UV_FILES": "false"})
    os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"


def _client(home: Home) -> "MlflowClient":
    _settle()
    if home.tracking_uri.startswith("sqlite:///"):
        Path(home.tracking_uri.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    with _quietly():
        from mlflow import MlflowClient  # noqa: PLC0415

        return MlflowClient(home.tracking_uri, home.tracking_uri)


def _experiment(client: "MlflowClient", home: Home) -> str:
    found = client.get_experiment_by_name(home.model)
    if found:
        return found.experiment_id
    embedded = home.tracking_uri.startswith("sqlite:")
    return client.create_experiment(home.model, artifact_location=home.artifacts.as_uri() if embedded else None)


def _begun(client: "MlflowClient", home: Home, run: Run, parent: str | None) -> str:
    """The id of the run that was begun: a child, the one `mlflow run` has begun for us, or a new one."""
    named = {**run.tags, "mlflow.runName": run.name}
    given = os.environ.get("MLFLOW_RUN_ID")
    if parent is None and given:
        for key, value in named.items():
            client.set_tag(given, key, value)
        return given
    below = {"mlflow.parentRunId": parent} if parent else {}
    return client.create_run(_experiment(client, home), tags={**named, **below}).info.run_id


def _logged(client: "MlflowClient", run_id: str, run: Run) -> str:
    """Log all of the run, and end it."""
    from mlflow.entities import Dataset, DatasetInput, Param  # noqa: PLC0415

    for part in _parts([Param(key, value[:6000]) for key, value in run.parameters.items()]):
        client.log_batch(run_id, params=part)
    _log_metrics(client, run_id, run.metrics, run.courses)
    if run.dataset:
        client.log_inputs(run_id, datasets=[DatasetInput(Dataset(**run.dataset))])
    for name, folder in run.folders.items():
        client.log_artifacts(run_id, str(folder), name)
    client.set_terminated(run_id)
    return run_id


def _log_metrics(
    client: "MlflowClient",
    run_id: str,
    single: Mapping[str, float],
    courses: Courses,
) -> None:
    from mlflow.entities import Metric  # noqa: PLC0415

    steps = [(name, 0, value) for name, value in single.items()]
    steps += [(name, step, value) for name, course in courses.items() for step, value in course]
    # A figure that cannot be told is left out: MLflow has no word for it, and a zero would be a lie.
    metrics = [Metric(name, value, 0, step) for name, step, value in steps if not math.isnan(value)]
    for part in _parts(metrics):
        client.log_batch(run_id, metrics=part)


def _parts(everything: Sequence[_Entry]) -> Iterator[Sequence[_Entry]]:
    for start in range(0, len(everything), _FEW_AT_ONCE):
        yield everything[start : start + _FEW_AT_ONCE]


def _ensure_model(client: "MlflowClient", home: Home) -> None:
    if not client.search_registered_models(f"name = '{home.model}'"):
        client.create_registered_model(home.model, description="Risk of an acute hospital admission within 30 days.")


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
