"""The layout is what the design says: nothing missing, nothing stray, nothing that a tool would silently skip."""

import subprocess
from collections import Counter
from importlib.metadata import packages_distributions

from tests.project.tree import PACKAGES, ROOT, tracked_files

FOLDERS = {"service", "models", "training", "notebooks", "tests", "docs", "deploy", ".ci"}
FILES = {
    "pyproject.toml",
    "uv.lock",
    "MLproject",
    "Makefile",
    "Dockerfile",
    "compose.yaml",
    "mkdocs.yml",
    ".env.example",
    "README.md",
    "CONTRIBUTING.md",
    "GLOSSARY.md",
    "DECISIONS.md",
    "CHANGELOG.md",
    ".gitignore",
    ".dockerignore",
    ".hadolint.yaml",
}


def test_the_top_level_holds_exactly_what_the_design_names() -> None:
    tracked = tracked_files()
    assert {file.parts[0] for file in tracked if len(file.parts) > 1} == FOLDERS
    assert {file.name for file in tracked if len(file.parts) == 1} == FILES


def test_no_folder_of_tests_is_a_package() -> None:
    # With an __init__.py, tests/models would be imported instead of models.
    assert [file for file in tracked_files() if file.parts[0] == "tests" and file.name == "__init__.py"] == []


def test_every_folder_of_the_packages_is_a_package() -> None:
    # Except the migrations' folder of versions, which Alembic reads as files.
    sources = [file for file in tracked_files() if file.suffix == ".py" and file.parts[0] in PACKAGES]
    folders = {file.parent for file in sources if "migrations" not in file.parts}
    assert [folder for folder in sorted(folders) if not (ROOT / folder / "__init__.py").is_file()] == []


def test_no_module_is_named_like_one_of_the_packages() -> None:
    # Run as a script, its folder comes first on the path and it would be taken for the package.
    assert [file for file in tracked_files() if file.suffix == ".py" and file.stem in PACKAGES] == []


def test_no_test_file_shares_its_name_with_another() -> None:
    names = Counter(file.name for file in tracked_files() if file.name.startswith("test_"))
    assert [name for name, times in names.items() if times > 1] == []


def test_nothing_of_the_packages_is_ignored_by_git() -> None:
    # Lists of things to ignore like to hold "models/"; the wheel would then be built without it, and without a word.
    probes = [f"{folder}/{package}/probe.py" for package in PACKAGES for folder in (".", "tests")]
    command = ["git", "-c", f"safe.directory={ROOT}", "check-ignore", "--no-index", *probes]
    ignored = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ignored.stdout == ""
    assert ignored.returncode == 1


def test_no_installed_library_brings_a_name_of_ours() -> None:
    installed = packages_distributions()
    ours = (*PACKAGES, "tests", "notebooks")
    assert {name: set(installed.get(name, [])) - {"omhu"} for name in ours} == {name: set() for name in ours}
