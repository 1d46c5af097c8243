"""What is built for others holds the three packages, whole, and nothing else."""

import subprocess
from configparser import ConfigParser
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.project.tree import PACKAGES, ROOT, present_files


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A freshly built wheel. The build takes hatchling from the cache that `make setup` has filled."""
    uv = next(iter((ROOT / ".tools").glob("uv-*/bin/uv")), None)
    if uv is None:
        pytest.fail("The installer is not in .tools/: run make setup.")
    folder = tmp_path_factory.mktemp("dist")
    command = [str(uv), "build", "--wheel", "--offline", "--out-dir", str(folder)]
    build = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert build.returncode == 0, build.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(wheel: Path) -> None:
    ours = {file.as_posix() for file in present_files() if file.parts[0] in PACKAGES}
    assert {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name} == ours


def test_every_entry_point_of_the_wheel_leads_to_a_module_in_it(wheel: Path) -> None:
    archive = ZipFile(wheel)
    names = archive.namelist()
    entry_points = ConfigParser()
    entry_points.read_string(archive.read(next(name for name in names if name.endswith("/entry_points.txt"))).decode())
    targets = {target for section in entry_points.sections() for target in dict(entry_points[section]).values()}
    paths = {target: target.partition(":")[0].replace(".", "/") for target in targets}
    assert "service.cli:main" in targets
    assert [target for target, path in paths.items() if not {f"{path}.py", f"{path}/__init__.py"} & set(names)] == []
