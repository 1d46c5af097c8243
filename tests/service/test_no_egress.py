"""Nothing is sent anywhere: the service and the commands run where every way out is refused, and each attempt is told.

The watch is an audit hook in the child from its first line on, in the processes it starts too. It sees what Python's
sockets do; a library that dials in C of its own, as PostgreSQL's does, is outside it.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from models.home import Home
from service.app import create_app
from service.security.rights import SCOPES, Permission
from service.storage.database import Database
from tests.children import answered, free_port
from tests.service.attacks import outbound
from tests.service.conftest import settings_of
from tests.service.running import Clock, Running
from tests.service.sent_in import CITIZENS, VISITS, packed
from tests.service.test_closed_routes import filled, routes
from tests.service.tiny_town import SECOND, TinyTown

ROOT = Path(__file__).resolve().parents[2]
SERVE = """
import sys, uvicorn
from service.app import create_app
from service.settings import Settings
from tests.service.running import Clock
uvicorn.run(create_app(Settings.read(), clock=Clock()), port=int(sys.argv[1]), log_config=None, access_log=False)
"""
REGISTER = """
import sys
from mlflow import MlflowClient
uri, bundle, artifacts = sys.argv[1:]
client = MlflowClient(uri, uri)
experiment = client.create_experiment("omhu", artifact_location=artifacts)
run = client.create_run(experiment)
client.log_artifacts(run.info.run_id, bundle, "bundle")
client.create_registered_model("omhu")
made = client.create_model_version("omhu", f"{artifacts}/{run.info.run_id}/artifacts/bundle", run.info.run_id)
client.set_registered_model_alias("omhu", "champion", made.version)
"""


@dataclass(frozen=True)
class Watched:
    """Children without a way out: where their attempts are written, and the surroundings they start with."""

    written: Path
    environment: Mapping[str, str]

    def attempts(self) -> list[str]:
        """What was tried, each on a line."""
        return self.written.read_text(encoding="utf-8").splitlines() if self.written.exists() else []

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Python with these arguments, to its end."""
        command = [sys.executable, *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120, check=False)

    def omhu(self, *arguments: str) -> str:
        """The standard output of a command that ends well."""
        done = self.run("-c", "from service.cli import main; main()", *arguments)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    """Surroundings in which every Python process is watched, and nothing else tells MLflow to be still."""
    hook = tmp_path / "hook"
    hook.mkdir()
    shutil.copy(outbound.__file__, hook / "sitecustomize.py")
    ours = {"MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK", "CI"}
    kept = {name: value for name, value in os.environ.items() if name not in ours and not name.startswith("PYTEST")}
    own = {
        "OMHU_HOME": str(tmp_path / "home"),
        "OMHU_TEST_OUTBOUND": str(tmp_path / "attempts"),
        "PYTHONPATH": f"{hook}:{ROOT}",
    }
    return Watched(tmp_path / "attempts", kept | own)


def test_what_a_child_tries_is_refused_and_seen_even_where_it_says_nothing(watched: Watched) -> None:
    program = """
import socket, subprocess, sys
for dial in (lambda: socket.create_connection(("192.0.2.1", 80), 1), lambda: socket.getaddrinfo("example.org", 443)):
    try:
        dial()
    except OSError:
        pass
below = "import socket\\ntry: socket.gethostbyname('example.net')\\nexcept OSError: pass"
subprocess.run([sys.executable, "-c", below])
"""
    assert watched.run("-c", program).returncode == 0
    tried = " ".join(watched.attempts())
    assert "192.0.2.1" in tried
    assert "example.org" in tried
    assert "example.net" in tried


def test_the_running_service_tries_no_way_out(watched: Watched, town_file: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    shutil.copy(town_file, tmp_path / "home" / "omhu.db")
    with served(watched, tmp_path / "home") as site:
        for name in ("leder", "administrator"):
            with site.log_in(name) as user:
                for method, pattern in sorted(set(routes(site.app)) - {("POST", "/logout")}):
                    user.request(method, filled(pattern, site))
        with site.machine(*map(Permission, SCOPES)) as machine:
            for method, pattern in sorted(routes(site.app)):
                machine.request(method, filled(pattern, site))
            assert loaded(machine, packed({"citizens.csv": CITIZENS, "visits.csv": VISITS})) == "loaded"
    assert watched.attempts() == []


def test_making_a_list_asks_the_registry_and_tries_no_way_out(
    watched: Watched, tiny_town: TinyTown, empty_registry: Path, tmp_path: Path
) -> None:
    town = tiny_town.copied(tmp_path / "home")
    named = Home.of(watched.environment)
    shutil.rmtree(named.bundles)
    shutil.copy(empty_registry, named.tracking_uri.removeprefix("sqlite:///"))
    made = watched.run("-c", REGISTER, named.tracking_uri, str(tiny_town.folder / "bundle"), str(named.artifacts))
    assert made.returncode == 0, made.stderr[-2000:]
    watched.written.unlink(missing_ok=True)  # MLflow on its own terms is not ours to answer for
    assert "rank" in watched.omhu("list", "--as-of", str(SECOND), "--format", "csv")
    assert (town.home.bundles / "champion.json").exists()  # fetched from the registry, so MLflow was at work
    watched.omhu("load", str(tiny_town.drop), "--history")
    watched.omhu("snapshot")
    watched.omhu("outcomes")
    watched.run("-c", "from service.cli import main; main()", "doctor")
    assert watched.attempts() == []


@contextmanager
def served(watched: Watched, home: Path) -> Generator[Running]:
    """The service as a process without a way out."""
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(port)], env=watched.environment, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            assert answered(f"{address}/login") == 200
            settings = settings_of(home)
            with Database.open(settings.state.database_url) as database:
                yield Running(address, create_app(settings), database, Clock(), home)
        finally:
            process.terminate()
            process.communicate(timeout=30)


def loaded(machine: httpx.Client, drop: bytes) -> str:
    """What became of a drop that was sent in."""
    answer = machine.post("/api/v1/loads", content=drop, headers={"Content-Type": "application/zip"})
    for _ in range(300):
        state = machine.get(answer.headers["Location"]).json()["status"]
        if state not in {"received", "running"}:
            return state
        time.sleep(0.1)
    raise AssertionError("nothing became of it")
