"""Planted names, numbers and words of notes are searched for in all that is written while every route is driven."""

import json
import shutil
import sqlite3
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import structlog

from models.snapshot import Snapshot
from service.cli import main
from service.logs import set_up
from service.security.rights import SCOPES, Permission
from service.storage import audit, identities
from service.storage.database import Database
from service.storage.tables import FACTS, IDENTITIES
from tests.service import planted_drop
from tests.service.conftest import USERS
from tests.service.invented_lists import key
from tests.service.running import Running, proof_in
from tests.service.test_closed_routes import filled, routes
from tests.service.tiny_town import FIRST, TinyTown
from tests.training.invented_rows import quick_settings
from training.matrix import data, use
from training.settings import Settings

NAME, NUMBER, WORDS = "Sentinella Plantet", "2509479989", "sentinelord i et notat"
PLANTED = (NAME, "Sentinella", NUMBER, WORDS, "sentinelord")


@pytest.fixture
def planted(running: Running) -> Running:
    """The town, one listed citizen of which has a name, a number and a reason to be found by."""
    with running.database.write() as session:
        citizen = key(0, 1)
        session.execute(IDENTITIES.update().where(IDENTITIES.c.citizen == citizen).values(name=NAME, citizen_id=NUMBER))
        session.exec_driver_sql("DROP TRIGGER IF EXISTS list_entries_no_update")
        told = json.dumps([{"group": "fluids", "strength": 1.0, "da": WORDS, "en": WORDS, "quotes": [], "trend": None}])
        session.exec_driver_sql("UPDATE list_entries SET reasons = ? WHERE citizen = ?", (told, citizen))
    return running


def drive(running: Running, client: httpx.Client) -> None:
    """Ask for every route in every way it answers, and in one it does not, with planted words in body and header."""
    for method, pattern in sorted(set(routes(running.app)) - {("POST", "/logout")}):
        address = filled(pattern, running)
        client.request(method, address, headers={"User-Agent": NAME, "X-Planted": NUMBER})
        if method == "POST":
            proof = proof_in(client.get("/login").text)
            client.post(address, data={"bevis": proof, "navn": NAME, "borger": NUMBER, "bemaerkning": WORDS})
            client.post(address, content=f'{{"{NAME}": "{WORDS}'.encode(), headers={"Content-Type": "application/json"})
    client.request("PATCH", f"/borger/{NUMBER}")
    client.get(f"/api/v1/citizens/{NUMBER}x/scores")


def send_drops(machine: httpx.Client) -> None:
    """A drop that is taken in part, and one that cannot be read."""
    rows = f"citizen_id,name,birth_date\n{NUMBER},{NAME},når som helst\n,{NAME},1940-01-01\n"
    notes = f"citizen_id,note_id,observed_at,text\n{NUMBER},1,{WORDS},{WORDS}\n"
    files = [("files", ("citizens.csv", rows)), ("files", ("notes.csv", notes))]
    for several in (files, [("files", ("visits.parquet", WORDS))]):
        answer = machine.post("/api/v1/loads", files=several)
        assert answer.status_code == 202, answer.text
        for _ in range(100):
            if machine.get(answer.headers["Location"]).json()["status"] not in {"received", "running"}:
                break
            time.sleep(0.05)


def test_nothing_planted_is_in_any_line_that_is_written(planted: Running, capfd: pytest.CaptureFixture[str]) -> None:
    set_up()
    try:
        for name in USERS:
            with planted.log_in(name) as user:
                drive(planted, user)
        with planted.machine(*map(Permission, SCOPES)) as machine, planted.visitor() as nobody:
            drive(planted, machine)
            drive(planted, nobody)
            send_drops(machine)
            told = [
                one.get(address).text for one in (machine, nobody) for address in ("/metrics", "/healthz", "/readyz")
            ]
        with planted.log_in("nord") as nurse:
            assert NAME in nurse.get("/").text  # it is there to be found
            with planted.database.write() as session:
                session.exec_driver_sql("DROP TABLE citizen_references")
            drive_broken(planted, nurse)
    finally:
        structlog.reset_defaults()
    written = capfd.readouterr()
    for text in (written.err, written.out, *told):
        assert not [word for word in PLANTED if word in text]
    assert '"event": "broken"' in written.err
    with planted.database.read() as session:
        looks = repr([record.look for record in audit.records(session)])
    # The address of an attempt stands in the log as it was asked for; names and words are never part of one.
    assert not [word for word in (NAME, "Sentinella", WORDS, "sentinelord") if word in looks]


def drive_broken(running: Running, nurse: httpx.Client) -> None:
    """Ask of a store in which a table is missing: every answer is an error that says nothing."""
    for address in ("/", "/tavle", "/ikke-vurderet", "/borger/abc"):
        answer = nurse.get(address)
        assert answer.status_code >= 400
        assert not [word for word in PLANTED if word in answer.text]


