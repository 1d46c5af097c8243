"""The import rules bite: each contract of pyproject.toml is broken once, in a tree of empty packages."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")

PURE = "models knows neither its users nor the outside world"
APART = "service and training do not know each other"
WEB = "only the web modules know the web"
SQL = "only the storage knows SQL"
MLFLOW = "only the registry and the tracking know MLflow"
SPARK = "only its engine knows Spark"
SHIPPED = "what is shipped knows neither tests nor notebooks"

BREAKING = [
    ("models.events", "import service", PURE),
    ("models.events", "from training.release.gate import decide", PURE),
    ("models.notes.reader", "import sqlalchemy.orm", PURE),
    ("models.scoring.bundle", "def load():\n    import mlflow", PURE),
    ("service.weekly.making", "from training import gate", APART),
    ("training.matrix", "import service.storage", APART),
    ("service.weekly.making", "from fastapi import Request", WEB),
    ("service.security.tokens", "import starlette.requests", WEB),
    ("training.report.card", "import jinja2", WEB),
    ("service.weekly.making", "from sqlalchemy import select", SQL),
    ("service.api.lists", "from sqlalchemy.orm import Session", SQL),
    ("training.matrix", "import psycopg", SQL),
    ("service.weekly.making", "def load():\n    import mlflow.artifacts", MLFLOW),
    ("training.fit", "import mlflow", MLFLOW),
    ("models.engines.local", "from pyspark.sql import SparkSession", SPARK),
    ("training.matrix", "import pyspark", SPARK),
    ("service.weekly.making", "from tests.project import no_network", SHIPPED),
    ("models.events", "import notebooks.first_look", SHIPPED),
]
ALLOWED = [
    ("service.weekly.making", "import models.events"),
    ("training.fit", "from models import events"),
    ("service.app", "from fastapi import FastAPI"),
    ("service.api.lists", "from fastapi import APIRouter"),
    ("service.ui.views", "import jinja2"),
    ("service.storage.lists", "from sqlalchemy import select"),
    ("service.registry", "import mlflow"),
    ("training.tracking", "import mlflow"),
    ("models.engines.spark", "import pyspark"),
]


def write_module(root: Path, name: str, source: str) -> None:
    """Write one module and the empty packages around it."""
    path = root.joinpath(*name.split(".")).with_suffix(".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    for folder in path.relative_to(root).parents[:-1]:
        (root / folder / "__init__.py").touch()
    path.write_text(f"{source}\n", encoding="utf-8")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The three packages with nothing in them but what the cases refer to, under the rules of the real tree."""
    for name in ["service.storage.store", "models.events", "training.release.gate"]:
        write_module(tmp_path, name, "")
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def broken_contracts(tree: Path) -> list[str]:
    """The names of the contracts that do not hold in the tree."""
    command = [str(LINT_IMPORTS), "--no-logo", "--no-cache"]
    surroundings = os.environ | {"PYTHONPATH": str(tree)}
    run = subprocess.run(command, cwd=tree, env=surroundings, capture_output=True, text=True, check=False)
    broken = [line.partition(" BROKEN")[0] for line in run.stdout.splitlines() if " BROKEN" in line]
    assert run.returncode == (1 if broken else 0), run.stdout + run.stderr
    assert "Contracts: " in run.stdout, run.stdout + run.stderr
    return broken


@pytest.mark.parametrize(("module", "source", "contract"), BREAKING)
def test_a_forbidden_import_breaks_its_contract(tree: Path, module: str, source: str, contract: str) -> None:
    write_module(tree, module, source)
    assert contract in broken_contracts(tree)


def test_the_imports_that_are_meant_break_no_contract(tree: Path) -> None:
    for module, source in ALLOWED:
        write_module(tree, module, source)
    assert broken_contracts(tree) == []


def test_every_contract_is_broken_by_a_case_here() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {contract["name"] for contract in project["tool"]["importlinter"]["contracts"]}
    assert contracts == {contract for _, _, contract in BREAKING}
