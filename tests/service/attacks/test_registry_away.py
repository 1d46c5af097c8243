"""A model registry that is away: lists are made with the copy of the champion that is here."""

import time
from pathlib import Path

from tests.children import free_port, omhu
from tests.service.tiny_town import SECOND, TinyTown


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
