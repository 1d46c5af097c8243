"""A citizen who objects is neither ranked nor learnt from, named on no list, and told everything about on demand."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from models.engines.local import matrix
from models.snapshot import Snapshot
from models.windows import day_number
from service.citizens.objections import register, withdraw
from service.snapshots import bring_up_to_date
from service.storage import audit, identities, lists, objections
from service.storage.database import Database
from service.weekly.lists import ListHead, Status
from service.weekly.making import find_or_make
from tests.service.terminal import OmhuAt
from tests.service.tiny_town import NOW, SECOND, TinyTown, quiet
from training import settings as training_settings
from training.matrix import data


@pytest.fixture(scope="module")
def town(tiny_town: TinyTown, tmp_path_factory: pytest.TempPathFactory) -> TinyTown:
    """A copy in which the highest of Vest objects, after this week's list was made."""
    copy = tiny_town.copied(tmp_path_factory.mktemp("objecting") / "home")
    with Database.open(copy.home.database_url) as database:
        head = find_or_make(database, copy.snapshot, copy.model, SECOND, NOW, quiet).head
        citizen_id = objecting_id(database, head)
        register(database, copy.home.snapshot, citizen_id, SECOND, "vil ikke måles", "local:test", NOW)
    return TinyTown(copy.folder)


def objecting_id(database: Database, head: ListHead) -> str:
    with database.read() as session:
        entry = lists.entries(session, head.number, ["Vest"], shown=True)[0]
        return identities.citizen_ids(session, [entry.citizen])[entry.citizen]


def who(database: Database) -> int:
    with database.read() as session:
        (citizen,) = objections.objecting(session)
    return citizen


def test_a_list_made_before_shows_the_citizen_no_longer_and_counts_them(town: TinyTown):
    with Database.open(town.home.database_url) as database, database.read() as session:
        citizen, head = who(database), lists.latest_list(session, SECOND)
        assert head is not None
        everyone = [*lists.every_entry(session, head.number), *lists.entries(session, head.number, ["Vest"])]
        assert citizen not in {entry.citizen for entry in everyone}
        assert lists.scores_of(session, citizen) == ()
        counts = {
            one.district: one.unranked.get(Status.OBJECTED, 0)
            for one in lists.counts(session, head.number, ["Vest", "Nord"])
        }
        assert counts == {"Vest": 1, "Nord": 0}
        assert lists.objecting(session, head.number) == 1


def test_a_list_made_after_computes_nothing_of_the_citizen_and_ranks_the_rest_as_before(town: TinyTown):
    with Database.open(town.home.database_url) as database:
        citizen = who(database)
        fresh = find_or_make(database, town.snapshot, replace(town.model, version="8"), SECOND, NOW, quiet).head
        with database.read() as session:
            before = lists.latest_list(session, SECOND)
            stored = session.exec_driver_sql(
                "SELECT status, probability, reasons FROM list_entries "
                f"WHERE list_id={fresh.number} AND citizen={citizen}"
            ).one()
            old = lists.find_list(session, SECOND, model_version="7")
            assert old is not None
            order = [
                [entry.citizen for entry in lists.every_entry(session, head.number) if entry.rank]
                for head in (old, fresh)
            ]
        assert before == fresh
        assert tuple(stored) == ("objected", None, "[]")
        assert order[0] == order[1]


def test_an_objection_from_a_later_day_on_leaves_the_list_as_it_is(town: TinyTown, tmp_path: Path):
    later = town.copied(tmp_path / "later")
    with Database.open(later.home.database_url) as database:
        with database.write() as session:
            session.exec_driver_sql("DELETE FROM objections")
            ids = identities.all_keys(session)
        citizen_id = next(iter(ids))
        register(database, later.home.snapshot, citizen_id, NOW.date() + timedelta(days=9), "", "local:test", NOW)
        made = find_or_make(database, later.snapshot, replace(later.model, version="9"), SECOND, NOW, quiet).head
        with database.read() as session:
            stored = session.exec_driver_sql(
                f"SELECT count(*) FROM list_entries WHERE list_id={made.number} AND status='objected'"
            )
            assert stored.scalar() == 0


def test_training_has_no_row_of_the_citizen_and_the_data_have_another_hash(town: TinyTown, tiny_town: TinyTown):
    with Database.open(town.home.database_url) as database:
        citizen = who(database)
    settings = training_settings.read().data
    rows = [
        data.rows(snapshot, data.span(snapshot, None), settings, lambda _: None)
        for snapshot in (tiny_town.snapshot, town.snapshot)
    ]
    assert citizen in rows[0].citizen
    assert set(rows[1].citizen.tolist()) == set(rows[0].citizen.tolist()) - {citizen}
    assert town.snapshot.hash != tiny_town.snapshot.hash


