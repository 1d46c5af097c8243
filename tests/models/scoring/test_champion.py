from pathlib import Path

import pytest

from models.scoring import bundle, champion
from models.scoring.champion import Champion
from tests.models import fitted


def _champion(version: str) -> Champion:
    return Champion(version=version, run_id="r" + version, tracking_uri="sqlite:///x.db", registry_stamp="1:2")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    bundle.write(tmp_path / "source", fitted.manifest(), fitted.model(), fitted.rows(2), "card")
    return tmp_path / "source"


def test_an_installed_champion_is_found_again(tmp_path: Path, source: Path):
    champion.install(tmp_path, _champion("3"), source)
    found = champion.read(tmp_path)
    assert found == _champion("3")
    assert found is not None
    assert found.manifest(tmp_path).features == fitted.NAMES


def test_the_last_installed_is_champion_and_the_earlier_stays_on_disk(tmp_path: Path, source: Path):
    for version in ("3", "4", "4"):
        champion.install(tmp_path, _champion(version), source)
    found = champion.read(tmp_path)
    assert found is not None
    assert found.version == "4"
    assert (tmp_path / "3" / "manifest.json").exists()
    assert not list(tmp_path.glob("draft*"))


def test_without_a_whole_copy_there_is_no_champion(tmp_path: Path):
    assert champion.read(tmp_path) is None
    champion.name(tmp_path, _champion("3"))
    assert champion.read(tmp_path) is None
    (tmp_path / "champion.json").write_text("{}")
    assert champion.read(tmp_path) is None


def test_the_stamp_changes_when_the_registry_is_written(tmp_path: Path):
    database = tmp_path / "mlflow.db"
    uri = f"sqlite:///{database}"
    assert champion.registry_stamp(uri) == ""
    database.write_bytes(b"1")
    first = champion.registry_stamp(uri)
    database.write_bytes(b"12")
    assert first
    assert champion.registry_stamp(uri) not in ("", first)


def test_a_registry_that_is_a_server_has_no_stamp():
    assert champion.registry_stamp("http://127.0.0.1:5000") == ""
