"""Where an installation keeps its files."""

from pathlib import Path

import pytest

from models.home import Home


def test_without_settings_all_state_lies_below_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    home = Home.of({})
    below = tmp_path / ".local"
    assert home.folder == below
    assert home.database_url == f"sqlite:///{below}/omhu.db"
    assert home.tracking_uri == f"sqlite:///{below}/mlflow.db"
    folders = (home.snapshot, home.artifacts, home.bundles, home.loads)
    assert [folder.relative_to(below).as_posix() for folder in folders] == ["snapshot", "artifacts", "bundles", "loads"]


def test_each_setting_moves_its_own() -> None:
    home = Home.of(
        {"OMHU_HOME": "/data", "OMHU_DATABASE_URL": "postgresql:///omhu", "MLFLOW_TRACKING_URI": "http://mlflow"}
    )
    assert (home.folder, home.database_url, home.tracking_uri) == (Path("/data"), "postgresql:///omhu", "http://mlflow")


def test_an_empty_setting_is_none() -> None:
    assert Home.of({"OMHU_HOME": "", "OMHU_DATABASE_URL": ""}) == Home.of({})


def test_nothing_is_made_by_asking(tmp_path: Path) -> None:
    assert not Home.of({"OMHU_HOME": str(tmp_path / "new")}).snapshot.exists()
    assert list(tmp_path.iterdir()) == []
