"""`omhu legal`, there and back, on both databases."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from service.clock import danish_date
from service.legal import Purpose, in_force
from service.storage import legal as stored_legal
from service.storage.database import Database
from tests.service.terminal import Omhu

pytestmark = pytest.mark.usefixtures("on_empty_store")
TODAY = danish_date(datetime.now(UTC))


def put(omhu: Omhu, purpose: str, begins: date, ends: date | None = None, basis: str = "SUL § 42 e [stk. 1]"):
    until = ("--to", ends) if ends else ()
    return omhu("legal", "set", purpose, "--basis", basis, "--document", "sag [25/113]", "--from", begins, *until)


def test_what_is_set_is_shown_and_stands_in_the_store(omhu: Omhu, database: Database):
    assert put(omhu, "train", date(2025, 2, 1), date(2026, 2, 1)) == (
        0,
        "train: on record from 2025-02-01 to 2026-02-01.\n",
        "",
    )
    code, shown, _ = omhu("legal", "show")
    assert code == 0
    for told in ("train", "SUL § 42 e [stk. 1]", "sag [25/113]", "2025-02-01", "2026-02-01"):
        assert told in shown
    with database.read() as session:
        (entry,) = stored_legal.entries(session)
    assert (entry.purpose, entry.basis, entry.document) == (Purpose.TRAIN, "SUL § 42 e [stk. 1]", "sag [25/113]")
    assert entry.set_by
    assert datetime.now(UTC) - entry.set_at < timedelta(minutes=5)
    assert in_force([entry], Purpose.TRAIN, date(2025, 6, 1)) == entry


def row_of(shown: str, words: str) -> list[str]:
    """The cells of the row of the table that holds the words."""
    (line,) = [line for line in shown.splitlines() if words in line]
    return [cell.strip() for cell in line.strip("│").split("│")]


def test_show_says_what_holds_today_and_a_later_entry_takes_an_earlier_ones_place(omhu: Omhu):
    put(omhu, "operate", TODAY, basis="first")
    tomorrow = TODAY + timedelta(days=1)
    assert put(omhu, "silent", tomorrow, basis="from tomorrow")[1] == f"silent: on record from {tomorrow}.\n"
    shown = omhu("legal", "show")[1]
    assert row_of(shown, "first")[-1] == "yes"
    assert row_of(shown, "from tomorrow")[-1] == ""
    put(omhu, "operate", TODAY - timedelta(days=9), TODAY - timedelta(days=1), basis="switched off")
    shown = omhu("legal", "show")[1]
    assert [row_of(shown, words)[-1] for words in ("first", "switched off")] == ["", ""]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("train", "--basis", " ", "--document", "d", "--from", "2025-01-01"), "needs its words and its document"),
        (
            ("train", "--basis", "b", "--document", "d", "--from", "2025-01-02", "--to", "2025-01-01"),
            "It would end on 2025-01-01, before it begins. Give a later --to.",
        ),
        (("sell", "--basis", "b", "--document", "d", "--from", "2025-01-01"), "Invalid value for"),
        (("train", "--basis", "b", "--from", "2025-01-01"), "Missing option '--document'"),
        (("train", "--basis", "b", "--document", "d", "--from", "1/1 2025"), "Invalid value for '--from'"),
    ],
)
def test_a_mistake_is_answered_in_a_clear_line_and_sets_nothing(
    omhu: Omhu, database: Database, arguments: tuple[str, ...], words: str
):
    code, _, told = omhu("legal", "set", *arguments)
    assert code == 2
    assert words in " ".join(told.split())
    assert "Traceback" not in told
    with database.read() as session:
        assert stored_legal.entries(session) == ()


def test_training_without_any_basis_is_warned_of_in_one_line_and_goes_on(
    omhu: Omhu, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("OMHU_HOME", str(tmp_path))
    warning = "No legal basis is on record for today, not even to train: see `omhu legal set train --help`.\n"
    code, _, told = omhu("train")
    assert told.startswith(warning)
    assert (code, "snapshot" in told.removeprefix(warning)) == (1, True)
    assert warning not in omhu("train", "--help")[2]
    put(omhu, "silent", TODAY)
    assert "No legal basis" not in omhu("train")[2]


def test_training_where_no_store_is_says_nothing_of_it(omhu: Omhu, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("OMHU_HOME", str(tmp_path))
    monkeypatch.setenv("OMHU_DATABASE_URL", "")
    assert "No legal basis" not in omhu("train")[2]
