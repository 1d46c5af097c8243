"""The project's own files, as the tests about the project look at them."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("service", "models", "training")


def _listed(*options: str) -> list[Path]:
    # A checkout that belongs to somebody else, as in a container, is still this project's.
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", *options]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [Path(name) for name in listing.split("\0") if name]
    return sorted({file for file in files if (ROOT / file).is_file()})


def tracked_files() -> list[Path]:
    """The files under version control, relative to the root; what was deleted and not yet committed is left out."""
    return _listed("--cached")


def present_files() -> list[Path]:
    """The tracked files and those that would become tracked: what a build takes from the working tree."""
    return _listed("--cached", "--others", "--exclude-standard")


def python_files() -> list[Path]:
    """The tracked Python sources, relative to the root."""
    return [file for file in tracked_files() if file.suffix == ".py"]


def text_of(file: Path) -> str | None:
    """A file's text; None where it is no text."""
    try:
        return (ROOT / file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
