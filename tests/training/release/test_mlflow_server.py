"""Retraining against a real MLflow server on loopback, as MLflow itself starts it, and the model it then serves."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import numpy as np
import pytest
from mlflow import MlflowClient

from models.errors import NotFound
from models.home import Home
from service import registry
from tests.training.invented_rows import snapshot
from training import tracking
from training.release import promotion

ROOT = Path(__file__).resolve().parents[3]
MLFLOW = Path(sys.executable).with_name("mlflow")
NOW = datetime(2025, 3, 1, 8, 0, tzinfo=UTC)
QUICK = (
    "[trees]\nbags = 2\nmost_rounds = 5\npatience = 2\n[additive]\npenalties = [300]\n[evaluation]\nresamples = 20\n"
)
PATIENCE_SECONDS = 240


@contextmanager
def _running(arguments: Sequence[str], port: int, health: str, here: dict[str, str], log: Path) -> Generator[str]:
    """A program that answers on a port of loopback; everything it starts ends with it."""
    address = f"http://127.0.0.1:{port}"
    with log.open("wb") as told:
        process = subprocess.Popen(
            [str(MLFLOW), *arguments], env=here, stdout=told, stderr=told, cwd=log.parent, start_new_session=True
        )
        try:
            _wait_for(f"{address}{health}", process, log)
            yield address
        finally:
            os.killpg(process.pid, 15)
            process.wait(30)


def _wait_for(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(PATIENCE_SECONDS * 5):
        if process.poll() is not None:
            break
        try:
            if httpx.get(address, timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(log.read_text(encoding="utf-8")[-2000:])


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _surroundings(folder: Path) -> dict[str, str]:
    """The environment of a machine on which nothing but the path is set."""
    path = f"{MLFLOW.parent}{os.pathsep}{os.environ['PATH']}"
    few = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "COLUMNS": "160"}
    return {**os.environ, "PATH": path, "OMHU_HOME": str(folder), **few}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, empty_registry: Path) -> Generator[Home]:
    """A home whose registry is a server."""
    folder = tmp_path_factory.mktemp("server")
    shutil.copy(empty_registry, folder / "server.db")
    snapshot(folder / "home" / "snapshot", people=120)
    port = _free_port()
    arguments = ["server", "--backend-store-uri", f"sqlite:///{folder / 'server.db'}", "--workers", "1"]
    arguments += ["--artifacts-destination", str(folder / "kept"), "--host", "127.0.0.1", "--port", str(port)]
    here = _surroundings(folder / "home")
    with _running(arguments, port, "/health", here, folder / "server.log") as address:
        yield Home.of({"OMHU_HOME": str(folder / "home"), "MLFLOW_TRACKING_URI": address})


def test_mlflow_retrains_registers_and_serves(served: Home, tmp_path: Path):
    config = tmp_path / "quick.toml"
    config.write_text(QUICK, encoding="utf-8")
    here = {**_surroundings(served.folder), "MLFLOW_TRACKING_URI": served.tracking_uri}
    command = [str(MLFLOW), "run", str(ROOT), "--env-manager", "local", "-P", f"config={config}"]
    done = subprocess.run(
        [*command, "-P", "until=2024-10-28"], env=here, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]

    candidate = tracking.registered(served, None)
    run = MlflowClient(served.tracking_uri, served.tracking_uri).get_run(candidate.run_id)
    assert run.info.status == "FINISHED"
    # It is the run MLflow began, not another one beside it.
    assert run.data.params["until"] == "2024-10-28"
    assert "mlflow.project.entryPoint" in run.data.tags
    assert run.data.tags["known_before"] == "2024-10-28"
    assert {"auroc", "top_5_percent.recall"} <= set(run.data.metrics)

    promotion.promote(served, None, "a test", NOW)
    champion = registry.load_champion(served)
    assert champion.version == candidate.version
    _is_nobody_elses(served, candidate.run_id)
    _serve_and_ask(served, here, champion, tmp_path)


def _is_nobody_elses(home: Home, run_id: str) -> None:
    """Another municipality that keeps its models in the same MLflow has none of this, nor of a copy in its folder."""
    other = replace(home, municipality="odense")
    assert tracking.champion(other) is None
    for asked in (None, run_id):
        with pytest.raises(NotFound):
            tracking.registered(other, asked)
    with pytest.raises(NotFound):
        registry.load_champion(other)


def _serve_and_ask(home: Home, here: dict[str, str], champion: registry.LoadedModel, folder: Path) -> None:
    port = _free_port()
    arguments = ["models", "serve", "-m", "models:/omhu@champion", "--env-manager", "local"]
    arguments += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    with _running(arguments, port, "/ping", here, folder / "model.log") as address:
        asked = {
            "dataframe_split": {"columns": ["fall.count.30d", "birth.since.ever"], "data": [[3, 31_000], [0, None]]}
        }
        answer = httpx.post(f"{address}/invocations", json=asked, timeout=60)
    assert answer.status_code == 200, answer.text
    values = np.full((2, len(champion.model.names)), np.nan, np.float32)
    for name, column in (("fall.count.30d", [3.0, 0.0]), ("birth.since.ever", [31_000.0, np.nan])):
        values[:, champion.model.names.index(name)] = column
    np.testing.assert_allclose(json.loads(answer.text)["predictions"], champion.model.score(values), rtol=1e-6)
