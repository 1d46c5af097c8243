"""A model registry that is away: lists are made with the copy of the champion that is here."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.service.attacks import outbound
from tests.service.test_serve_command import free_port
from tests.service.tiny_town import SECOND, TinyTown

ROOT = Path(outbound.__file__).resolve().parents[3]
OMHU = "from service.cli import main; main()"


def omhu(home: Path, *arguments: str, before: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, in this home."""
    here = os.environ | {"OMHU_HOME": str(home), "OMHU_DATABASE_URL": "", "PYTHONPATH": str(ROOT)} | more
    command = [sys.executable, "-c", before + OMHU, *arguments]
    return subprocess.run(command, env=here, capture_output=True, text=True, timeout=150, check=False)


def test_a_list_is_made_with_the_loaded_copy_when_the_registry_is_away(tiny_town: TinyTown, tmp_path: Path) -> None:
    town = tiny_town.copied(tmp_path / "home")
    away = f"http://127.0.0.1:{free_port()}"
    named = town.home.bundles / "champion.json"
    named.write_text(named.read_text().replace(town.home.tracking_uri, away))
    begun = time.monotonic()
    done = omhu(town.folder, "list", "--as-of", str(SECOND), "--format", "csv", MLFLOW_TRACKING_URI=away)
    assert done.returncode == 0, done.stderr[-1000:]
    assert "rank" in done.stdout
    assert time.monotonic() - begun < 90
