"""Rows of a drop to events: which row becomes which code, at which time, known from when, with which value."""

from collections.abc import Mapping
from datetime import datetime

import pyarrow as pa
import pytest

from models.events import SCHEMA
from models.projection import RULES, STANDING, STREAM, project
from tests.models.happenings import DENMARK, cells, moment

_INSTANT = pa.timestamp("us", tz="UTC")
_VERSION = {
    "citizen": pa.int32(),
    "recorded_at": _INSTANT,
    "known_from": _INSTANT,
    "superseded_at": _INSTANT,
    "received_at": _INSTANT,
    "sequence": pa.int64(),
}
TYPES: Mapping[str, Mapping[str, pa.DataType]] = {
    "citizens": {
        **dict.fromkeys(("birth_date", "care_start", "care_end", "death_date"), _INSTANT),
        **dict.fromkeys(("sex", "district", "team"), pa.string()),
        "terminal": pa.bool_(),
    },
    "visits": {
        "started_at": _INSTANT,
        **dict.fromkeys(("planned_minutes", "delivered_minutes"), pa.float64()),
        **dict.fromkeys(("kind", "status"), pa.string()),
    },
    "observations": {"observed_at": _INSTANT, "code": pa.string(), "value": pa.float64()},
    "notes": {"observed_at": _INSTANT, "role": pa.string(), "words": pa.int32()},
    "conditions": {"code": pa.string(), "severity": pa.int8(), "status": pa.string()},
    "services": {
        **dict.fromkeys(("valid_from", "valid_to"), _INSTANT),
        "code": pa.string(),
        "minutes_per_week": pa.float64(),
    },
    "monitoring_plans": {
        **dict.fromkeys(("valid_from", "valid_to"), _INSTANT),
        "code": pa.string(),
        **dict.fromkeys(("times_per_week", "low", "high"), pa.float64()),
    },
}


def rows_of(table: str, text: str) -> pa.Table:
    """Rows as the store gives them; a row is of citizen 7, known when it was recorded and received on 1 April."""
    usual = {"citizen": "7", "received_at": "2025-04-01 12:00", "sequence": "3"}
    drawn = [usual | row for row in cells(text)]
    full = [{"known_from": row.get("recorded_at") or "2025-03-01 08:00"} | row for row in drawn]
    types = {**_VERSION, **TYPES[table]}
    return pa.table(
        {name: pa.array([_cell(row.get(name, ""), kind) for row in full], kind) for name, kind in types.items()}
    )


def _cell(text: str, kind: pa.DataType) -> datetime | float | bool | str | None:
    if not text:
        return None
    if kind == _INSTANT:
        return moment(text)
    if kind == pa.bool_():
        return text == "true"
    return text if kind == pa.string() else float(text) if kind == pa.float64() else int(text)


def events_of(table: str, text: str) -> set[tuple[str, str, str, float | None]]:
    """Code, local time of occurrence and of knowledge, and value, of every event of the rows."""
    events = project(table, rows_of(table, text))
    assert events.schema == SCHEMA
    return {
        (row["code"], _local(row["occurred_at"]), _local(row["known_from"]), row["value"]) for row in events.to_pylist()
    }


def _local(at: datetime) -> str:
    return at.astimezone(DENMARK).strftime("%Y-%m-%d %H:%M")


def test_every_table_but_the_notifications_has_rules_and_each_its_kind() -> None:
    assert {*STANDING, *STREAM} == {*RULES, "hospital_notifications"}


def test_a_completed_visit_tells_what_was_delivered_and_what_was_planned() -> None:
    text = """
        kind    | status    | started_at       | recorded_at      | planned_minutes | delivered_minutes
        nursing | completed | 2025-03-10 08:00 | 2025-03-10 08:40 | 20              | 35
        night   | completed | 2025-03-11 02:00 | 2025-03-11 07:00 | 10              |
    """
    assert events_of("visits", text) == {
        ("visit:nursing", "2025-03-10 08:00", "2025-03-10 08:40", 35.0),
        ("visit:planned", "2025-03-10 08:00", "2025-03-10 08:40", 20.0),
        ("visit:night", "2025-03-11 02:00", "2025-03-11 07:00", None),
        ("visit:planned", "2025-03-11 02:00", "2025-03-11 07:00", 10.0),
    }


@pytest.mark.parametrize(
    ("status", "codes"),
    [
        ("declined", {"visit:declined", "visit:planned"}),
        ("no_response", {"visit:no_response", "visit:planned"}),
        ("cancelled", {"visit:cancelled"}),
        ("planned", {"visit:planned"}),
    ],
)
def test_a_visit_that_was_not_made_is_no_care(status: str, codes: set[str]) -> None:
    text = f"kind | status | started_at | planned_minutes\nnursing | {status} | 2025-03-10 08:00 | 20"
    assert {code for code, *_ in events_of("visits", text)} == codes


def test_a_visit_without_a_status_was_made_if_it_was_written_down_after_it_began() -> None:
    text = """
        kind    | started_at       | recorded_at      | delivered_minutes
        nursing | 2025-03-10 08:00 | 2025-03-10 09:00 | 20
        night   | 2025-03-10 23:00 | 2025-03-10 09:00 |
    """
    assert {code for code, *_ in events_of("visits", text)} == {"visit:nursing", "visit:planned"}


@pytest.mark.parametrize("kind", ["", "wellness"])
def test_a_visit_of_no_known_kind_is_still_a_visit(kind: str) -> None:
    text = f"kind | status | started_at | delivered_minutes\n{kind} | completed | 2025-03-10 08:00 | 20"
    assert ("visit:other", 20.0) in {(code, value) for code, _, _, value in events_of("visits", text)}


