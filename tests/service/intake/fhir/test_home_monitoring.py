"""Home monitoring from FHIR, loaded: limits in the code's own unit, devices that are pointed to, plans that change."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from service.intake.loading import load_path
from service.intake.report import LoadReport
from service.storage.database import Database
from service.storage.tables import FACTS
from tests.drops import at

GOLDEN = Path(__file__).parent / "golden"
RECEIVED = at("2026-04-01")


@pytest.fixture
def store(sqlite_url: str) -> Database:
    """An empty store."""
    return Database.open(sqlite_url)


def loaded(store: Database, folder: Path) -> LoadReport:
    """Load as history."""
    return load_path(store, folder, "history", RECEIVED)


def plans(store: Database) -> dict[str, tuple[object, ...]]:
    """The standing plans: code, how often, and between which limits."""
    table = FACTS["monitoring_plans"]
    columns = (table.c.source_id, table.c.code, table.c.times_per_week, table.c.low, table.c.high)
    with store.read() as session:
        rows = session.execute(select(*columns).where(table.c.superseded_at.is_(None), table.c.retracted == 0))
        return {row[0]: tuple(row[1:]) for row in rows}


def test_limits_come_into_the_unit_of_their_code(store: Database) -> None:
    report = loaded(store, GOLDEN / "monitoring_requests_with_alarm_limits")

    found = plans(store)
    assert found["ServiceRequest/1"] == ("NPU03011", 6.0, 88.0, None)
    assert found["ServiceRequest/2"] == (
        "NPU03804",
        7.0,
        pytest.approx(132 * 0.45359237),
        pytest.approx(143 * 0.45359237),
    )
    assert report.resources["ServiceRequest"].left_out == 1, "an order of a single test is no plan"
    assert report.tables["monitoring_plans"].retracted == 1


def test_a_goal_that_is_pointed_to_has_a_meaning_and_a_device_nobody_points_to_has_none(store: Database) -> None:
    goals = loaded(store, GOLDEN / "monitoring_care_plan_with_goals")
    alarms = loaded(store, GOLDEN / "sensor_alarms_and_questionnaire_totals")

    assert plans(store)["CarePlan/c/NPU03804"] == ("NPU03804", 2.0, 68.0, 72.5)
    assert goals.resources["Goal"].left_out == 0
    assert alarms.resources["Device"].left_out == 1
    assert alarms.resources["Observation"].left_out == 1, "a value said to be missing"
    assert alarms.tables["observations"].set_aside == {}


def test_a_limit_in_a_unit_nobody_can_convert_is_set_aside_and_not_guessed(store: Database, tmp_path: Path) -> None:
    bundle = json.loads((GOLDEN / "monitoring_requests_with_alarm_limits" / "input.json").read_text(encoding="utf-8"))
    ranges = bundle["entry"][2]["resource"]["extension"][0]["extension"]
    for one in ranges:
        one["valueQuantity"]["unit"] = "stone"
    (tmp_path / "input.json").write_text(json.dumps(bundle), encoding="utf-8")

    report = loaded(store, tmp_path)
    assert report.tables["monitoring_plans"].set_aside == {"unknown_unit": 1}


@pytest.mark.parametrize(
    ("repeat", "times"),
    [
        ({"frequency": 3, "period": 1, "periodUnit": "d"}, 21.0),
        ({"period": 2, "periodUnit": "wk"}, 0.5),
        ({"frequency": 1, "period": 1, "periodUnit": "mo"}, pytest.approx(12 / 52.1775, rel=1e-4)),
        ({"dayOfWeek": ["mon"], "frequency": 2}, 2.0),
        ({"frequency": 1, "period": 1, "periodUnit": "fortnight"}, None),
        ({"frequency": 1, "period": 0, "periodUnit": "d"}, None),
    ],
)
def test_how_often_a_week_is_read_from_a_timing(
    store: Database, tmp_path: Path, repeat: dict[str, object], times: float | None
) -> None:
    request = {
        "resourceType": "ServiceRequest",
        "id": "r",
        "meta": {"lastUpdated": "2026-03-01T08:00:00Z"},
        "status": "active",
        "intent": "plan",
        "code": {"coding": [{"system": "urn:oid:1.2.208.176.2.1", "code": "NPU03804"}]},
        "subject": {"identifier": {"system": "urn:oid:1.2.208.176.1.2", "value": "2509479989"}},
        "occurrenceTiming": {"repeat": repeat},
    }
    (tmp_path / "request.json").write_text(json.dumps(request), encoding="utf-8")
    loaded(store, tmp_path)

    assert plans(store)["ServiceRequest/r"][1] == times


def test_a_simplified_code_of_fsiii_written_in_words_is_known_by_its_system(store: Database, tmp_path: Path) -> None:
    condition = {
        "resourceType": "Condition",
        "id": "c",
        "meta": {"lastUpdated": "2026-03-01T08:00:00Z"},
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"coding": [{"system": "urn:oid:1.2.208.176.2.21", "code": "Problemer_med_vaegt"}]},
        "subject": {"identifier": {"system": "urn:oid:1.2.208.176.1.2", "value": "2509479989"}},
    }
    (tmp_path / "condition.json").write_text(json.dumps(condition), encoding="utf-8")
    report = loaded(store, tmp_path)

    with store.read() as session:
        assert session.execute(select(FACTS["conditions"].c.code)).scalars().all() == ["I3/Problemer_med_vaegt"]
    assert report.tables["conditions"].unknown_codes == {}
