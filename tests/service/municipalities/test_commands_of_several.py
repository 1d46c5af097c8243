"""Commands where there are several municipalities: for the one that is named, and for none by mistake."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete

from models.scoring import champion
from models.scoring.champion import Champion, registry_stamp
from service.cli import main
from service.municipalities.apart import every
from service.municipalities.environments import Municipality
from service.settings import Settings
from service.storage import legal
from service.storage.capacities import capacities, set_capacity
from service.storage.database import Database
from tests.service.invented_lists import switch_on
from tests.service.municipalities.towns import surroundings
from tests.service.tiny_town import SECOND, VERSION, TinyTown

Omhu = Callable[..., tuple[int, str]]


@pytest.fixture
def around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The surroundings of two municipalities, which are this process's own."""
    told = surroundings(tmp_path)
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    return told


@pytest.fixture
def omhu(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Omhu:
    """Runs a command; gives exit code and all that was said, and leaves the environment as it was."""

    def run(*arguments: str) -> tuple[int, str]:
        before = dict(os.environ)
        monkeypatch.setattr(sys, "argv", ["omhu", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert dict(os.environ) == before
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out + shown.err

    return run


def test_without_a_name_what_touches_state_is_refused(around: dict[str, str], omhu: Omhu) -> None:
    for command in (
        ("init",),
        ("list", "--as-of", "2026-11-23"),
        ("doctor",),
        ("capacity", "show"),
        ("train",),
        ("demo",),
    ):
        code, told = omhu(*command)
        assert code == 2
        assert "there are: aarhus, odense." in told
        assert f"omhu --municipality aarhus {command[0]}" in told
    assert not Path(around["OMHU_HOME"]).exists()
    assert omhu("features", "--format", "json")[0] == 0
    code, told = omhu("list", "--help")
    assert code == 0
    assert "Usage:" in told


def test_a_name_nobody_has_is_refused(around: dict[str, str], omhu: Omhu) -> None:
    assert omhu("--municipality", "ribe", "init") == (
        2,
        "There is no municipality 'ribe'.\nThere are: aarhus, odense.\n",
    )
    assert not Path(around["OMHU_HOME"]).exists()


def test_a_name_where_there_is_one_only_is_refused(tmp_path: Path, omhu: Omhu, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMHU_HOME", str(tmp_path / "home"))
    code, told = omhu("--municipality", "ribe", "init")
    assert (code, "there is only one here" in told) == (2, True)
    assert not (tmp_path / "home").exists()
    monkeypatch.setenv("OMHU_MUNICIPALITY", "ribe")  # what a command for ribe starts finds it so
    assert omhu("--municipality", "ribe", "init")[0] == omhu("init")[0] == 0


def test_a_command_acts_on_the_one_that_is_named(
    around: dict[str, str], omhu: Omhu, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMHU_DATABASE_URL", "postgresql://nobody@nowhere:1/nothing")  # never taken for anyone's
    for name in ("aarhus", "odense"):
        assert omhu("--municipality", name, "init")[0] == 0
    assert omhu("--municipality", "aarhus", "capacity", "set", "Nord", "3")[0] == 0
    monkeypatch.setenv("OMHU_MUNICIPALITY", "odense")
    assert omhu("capacity", "set", "Nord", "5")[0] == 0
    assert omhu("--municipality", "aarhus", "capacity", "set", "Syd", "4")[0] == 0  # what is said comes first
    found = [dict(_capacities(one)) for one in every(around)]
    assert found == [{"Nord": 3, "Syd": 4}, {"Nord": 5}]
    code, told = omhu("--municipality", "aarhus", "user", "one-time-login", "nobody")
    assert (code, "nobody" in told) == (2, True)


def _capacities(one: Municipality) -> dict[str, int]:
    with Database.open(one.settings.state.database_url) as database, database.read() as session:
        return dict(capacities(session))


def test_sharing_a_store_is_refused_and_anothers_wrong_settings_are_not_mine(
    tmp_path: Path, around: dict[str, str], omhu: Omhu
) -> None:
    store = {"OMHU_DATABASE_URL": f"sqlite:///{tmp_path}/omhu.db"}
    surroundings(tmp_path, aarhus=store, odense=store)
    code, told = omhu("--municipality", "odense", "init")
    assert (code, "odense and aarhus share a store" in told) == (1, True)
    assert not (tmp_path / "omhu.db").exists()
    assert omhu("serve")[0] == 1
    surroundings(tmp_path, odense={"OMHU_RETENTION_LIST_MONTHS": "many"})
    assert omhu("--municipality", "aarhus", "init")[0] == 0
    assert omhu("--municipality", "odense", "init")[0] == 2


def test_each_list_is_made_with_the_municipalitys_own_capacity_switch_and_model(
    tmp_path: Path, tiny_town: TinyTown, around: dict[str, str], omhu: Omhu
) -> None:
    both = every(around)
    for one, version in zip(both, (VERSION, "9"), strict=True):
        _settle(one, tiny_town, version)
    with Database.open(both[0].settings.state.database_url) as database, database.write() as session:
        set_capacity(session, "Nord", 2)
    asked = ("list", "--as-of", str(SECOND), "--format", "json")
    aarhus = _made(omhu("--municipality", "aarhus", *asked))
    assert omhu("--municipality", "odense", *asked)[0] == 4  # nobody has switched it on there
    with Database.open(both[1].settings.state.database_url) as database:
        switch_on(database)
    odense = _made(omhu("--municipality", "odense", *asked))
    assert (aarhus[0], odense[0]) == (VERSION, "9")
    assert (len(aarhus[1]), len(odense[1])) == (2, 4)
    assert aarhus[1] == odense[1][:2]


def _settle(one: Municipality, town: TinyTown, version: str) -> None:
    """The tiny town as a municipality of several; the second has no legal basis."""
    state = one.settings.state
    town.copied(state.folder)
    stamp = registry_stamp(state.tracking_uri)
    champion.install(
        state.bundles,
        Champion(version=version, run_id="r", tracking_uri=state.tracking_uri, registry_stamp=stamp, model=state.model),
        town.folder / "bundle",
    )
    if one.name == "odense":
        with Database.open(state.database_url) as database, database.write() as session:
            session.execute(delete(legal.LEGAL_BASES))


def _made(ended: tuple[int, str]) -> tuple[str, list[str]]:
    """The list a command printed: by which model, and who of Nord."""
    code, told = ended
    assert code == 0, told
    made, _ = json.JSONDecoder().raw_decode(told)
    return made["model_version"], [entry["citizen_id"] for entry in made["entries"] if entry["district"] == "Nord"]


def test_a_copy_of_one_is_put_back_into_no_other(
    tmp_path: Path, around: dict[str, str], omhu: Omhu, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = str(tmp_path / "copy")
    assert omhu("--municipality", "aarhus", "init")[0] == 0
    assert omhu("--municipality", "aarhus", "capacity", "set", "Nord", "3")[0] == 0
    assert omhu("--municipality", "aarhus", "backup", copy)[0] == 0
    code, told = omhu("--municipality", "odense", "restore", copy)
    assert (code, "This is odense, and the copy is of aarhus." in told) == (2, True)
    for name, value in {"OMHU_HOME": str(tmp_path / "elsewhere"), "OMHU_MUNICIPALITIES": ""}.items():
        monkeypatch.setenv(name, value)
    assert omhu("restore", copy)[0] == 2
    monkeypatch.setenv("OMHU_MUNICIPALITY", "aarhus")
    assert omhu("restore", copy)[0] == 0
    assert _capacities(Municipality("aarhus", os.environ, Settings.read(os.environ))) == {"Nord": 3}
