"""What the guide says of several municipalities in Compose, done: its override is merged and its commands are run.

The merging is that of the Compose specification, as far as the override needs it. No engine is wanted: each command
runs as a process of its own, with the paths of the containers under a temporary folder.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg
import pytest
import yaml

from service.settings import Settings
from tests.children import answered, free_port
from tests.postgres import OWNER, PROGRAMS, Cluster
from tests.project.tree import ROOT

Compose = dict[str, Any]

GUIDE: Final = (ROOT / "docs" / "it" / "several.md").read_text(encoding="utf-8").partition("## In Compose")[2]
BASE: Final[Compose] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
OVERRIDE: Final[Compose] = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)[0])
NAMES: Final = ("aarhus", "odense")
IN_DATABASE: Final = "docker compose exec database "


def merged(name: str) -> Compose:
    """A service as Compose makes it of both files: commands are replaced, lists go on, variables are by name."""
    service, over = dict(BASE["services"][name]), OVERRIDE["services"][name]
    service["command"] = over.get("command", service["command"])
    service["environment"] = service["environment"] | over["environment"]
    service["volumes"] = [*service["volumes"], *over["volumes"]]
    return service


def command_of(name: str) -> list[str]:
    """What is run: a variable that is not set has its default, and two dollars are how Compose writes one."""
    set_to = [re.sub(r"\$\{\w+:-(.*?)\}", r"\1", word) for word in merged(name)["command"]]
    return [word.replace("$$", "$") for word in set_to]


def test_the_override_changes_what_there_is_and_nothing_of_how_it_is_shut_in() -> None:
    ours = {name for name, service in BASE["services"].items() if service["image"] == "omhu"}
    assert set(OVERRIDE["services"]) == ours - {"mlflow"}
    for name, over in OVERRIDE["services"].items():
        assert set(over) <= {"environment", "volumes", "command"}
        assert merged(name)["volumes"][0] == "state:/data"


def test_the_override_names_settings_there_are_and_mounts_what_they_name() -> None:
    known = (ROOT / ".env.example").read_text(encoding="utf-8") + str({name for _, name in Settings.variables()})
    for over in OVERRIDE["services"].values():
        assert [name for name in over["environment"] if name not in known] == []
        (volume,) = over["volumes"]
        here, inside, how = volume.split(":")
        assert here.startswith("./")
        assert (inside, how) == (over["environment"]["OMHU_MUNICIPALITIES"], "ro")


class Composed:
    """The containers' files under a folder, and their commands as processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.municipalities, self.state = folder / "municipalities", folder / "data"
        self.municipalities.mkdir()
        (folder / "database_url").write_text("postgresql://omhu:x@database.invalid/omhu\n", encoding="utf-8")

    def surroundings(self, name: str) -> dict[str, str]:
        """The variables of a service, with its paths where they are here."""
        told = {key: self._here(str(value)) for key, value in merged(name)["environment"].items()}
        programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return os.environ | {"OMHU_HOME": str(self.state), "PATH": programs, "PYTHONPATH": str(ROOT)} | told

    def _here(self, value: str) -> str:
        return value.replace("/run/secrets", str(self.folder)).replace("/municipalities", str(self.municipalities))


@pytest.fixture
def composed(cluster: Cluster, tmp_path: Path) -> Generator[Composed]:
    """Two databases made as the guide says, and the settings that name them."""
    told, made = os.environ | {"PGHOST": str(cluster.folder), "PGDATABASE": "postgres"}, Composed(tmp_path)
    lines = [line.partition(IN_DATABASE)[2] for line in GUIDE.splitlines() if line.startswith(IN_DATABASE)]
    assert [line.split()[0] for line in lines] == ["createuser", "createdb", "psql"]
    for name in NAMES:
        for line in lines:
            program, *words = shlex.split(line.replace("aarhus", name).replace("--pwprompt ", ""))
            subprocess.run([str(PROGRAMS[0] / program), *words], env=told, check=True, capture_output=True, timeout=60)
    (made.municipalities / "aarhus.env").write_text(_settings(cluster, "aarhus", "OMHU_DATABASE_URL"), "utf-8")
    beside = made.municipalities / "odense_database_url"
    beside.write_text(_address(cluster, "odense"), encoding="utf-8")
    by_file = f"OMHU_PUBLIC_ADDRESS=https://odense.example.dk\nOMHU_DATABASE_URL_FILE={beside}\n"
    (made.municipalities / "odense.env").write_text(by_file, encoding="utf-8")
    yield made
    for name in NAMES:
        cluster.drop(f"omhu_{name}")
        with psycopg.connect(cluster.url("postgres"), autocommit=True) as session:
            session.execute(f"DROP ROLE {name}".encode())


def _address(cluster: Cluster, name: str) -> str:
    return cluster.url(f"omhu_{name}").replace(f"{OWNER}@", f"{name}@")


def _settings(cluster: Cluster, name: str, variable: str) -> str:
    return f"OMHU_PUBLIC_ADDRESS=https://{name}.example.dk\n{variable}={_address(cluster, name)}\n"


def test_the_overrides_commands_make_and_serve_a_store_for_each(composed: Composed, cluster: Cluster) -> None:
    told = composed.surroundings("init")
    for _ in range(2):  # it runs at every start
        done = subprocess.run(command_of("init"), env=told, capture_output=True, text=True, timeout=120, check=False)
        assert (done.returncode, done.stdout.count("The store is ready.")) == (0, 2), done.stderr
    for name, other in (NAMES, NAMES[::-1]):
        with psycopg.connect(_address(cluster, name)) as session:
            owners = session.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'").fetchall()
        assert owners == [(name,)]
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(_address(cluster, name).replace(f"/omhu_{name}", f"/omhu_{other}"))
    port = free_port()
    command = [word.replace("0.0.0.0", "127.0.0.1") for word in command_of("omhu")]
    with (composed.folder / "log").open("wb") as log:
        served = subprocess.Popen([*command, "--port", str(port)], env=composed.surroundings("omhu"), stderr=log)
        try:
            found = _found(port)
        finally:
            served.terminate()
            served.wait(timeout=60)
    assert found == {"aarhus.example.dk": 200, "odense.example.dk": 200, "ribe.example.dk": 421}
    written = (composed.folder / "log").read_text(encoding="utf-8").splitlines()
    lines = [json.loads(line) for line in written if line.startswith("{")]
    assert {line["municipality"] for line in lines if line.get("state") == "served"} == set(NAMES)


def _found(port: int) -> dict[str, int]:
    """What each host gets, when the health check of the image has been answered."""
    assert answered(f"http://127.0.0.1:{port}/healthz") == 200
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as asking:
        hosts = (*(f"{name}.example.dk" for name in NAMES), "ribe.example.dk")
        return {host: asking.get("/login", headers={"Host": host}).status_code for host in hosts}
