"""Where an installation keeps its files."""

from pathlib import Path

import pytest

from models.errors import RequestWrong
from models.home import Home


def test_without_settings_all_state_lies_below_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    home = Home.of({})
    below = tmp_path / ".local"
    assert home.folder == below
    assert home.database_url == f"sqlite:///{below}/omhu.db"
    assert home.tracking_uri == f"sqlite:///{below}/mlflow.db"
    kept = (home.snapshot, home.artifacts, home.bundles, home.drift, home.loads, home.mapping)
    names = ["snapshot", "artifacts", "bundles", "drift.json", "loads", "mapping.toml"]
    assert [path.relative_to(below).as_posix() for path in kept] == names


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


def test_a_municipality_has_a_model_of_its_own_name() -> None:
    assert (Home.of({}).municipality, Home.of({}).model) == ("", "omhu")
    assert Home.of({"OMHU_MUNICIPALITY": "aarhus-2"}).model == "omhu-aarhus-2"


@pytest.mark.parametrize("name", ["Aarhus", "2b", "a b", "a/b", "../b", "å", "a\n", "a" * 32, "-a", "a'"])
def test_a_name_that_could_not_be_part_of_a_file_or_a_query_is_refused(name: str) -> None:
    with pytest.raises(RequestWrong, match="cannot be called"):
        Home.of({"OMHU_MUNICIPALITY": name})
