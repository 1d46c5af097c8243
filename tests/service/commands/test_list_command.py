"""`omhu list`, as somebody at a terminal meets it, on a tiny municipality taken all the way."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from models.cohort import Status
from models.engines.local import matrix
from models.home import Home
from models.windows import day_number
from service.storage import audit, identities
from service.storage import lists as stored_lists
from service.storage.database import Database
from service.weekly.listing import COLUMNS
from tests.service.invented_lists import switch_on
from tests.service.terminal import OmhuAt
from tests.service.tiny_town import CAPACITIES, FIRST, SECOND, VERSION, TinyTown, install


@pytest.fixture(scope="module")
def copy(tiny_town: TinyTown, tmp_path_factory: pytest.TempPathFactory) -> TinyTown:
    """A home of this module's own; lists made by one test are fetched by the next."""
    return tiny_town.copied(tmp_path_factory.mktemp("listed") / "home")


@pytest.fixture
def listed(omhu_at: OmhuAt, copy: TinyTown) -> Callable[..., list[dict[str, str]]]:
    """The rows of `omhu list --format csv` with some options."""

    def rows(*options: object, day: object = SECOND) -> list[dict[str, str]]:
        code, shown, _ = omhu_at(copy.folder, "list", "--as-of", day, "--format", "csv", *options)
        assert code == 0
        return list(csv.DictReader(io.StringIO(shown)))

    return rows


def test_every_row_equals_the_training_row_of_the_date_to_the_last_bit(
    listed: Callable[..., list[dict[str, str]]], copy: TinyTown
):
    rows = matrix(copy.snapshot, [day_number(FIRST), day_number(SECOND)])
    scores = copy.model.model.score(rows.values)
    with Database.open(copy.home.database_url) as database, database.read() as session:
        ids = identities.citizen_ids(session, rows.citizen.tolist())
    for day in (FIRST, SECOND):
        chosen = (rows.as_of == day_number(day)) & (rows.status == Status.RANKED)
        expected = {
            ids[int(one)]: float(score) for one, score in zip(rows.citizen[chosen], scores[chosen], strict=True)
        }
        assert {row["citizen_id"]: float(row["probability"]) for row in listed("--all", day=day)} == expected


def test_the_columns_are_those_scripts_depend_on(omhu_at: OmhuAt, copy: TinyTown):
    _, shown, told = omhu_at(copy.folder, "list", "--as-of", SECOND, "--all", "--format", "csv")
    head = shown.splitlines()[0].split(",")
    assert head == list(COLUMNS)
    for name in ("rank", "citizen_id", "probability", "band", "district", "reason_1", "reason_2", "reason_3"):
        assert name in head
    assert f"List of {SECOND} by model version 7" in told


def test_options_choose_whom_to_write(listed: Callable[..., list[dict[str, str]]]):
    every = listed("--all")
    assert [int(row["rank"]) for row in every] == list(range(1, len(every) + 1))
    assert listed("--top", 3) == every[:3]
    usual = listed()
    assert {row["district"] for row in usual} == {"Nord", "Øst", "Vest"}
    assert len([row for row in usual if row["district"] == "Nord"]) == CAPACITIES["Nord"]
    assert all(row["reason_1"] for row in usual[:5])
    north = listed("--district", "Nord", "--top", 6)
    assert [row["rank"] for row in north] == list("123456")
    assert {row["district"] for row in north} == {"Nord"}


def test_asked_for_again_it_is_fetched_and_the_same(omhu_at: OmhuAt, copy: TinyTown):
    ask = (copy.folder, "list", "--as-of", SECOND, "--all", "--format", "json")
    once, again = omhu_at(*ask), omhu_at(*ask)
    assert once[1] == again[1]
    assert "(fetched)" in again[2]
    told = json.loads(again[1])
    assert told["as_of"] == str(SECOND)
    assert told["not_ranked"]


def test_it_is_written_to_a_file_as_to_the_screen(omhu_at: OmhuAt, copy: TinyTown, tmp_path: Path):
    shown = omhu_at(copy.folder, "list", "--as-of", SECOND, "--format", "csv")[1]
    code, nothing, _ = omhu_at(
        copy.folder, "list", "--as-of", SECOND, "--format", "csv", "--out", tmp_path / "list.csv"
    )
    assert (code, nothing) == (0, "")
    assert (tmp_path / "list.csv").read_text(encoding="utf-8") == shown


def test_the_table_is_the_usual_form(omhu_at: OmhuAt, copy: TinyTown):
    code, shown, _ = omhu_at(copy.folder, "list", "--as-of", SECOND, "--top", 2)
    assert code == 0
    assert f"As of {SECOND}" in shown
    assert "why" in shown


MISTAKES = [
    (("--as-of", SECOND, "--district", "Atlantis"), "There is no district 'Atlantis' on this list."),
    (("--as-of", SECOND, "--top", 3, "--all"), "--top and --all ask for different lists."),
    (("--as-of", "1990-01-01"), "Nobody is in home care on 1990-01-01"),
    (("--as-of", "2999-01-01"), "2999-01-01 has not begun"),
    (("--as-of", SECOND, "--out", "/nowhere/list.csv"), "/nowhere/list.csv cannot be written"),
    (("--as-of", "yesterday"), "Invalid value for '--as-of'"),
    (("--as-of", SECOND, "--format", "pdf"), "Invalid value for '--format'"),
    (("--as-of", SECOND, "--top", 0), "Invalid value for '--top'"),
    ((), "Missing option '--as-of'"),
]