def test_a_condition_without_a_status_holds() -> None:
    assert {code for code, *_ in events_of("conditions", "code | recorded_at\nI7.2 | 2025-03-10 08:00")} == {
        "condition:I7.2"
    }


def test_an_observation_is_its_code_and_a_note_its_role() -> None:
    seen = "code | observed_at | value\nsign:confusion_new | 2025-03-10 08:00 | 2\nlocal-17 | 2025-03-10 09:00 |"
    assert events_of("observations", seen) == {
        ("sign:confusion_new", "2025-03-10 08:00", "2025-03-01 08:00", 2.0),
        ("local-17", "2025-03-10 09:00", "2025-03-01 08:00", None),
    }
    written = "role | observed_at | words\nSSH | 2025-03-10 08:00 | 12\n | 2025-03-10 09:00 | 5"
    assert {code for code, *_ in events_of("notes", written)} == {"note:SSH"}


def test_a_condition_is_a_fact_from_when_it_was_written() -> None:
    text = """
        code | status   | severity | recorded_at
        J1.2 | active   | 3        | 2025-03-10 08:00
        I7.2 | inactive |          | 2025-03-11 08:00
    """
    assert events_of("conditions", text) == {
        ("condition:J1.2", "2025-03-10 08:00", "2025-03-10 08:00", 3.0),
        ("condition_ended:I7.2", "2025-03-11 08:00", "2025-03-11 08:00", None),
    }


def test_a_grant_begins_and_ends() -> None:
    text = """
        code | valid_from       | valid_to         | minutes_per_week | recorded_at
        A1   | 2025-03-01 00:00 | 2025-06-01 00:00 | 90               | 2025-02-20 08:00
        A2   | 2025-03-01 00:00 |                  | 30               | 2025-02-20 08:00
    """
    assert events_of("services", text) == {
        ("granted:A1", "2025-03-01 00:00", "2025-02-20 08:00", 90.0),
        ("granted_ended:A1", "2025-06-01 00:00", "2025-02-20 08:00", 90.0),
        ("granted:A2", "2025-03-01 00:00", "2025-02-20 08:00", 30.0),
    }


def test_a_monitoring_plan_tells_how_often_and_within_which_limits() -> None:
    text = """
        code     | valid_from       | valid_to         | times_per_week | low | high | recorded_at
        NPU03011 | 2025-03-01 00:00 | 2025-06-01 00:00 | 7              | 88  |      | 2025-02-20 08:00
    """
    begins, known = "2025-03-01 00:00", "2025-02-20 08:00"
    assert events_of("monitoring_plans", text) == {
        ("monitoring:NPU03011", begins, known, 7.0),
        ("monitoring_low:NPU03011", begins, known, 88.0),
        ("monitoring_high:NPU03011", begins, known, None),
        ("monitoring_ended:NPU03011", "2025-06-01 00:00", known, None),
    }


CITIZEN = """
    birth_date | sex    | district | team | care_start | care_end   | death_date | terminal | recorded_at
    1940-05-01 | female | North    | 2    | 2025-01-01 | 2025-05-01 | 2025-05-02 | true     | {recorded_at}
"""


def test_a_citizen_whose_row_says_when_it_was_written_is_known_from_then() -> None:
    known = "2025-03-03 09:00"
    assert events_of("citizens", CITIZEN.format(recorded_at=known)) == {
        ("citizen:birth", "1940-05-01 00:00", known, None),
        ("sex:female", "1940-05-01 00:00", known, None),
        ("district:North", known, known, None),
        ("team:2", known, known, None),
        ("citizen:care_start", "2025-01-01 00:00", known, None),
        ("citizen:care_end", "2025-05-01 00:00", known, None),
        ("citizen:death", "2025-05-02 00:00", known, None),
        ("citizen:terminal", known, known, 1.0),
    }


def test_a_date_nobody_says_when_was_written_is_known_on_that_date_and_no_earlier() -> None:
    known = {code: known for code, _, known, _ in events_of("citizens", CITIZEN.format(recorded_at=""))}
    assert known == {
        "citizen:birth": "2025-03-01 08:00",
        "sex:female": "2025-03-01 08:00",
        "district:North": "2025-03-01 08:00",
        "team:2": "2025-03-01 08:00",
        "citizen:care_start": "2025-03-01 08:00",
        "citizen:care_end": "2025-05-01 00:00",
        "citizen:death": "2025-05-02 00:00",
        "citizen:terminal": "2025-04-01 12:00",
    }


def test_what_is_empty_gives_no_event() -> None:
    text = "birth_date | sex | district | care_start\n1940-05-01 00:00 | | | 2025-01-01 00:00"
    assert {code for code, *_ in events_of("citizens", text)} == {
        "citizen:birth",
        "citizen:care_start",
        "citizen:terminal",
    }


def test_who_is_not_terminal_is_told_so() -> None:
    told = events_of("citizens", "birth_date | terminal\n1940-05-01 00:00 | false")
    assert ("citizen:terminal", "2025-03-01 08:00", "2025-04-01 12:00", 0.0) in told


def test_an_event_keeps_its_rows_citizen_end_of_knowledge_and_place() -> None:
    text = "code | observed_at | superseded_at | sequence\na | 2025-03-10 08:00 | 2025-03-12 08:00 | 41"
    row = project("observations", rows_of("observations", text)).to_pylist()[0]
    assert (row["citizen"], row["superseded_at"], row["sequence"]) == (7, moment("2025-03-12 08:00"), 41)


@pytest.mark.parametrize("table", sorted(RULES))
def test_no_rows_are_no_events(table: str) -> None:
    assert project(table, rows_of(table, "sequence")).num_rows == 0
