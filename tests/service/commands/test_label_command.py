"""`omhu label explain`, as a data scientist who doubts a label meets it."""

import json
from pathlib import Path
from typing import Any

import pytest

from service.citizens.merging import merge
from service.storage import audit
from service.storage.database import Database
from tests.drops import citizen, load_rows, visit
from tests.service.citizens.test_merging import NOW, WHO, notification
from tests.service.terminal import Omhu

pytestmark = pytest.mark.usefixtures("on_empty_store")


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole tables."""
    monkeypatch.setenv("COLUMNS", "300")


@pytest.fixture
def loaded(database: Database, tmp_path: Path) -> Database:
    """One citizen visited all winter, admitted, moved to another hospital, revised, sent home; another never was."""
    visits = [visit(f"v{n}", f"2025-01-{n:02}T12:00:00Z", started_at=f"2025-01-{n:02}T08:00:00Z") for n in range(1, 29)]
    revised = notification("A1", "h3", "revise-admit-inpatient", "2025-01-31T09:00:00Z")
    load_rows(
        database,
        tmp_path / "drop",
        "history",
        citizens=[
            citizen("A1", care_start="2024-06-01", recorded_at="2024-06-01T00:00:00Z"),
            citizen("A2", care_start="2026-06-01", recorded_at="2024-06-01T00:00:00Z"),
        ],
        visits=visits,
        hospital_notifications=[
            notification("A1", "h1", "admit-inpatient", "2025-01-31T10:00:00Z"),
            notification("A1", "h2", "admit-inpatient", "2025-02-01T10:00:00Z"),
            revised | {"recorded_at": "2025-02-02T10:00:00Z"},
            notification("A1", "h4", "discharge-inpatient-home", "2025-02-05T10:00:00Z"),
        ],
    )
    return database


def explained(omhu: Omhu, *arguments: object) -> dict[str, Any]:
    """What the command says as JSON."""
    code, shown, told = omhu("label", "explain", *arguments, "--format", "json")
    assert code == 0, told
    return json.loads(shown)


def test_the_label_its_windows_and_every_message_with_what_it_did(omhu: Omhu, loaded: Database):
    told = explained(omhu, "A1", "2025-01-20")
    assert told["label"] == 1
    assert told["window"] == {
        "horizon_first_day": "2025-01-20",
        "horizon_end_day": "2025-02-19",
        "told_from_day": "2025-02-22",
        "known_before_day": told["window"]["known_before_day"],
    }
    assert [(one["notification_id"], one["kind"], one["did"]) for one in told["messages"]] == [
        ("h1", "admit-inpatient", "ignored"),
        ("h2", "admit-inpatient", "ignored"),
        ("h3", "revise-admit-inpatient", "revised"),
        ("h4", "discharge-inpatient-home", "ended"),
    ]
    assert told["messages"][2]["occurred_at"] == "2025-01-31T10:00:00+01:00"
    assert told["messages"][2]["known_from"] == "2025-02-02T11:00:00+01:00"
    assert explained(omhu, "A1", "2025-01-20", "--policy", "acute_strict@1")["label"] == 0


def test_what_was_not_known_yet_opens_nothing(omhu: Omhu, loaded: Database):
    told = explained(omhu, "A1", "2025-01-20", "--known-before", "2025-02-01")
    assert told["label"] == "censored"
    assert [one["did"] for one in told["messages"]] == ["opened", "ignored", "ignored", "ignored"]


def test_after_hospitals_fell_silent_nothing_is_told(omhu: Omhu, loaded: Database, tmp_path: Path):
    later = ("2025-03-19", "2025-05-20")
    visits = [visit(day, f"{day}T12:00:00Z", started_at=f"{day}T08:00:00Z") for day in later]
    load_rows(loaded, tmp_path / "later", "history", visits=visits)
    assert omhu("snapshot")[0] == 0
    told = explained(omhu, "A1", "2025-03-20")
    assert (told["label"], told["window"]["known_before_day"]) == ("censored", "2025-02-20")
    assert "cannot be told before 2025-04-22" in told["why"]


def test_who_is_not_in_care_is_not_in_the_cohort(omhu: Omhu, loaded: Database):
    told = explained(omhu, "A2", "2025-01-20")
    assert (told["label"], told["messages"]) == ("not in cohort", [])
    assert "begins after the date" in told["why"]


def test_the_table_says_the_same(omhu: Omhu, loaded: Database):
    code, shown, _ = omhu("label", "explain", "A1", "2025-01-20")
    assert code == 0
    for words in ("Label under acute_broad@1 on 2025-01-20: 1", "2025-02-19", "revise-admit-inpatient", "ended"):
        assert words in shown


def test_of_a_merged_person_the_messages_of_both_ids_are_told(omhu: Omhu, loaded: Database):
    merge(loaded, "A2", "A1", "one person", WHO, NOW)
    assert len(explained(omhu, "A2", "2025-01-20")["messages"]) == 4
    assert explained(omhu, "A2", "2025-01-20")["label"] == 1


def test_it_is_a_look_at_a_person_and_logged(omhu: Omhu, loaded: Database):
    explained(omhu, "A1", "2025-01-20")
    with loaded.read() as session:
        record = audit.last(session)
    assert record is not None
    assert (record.look.action, len(record.look.citizens)) == ("label.explain", 1)
    assert record.look.actor.startswith("local:")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("nobody", "2025-01-20"), 2, "There is no citizen with that id."),
        (("A1", "2025-01-20", "--policy", "x"), 2, "There are: acute_broad@1, acute_strict@1."),
        (("A1", "soon"), 2, "Invalid value"),
    ],
)
def test_a_mistake_is_answered_in_a_clear_line(
    omhu: Omhu, loaded: Database, arguments: tuple[str, ...], code: int, words: str
):
    ended, _, told = omhu("label", "explain", *arguments)
    assert ended == code
    assert words in " ".join(told.split())
    assert "Traceback" not in told