def test_the_facts_of_a_planted_note_are_refused_without_their_words(sqlite_url: str, tmp_path: Path) -> None:
    from models.errors import OmhuError
    from service.intake.loading import load_path

    (tmp_path / "notes.csv").write_text(f"citizen_id,{NAME}\n{NUMBER},{WORDS}\n", encoding="utf-8")
    with Database.open(sqlite_url) as database:
        try:
            told = load_path(database, tmp_path, "live", 1_700_000_000_000_000).model_dump_json()
        except OmhuError as error:
            told = str(error)
        with database.read() as session:
            assert session.execute(FACTS["notes"].select()).first() is None
    assert not [word for word in (NUMBER, WORDS) if word in told]


KEPT = {
    *("mlflow.db", "champion.json", "manifest.json", "findings.json", "report.html", "card.md", "reference_rows.json"),
    *("report.json", "drift.json", "MLmodel", "booster_0.txt", "roc.png"),
}
"""Some of what must have been looked through, by name; the snapshot is Parquet beside it."""


def test_nothing_planted_is_in_what_a_training_keeps_or_tells(
    tiny_town: TinyTown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """From a drop to a champion and its drift by the real commands: the store alone may know the planted citizens."""
    town = without_model(tiny_town.copied(tmp_path / "home"))
    settings = short_of_weeks(quick_settings())
    (tmp_path / "quick.toml").write_text(as_toml(settings), encoding="utf-8")
    drop = planted_drop.write(tmp_path / "drop", FIRST - timedelta(weeks=25), weeks=26)
    monkeypatch.setenv("OMHU_HOME", str(town.folder))
    for command in (
        ("load", drop, "--history", "--report", town.folder / "report.json"),
        ("snapshot",),
        ("train", "--config", tmp_path / "quick.toml"),
        ("promote", "--accept", "an invented town"),
        ("drift", "--as-of", str(FIRST)),
    ):
        monkeypatch.setattr(sys, "argv", ["omhu", *map(str, command)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code, (command, capfd.readouterr())
    printed = "".join(capfd.readouterr())

    assert "is champion" in printed
    assert not [word for word in planted_drop.WORDS if word in printed]
    assert planted_drop.found_in(town.folder / "omhu.db") == set(planted_drop.WORDS)  # they are there to be found
    assert planted_keys(town) <= learnt_from(town, settings)
    files = {path.name for path in town.folder.rglob("*")}
    assert files >= KEPT
    assert any(name.endswith(".parquet") for name in files)
    assert planted_drop.found_below(town.folder, but="omhu.db") == {}


def without_model(town: TinyTown) -> TinyTown:
    """The town before its first training."""
    for folder in ("bundle", "bundles"):
        shutil.rmtree(town.folder / folder, ignore_errors=True)
    (town.folder / "mlflow.db").unlink()
    return town


def short_of_weeks(settings: Settings) -> Settings:
    """The same for a town of half a year: learnt from its first week on, or three slices would be too many."""
    return settings.model_copy(update={"data": settings.data.model_copy(update={"warm_up_days": 0})})


def as_toml(settings: Settings) -> str:
    """The settings as a user's own file: their values are written in TOML as they are in JSON."""
    told = settings.model_dump(mode="json")
    plain = [f"{name} = {json.dumps(value)}" for name, value in told.items() if not isinstance(value, dict)]
    for section, values in told.items():
        if isinstance(values, dict):
            plain += [f"[{section}]", *(f"{name} = {json.dumps(value)}" for name, value in values.items())]
    return "\n".join(plain)


def planted_keys(town: TinyTown) -> set[int]:
    """The keys under which the store knows the planted citizens."""
    with Database.open(town.home.database_url) as database, database.read() as session:
        return {identities.key_of(session, number) for number in planted_drop.NUMBERS}


def learnt_from(town: TinyTown, settings: Settings) -> set[int]:
    """The citizens of the rows a training of the town learns from."""
    snapshot = Snapshot.open(town.home.snapshot)
    found = data.labelled(snapshot, data.span(snapshot, None), settings.data, lambda _: None)
    return set(use.to_learn(found, settings).citizen.tolist())


@pytest.mark.parametrize("packed", ["parquet", "sqlite"])
def test_the_search_sees_into_packed_files(tmp_path: Path, packed: str) -> None:
    long = "x" * 9000 + planted_drop.NOTE + "x" * 9000
    if packed == "parquet":
        column = pa.array([[long], []], pa.list_(pa.string()))
        table = pa.table({"text": [long, None], "several": column, "number": [int(planted_drop.NUMBERS[0]), 0]})
        pq.write_table(table, tmp_path / "file", compression="zstd")
        wanted = {planted_drop.NUMBERS[0], "sentinelord", "Plantesen", "Datteren"}
    else:
        with closing(sqlite3.connect(tmp_path / "file")) as store, store:
            store.execute("CREATE TABLE kept (text TEXT)")
            store.execute("INSERT INTO kept VALUES (?)", ("x" * 4030 + "sentinelord" * 40,))
        wanted = {"sentinelord"}
    assert planted_drop.found_below(tmp_path, but="omhu.db") == {"file": wanted}
