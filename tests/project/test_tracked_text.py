"""What is published names no machine and no registry of whoever worked on it."""

import re

from tests.project.tree import text_of, tracked_files

# A path that exists on one machine only. Where a folder is part of a longer path it is meant as such.
MACHINE_PATH = re.compile(r"(?<![\w.}$])/(?:work|root|tmp|home)/\w")
REGISTRY = re.compile(
    r"\b(?:pypi\.org|pythonhosted\.org|registry\.npmjs\.org|docker\.io|ghcr\.io|quay\.io|deb\.debian\.org)\b"
)
# The lock file's format wants the address of each library; this file names what it looks for.
EXCEPT = {"uv.lock", "test_tracked_text.py"}


def _lines_with(pattern: re.Pattern[str]) -> list[str]:
    found: list[str] = []
    for file in tracked_files():
        text = None if file.name in EXCEPT else text_of(file)
        lines = enumerate((text or "").splitlines(), start=1)
        found += [f"{file}:{number}" for number, line in lines if pattern.search(line)]
    return found


def test_no_file_names_a_path_of_one_machine() -> None:
    assert _lines_with(MACHINE_PATH) == []


def test_no_file_names_a_registry() -> None:
    assert _lines_with(REGISTRY) == []


def test_the_patterns_know_a_machine_path_and_a_registry_when_they_see_one() -> None:
    assert MACHINE_PATH.search("open('/root/secret')")
    assert MACHINE_PATH.search("see /work/shared")
    assert not MACHINE_PATH.search("tests/work/plan /var/tmp/x ./tmp/x --tmpfs /tmp -v data:/data")
    assert REGISTRY.search("https://pypi.org/simple")