def test_bringing_the_snapshot_up_to_date_keeps_the_objection_and_withdrawing_ends_it(town: TinyTown, tmp_path: Path):
    copy = town.copied(tmp_path / "withdrawn")
    with Database.open(copy.home.database_url) as database:
        citizen = who(database)
        assert bring_up_to_date(database, copy.home.snapshot).manifest.objected == (citizen,)
        with database.read() as session:
            citizen_id = identities.citizen_ids(session, [citizen])[citizen]
        withdraw(database, copy.home.snapshot, citizen_id, "local:test", NOW + timedelta(days=1))
        assert Snapshot.open(copy.home.snapshot).manifest.objected == ()
        with database.read() as session:
            (kept,) = objections.objections_of(session, citizen)
            assert (kept.starts_on, kept.known_from, kept.superseded_at) == (SECOND, NOW, NOW + timedelta(days=1))
            assert lists.scores_of(session, citizen)[0].entry.probability
            actions = [one.look.action for one in audit.records(session) if citizen in one.look.citizens]
    assert actions == ["objection.register", "objection.withdraw"]
    whole = matrix(Snapshot.open(copy.home.snapshot), [day_number(SECOND)])
    assert np.isin(citizen, whole.citizen)


def test_the_command_line_names_nobody_who_objects(omhu_at: OmhuAt, town: TinyTown):
    with Database.open(town.home.database_url) as database, database.read() as session:
        citizen_id = identities.citizen_ids(session, [who(database)]).popitem()[1]
    code, shown, told = omhu_at(town.folder, "list", "--as-of", SECOND, "--all", "--format", "json")
    assert code == 0
    assert f'"{citizen_id}"' not in shown
    assert json.loads(shown)["objected"] == 1
    assert "1 objected" in told


def test_objecting_and_withdrawing_at_the_command_line(omhu_at: OmhuAt, town: TinyTown, tmp_path: Path):
    copy = town.copied(tmp_path / "home")
    with Database.open(copy.home.database_url) as database, database.read() as session:
        citizen_id = identities.citizen_ids(session, [who(database)]).popitem()[1]
    ask = (copy.folder, "citizen", "object", citizen_id, "--from", date(2025, 1, 1))
    code, _, told = omhu_at(*ask, "--reason", "hemmelig grund")
    assert (code, "registered already" in told) == (2, True)
    assert omhu_at(copy.folder, "citizen", "withdraw", citizen_id)[0] == 0
    code, _, told = omhu_at(copy.folder, "citizen", "withdraw", citizen_id)
    assert (code, "No objection of this citizen stands." in told) == (2, True)
    assert omhu_at(*ask)[0] == 0
    assert omhu_at(copy.folder, "citizen", "object", "nobody", "--from", date(2025, 1, 1))[0] == 2


def test_the_report_holds_every_row_and_every_look_as_json_and_as_a_page(
    omhu_at: OmhuAt, town: TinyTown, tmp_path: Path
):
    with Database.open(town.home.database_url) as database, database.read() as session:
        citizen = who(database)
        citizen_id = identities.citizen_ids(session, [citizen])[citizen]
        note = session.exec_driver_sql(f"SELECT text FROM notes WHERE citizen={citizen}").scalars().first()
        counted = {
            name: session.exec_driver_sql(f"SELECT count(*) FROM {name} WHERE citizen={citizen}").scalar()
            for name in ("notes", "visits", "observations", "objections", "list_entries")
        }
    code, _, _ = omhu_at(town.folder, "citizen", "report", citizen_id, "--out", tmp_path / "out")
    assert code == 0
    told = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert told["citizen_ids"] == [citizen_id]
    assert {name: len(told["held"].get(name, [])) for name in counted} == counted
    assert told["held"]["objections"][0]["reason"] == "vil ikke måles"
    assert [look["action"] for look in told["looked_at_by"]][-1] == "citizen.report"
    assert all(look["who"] for look in told["looked_at_by"])
    assert note
    assert note.split()[0] in page
    assert "Hvem har set oplysningerne" in page
    assert (tmp_path / "out" / "report.json").stat().st_mode & 0o077 == 0
    assert omhu_at(town.folder, "citizen", "report", citizen_id, "--out", tmp_path / "en", "--language", "en")[0] == 0
    assert "Who has seen it" in (tmp_path / "en" / "report.html").read_text(encoding="utf-8")
    assert omhu_at(town.folder, "citizen", "report", citizen_id, "--out", tmp_path, "--language", "xx")[0] == 2
