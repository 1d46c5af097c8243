import shutil
from collections.abc import Callable
from contextlib import suppress
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


def _other(folder: Path) -> Path:
    manifest = fitted.manifest().model_copy(update={"tree_weight": 0.5})
    bundle.write(folder, manifest, fitted.model(tree_weight=0.5), fitted.rows(2), "another card")
    return folder


def test_a_crash_while_the_same_version_is_installed_again_leaves_the_old_or_the_new(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
):
    bundles, other = tmp_path / "bundles", _other(tmp_path / "other")
    bundles.mkdir()
    champion.install(bundles, _champion("4"), source)
    seen: list[float] = []
    for crash_at in range(20):
        begun = _crashing(monkeypatch, crash_at)
        with suppress(_Crash):
            champion.install(bundles, _champion("4"), other)
        monkeypatch.undo()
        found = champion.read(bundles)
        assert found is not None
        seen.append(_weight(found, bundles))
        if len(begun) <= crash_at:
            break
    assert seen[0] == fitted.model().tree_weight
    assert seen[-1] == 0.5
    assert len(seen) > 4


def _weight(installed: Champion, bundles: Path) -> float:
    """What tells the two bundles apart, of one that is whole."""
    return bundle.load(installed.folder(bundles), fitted.manifest().fingerprint).tree_weight


class _Crash(BaseException):
    """The end of the process: nothing goes on after it."""


def _crashing(patch: pytest.MonkeyPatch, step: int) -> list[str]:
    """Have the step of so many steps before it that change what is on the disk end it all; gives the steps begun."""
    begun: list[str] = []

    def ending(name: str, change: Callable[..., object]) -> Callable[..., object]:
        def changed(*given: object, **named: object) -> object:
            begun.append(name)
            if len(begun) > step:
                raise _Crash
            return change(*given, **named)

        return changed

    for where, name in ((shutil, "rmtree"), (shutil, "copytree"), (Path, "replace"), (Path, "write_text")):
        patch.setattr(where, name, ending(name, getattr(where, name)))
    return begun


def test_who_reads_the_champion_while_it_is_installed_again_reads_it_whole(tmp_path: Path, source: Path):
    before = champion.install(tmp_path, _champion("4"), source)
    champion.install(tmp_path, _champion("4"), _other(tmp_path / "other"))
    assert _weight(before, tmp_path) == fitted.model().tree_weight


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
