"""Which rows set aside go when a citizen is erased: the citizen's own, and no other's that hold the same figures."""

import json

import pytest

from service.storage import loads
from service.storage.database import Database
from service.storage.loads import SetAside

ROWS = {
    "own": json.dumps({"visit_id": "v1", "citizen_id": "12"}),
    "of 112": json.dumps({"visit_id": "12", "citizen_id": "112", "started_at": "2025-12-12"}),
    "own, under the municipality's word": json.dumps({"visit_id": "v12", "borger": "12"}),
    "of 112, under the municipality's word": json.dumps({"visit_id": "v12", "borger": "112"}),
    "of nobody": json.dumps({"visit_id": "v12", "citizen_id": None}),
    "broken": "v1,12,2025-01-01",
    "a figure": "12",
    "broken, without it": "v1,13,2025-01-01",
    "unread": json.dumps({"line": 3, "record": '{"subject": "Patient/12"'}),
}


@pytest.mark.parametrize(
    ("citizen_id", "gone"),
    [
        ("12", {"own", "own, under the municipality's word", "broken", "a figure", "unread"}),
        ("112", {"of 112", "of 112, under the municipality's word"}),
    ],
)
def test_erasing_removes_the_rows_of_that_id_and_no_others(database: Database, citizen_id: str, gone: set[str]) -> None:
    with database.write() as session:
        load = loads.begin(session, "drop", "live", 0)
        aside = [SetAside(name, line, "", "missing", row) for line, (name, row) in enumerate(ROWS.items())]
        loads.set_aside(session, load, aside)
        loads.forget_citizen(session, citizen_id)
    with database.read() as session:
        assert {one.file for one in loads.rejects(session, load)} == ROWS.keys() - gone