@pytest.mark.parametrize(("options", "words"), MISTAKES, ids=[words[:30] for _, words in MISTAKES])
def test_a_mistake_is_answered_in_a_clear_line_and_with_2(
    omhu_at: OmhuAt, copy: TinyTown, options: tuple[object, ...], words: str
):
    code, shown, told = omhu_at(copy.folder, "list", *options)
    assert (code, shown) == (2, "")
    assert words in " ".join(told.split())
    assert "Traceback" not in told


def test_what_has_to_come_first_is_said(omhu_at: OmhuAt, copy: TinyTown, tmp_path: Path, migrated_file: Path):
    ask = (tmp_path, "list", "--as-of", SECOND)
    code, _, told = omhu_at(*ask)
    assert (code, "has not been set up" in told, "Run `omhu init`." in told) == (1, True, True)
    shutil.copy(migrated_file, tmp_path / "omhu.db")
    install(Home.of({"OMHU_HOME": str(tmp_path)}), copy.home.bundles / VERSION)
    assert omhu_at(*ask)[0] == 4
    with Database.open(Home.of({"OMHU_HOME": str(tmp_path)}).database_url) as database:
        switch_on(database)
    code, _, told = omhu_at(*ask)
    assert (code, "There is no snapshot yet." in told, "run `omhu snapshot`" in told) == (1, True, True)


@pytest.fixture
def without_basis(tiny_town: TinyTown, tmp_path: Path) -> TinyTown:
    """A town in which nobody has put a legal basis on record."""
    town = tiny_town.copied(tmp_path / "home")
    with Database.open(town.home.database_url) as database, database.write() as session:
        session.exec_driver_sql("DELETE FROM legal_bases")
    return town


def stored(town: TinyTown, *, silent: bool) -> int:
    """How many lists of a kind there are."""
    with Database.open(town.home.database_url) as database, database.read() as session:
        return len(stored_lists.list_heads(session, limit=9, silent=silent))


def test_without_a_legal_basis_no_list_is_made_and_what_to_do_is_said(omhu_at: OmhuAt, without_basis: TinyTown):
    code, shown, told = omhu_at(without_basis.folder, "list", "--as-of", SECOND)
    assert (code, shown) == (4, "")
    assert "No legal basis for the purpose 'operate' is in force today." in told
    assert "omhu legal set operate --basis … --document … --from …" in told
    assert (stored(without_basis, silent=True), stored(without_basis, silent=False)) == (0, 0)


def test_a_silent_list_is_stored_and_shown_to_nobody_and_operating_makes_a_fresh_one(
    omhu_at: OmhuAt, without_basis: TinyTown
):
    ask = (without_basis.folder, "list", "--as-of", SECOND, "--format", "csv")
    basis = ("--basis", "SUL", "--document", "sag 1", "--from", "2025-01-01")
    omhu_at(without_basis.folder, "legal", "set", "silent", *basis)
    for _ in range(2):
        code, shown, told = omhu_at(*ask)
        assert (code, shown) == (4, "")
        assert f"The silent list of {SECOND} is stored, and shown to nobody." in told
        assert (stored(without_basis, silent=True), stored(without_basis, silent=False)) == (1, 0)
    omhu_at(without_basis.folder, "legal", "set", "operate", *basis)
    code, shown, told = omhu_at(*ask)
    assert (code, "(made now)" in told, len(shown.splitlines()) > 5) == (0, True, True)
    assert (stored(without_basis, silent=True), stored(without_basis, silent=False)) == (1, 1)
    omhu_at(without_basis.folder, "legal", "set", "operate", *basis, "--to", "2025-01-31")
    assert omhu_at(*ask)[:2] == (4, "")


def test_a_list_of_stale_data_ends_with_5_until_it_is_accepted_with_a_reason(
    omhu_at: OmhuAt, tiny_town: TinyTown, tmp_path: Path
):
    town = tiny_town.copied(tmp_path / "home")
    ask = (town.folder, "list", "--as-of", SECOND + timedelta(weeks=2))
    code, shown, told = omhu_at(*ask)
    assert (code, shown) == (5, "")
    said = " ".join(told.split())
    assert "visits: last seen 2025-06-29, silent for 15 days" in said
    assert "Load what is missing and run `omhu snapshot`" in said
    assert omhu_at(*ask, "--accept-stale", " ")[0] == 2
    code, shown, told = omhu_at(*ask, "--accept-stale", "the supplier is told", "--format", "json")
    assert code == 0
    assert json.loads(shown)["stale_accepted"]["reason"] == "the supplier is told"
    assert "Made of stale data, accepted: the supplier is told" in " ".join(told.split())
    assert omhu_at(*ask)[0] == 0


def test_whom_a_list_shows_at_the_terminal_is_logged(omhu_at: OmhuAt, copy: TinyTown):
    omhu_at(copy.folder, "list", "--as-of", SECOND, "--top", 3)
    with Database.open(copy.home.database_url) as database, database.read() as session:
        record = audit.last(session)
    assert record is not None
    assert (record.look.action, len(record.look.citizens)) == ("list.view", 3)
    assert record.look.actor.startswith("local:")
