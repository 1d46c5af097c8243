"""What is missing is named in one line; what is there costs nothing."""

import subprocess
from pathlib import Path

import pytest

from tests.project.tree import ROOT

SCRIPT = ROOT / "tests" / "tools" / "debian_packages.sh"


@pytest.fixture
def without_apt(tmp_path: Path) -> dict[str, str]:
    """Surroundings with a PATH that holds bash and little else: what is installed here cannot be found."""
    for program in ("/bin/bash", "/usr/bin/id", "/usr/bin/env"):
        (tmp_path / Path(program).name).symlink_to(program)
    return {"PATH": str(tmp_path)}


def _run(*pairs: str, surroundings: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = ["/bin/bash", str(SCRIPT), "the tests", *pairs]
    return subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)


def test_nothing_is_said_or_done_when_all_is_there() -> None:
    done = _run("bash:bash", "libc6:libc.so.6")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_cannot_be_installed_is_named_in_one_line(without_apt: dict[str, str]) -> None:
    done = _run("bash:bash", "one:no-such-program", "two:", surroundings=without_apt)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == "Missing for the tests: one two. Install as root, on Debian: apt-get install one two\n"
