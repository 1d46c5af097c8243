"""The quality of a week: counts against the same weekdays before, shares, silence, and what the API tells of it."""

from datetime import date, timedelta
from pathlib import Path

from models.snapshot import Snapshot
from service.quality.weeks import as_json, quality
from service.security.rights import Permission
from service.snapshots import bring_up_to_date
from service.storage.database import Database
from tests.drops import at, citizen, load_rows, visit
from tests.service.running import Running
from tests.service.tiny_town import SECOND, TinyTown

MONDAY = date(2025, 3, 31)


def rows(day: date, count: int, **told: object) -> list[dict[str, object]]:
    """So many visits of a day, written down that evening unless told otherwise."""
    usual: dict[str, object] = {"started_at": f"{day}T08:00:00Z", "recorded_at": f"{day}T20:00:00Z"}
    return [visit(f"{day}-{n}") | usual | told for n in range(count)]


def delivered(database: Database, folder: Path) -> Snapshot:
    """Ten visits a day for ten weeks, four on the last Sunday, and three of the last Saturday written down late."""
    first = MONDAY - timedelta(weeks=10)
    visits = [row for day in range(69) for row in rows(first + timedelta(day), 10)]
    late = [row | {"visit_id": f"late-{n}"} for n, row in enumerate(rows(MONDAY - timedelta(5), 3))]
    visits += [row | {"recorded_at": f"{MONDAY - timedelta(1)}T21:00:00Z"} for row in late]
    visits += rows(MONDAY - timedelta(1), 4)
    everyone = [
        citizen("A1", care_start="2024-01-01", recorded_at="2024-01-01T00:00:00Z"),
        citizen("A2", care_start="2024-01-01", recorded_at="2024-01-01T00:00:00Z"),
    ]
    load_rows(database, folder / "drop", "history", at("2025-03-30T23:00:00"), citizens=everyone, visits=visits)
    return bring_up_to_date(database, folder / "snapshot")


def test_a_week_is_compared_with_the_same_weekdays_before(database: Database, tmp_path: Path) -> None:
    found = quality(database, delivered(database, tmp_path), MONDAY)
    (visits,) = [one for one in found.volumes if one.table == "visits"]
    assert (visits.district, visits.rows, visits.usual) == ("Nord", 67, 70.0)
    assert [day.rows for day in visits.days] == [10] * 6 + [7]
    assert [day.usual for day in visits.days] == [10.0] * 7
    assert (visits.late_share, visits.ahead_share) == (round(3 / 67, 4), 0.0)


def test_what_a_sender_sends_twice_under_two_ids_is_counted(database: Database, tmp_path: Path) -> None:
    snapshot = delivered(database, tmp_path)
    # The visits of a day are all alike here, and each of the seven days has one that is the first.
    assert quality(database, snapshot, MONDAY).repeated_share == {"visits": round(60 / 67, 4)}
    assert quality(database, snapshot, date(2020, 1, 6)).repeated_share == {}


def test_who_is_in_care_and_silent_is_counted_by_district(database: Database, tmp_path: Path) -> None:
    (nord,) = quality(database, delivered(database, tmp_path), MONDAY).silence
    assert (nord.district, nord.in_care, nord.silent) == ("Nord", 2, 1)


def test_loads_of_the_week_tell_what_came_twice_and_whose_clock_is_wrong(database: Database, tmp_path: Path) -> None:
    snapshot = delivered(database, tmp_path)
    early = rows(MONDAY - timedelta(1), 1, started_at="2025-03-30T21:00:00Z", recorded_at="2025-03-30T20:30:00Z")
    again = [*rows(MONDAY - timedelta(2), 3), early[0] | {"visit_id": "new"}]
    plan = early[0] | {"visit_id": "plan", "status": "planned"}
    load_rows(database, tmp_path / "next", "history", at("2025-03-30T23:30:00"), visits=[*again, plan])
    load_rows(database, tmp_path / "later", "history", at("2025-04-02T00:00:00"), visits=again)
    found = quality(database, snapshot, MONDAY + timedelta(1))
    told = {(one.load, one.table): one for one in found.loads}
    assert (told[2, "visits"].repeated_share, told[2, "visits"].skewed_share) == (0.6, 0.2)
    assert {load for load, _ in told} == {1, 2}


def test_a_date_before_all_data_has_no_week(database: Database, tmp_path: Path) -> None:
    found = quality(database, delivered(database, tmp_path), date(2020, 1, 6))
    assert (found.silence, found.feeds, found.loads) == ((), (), ())
    assert all(one.rows == 0 and one.usual is None for one in found.volumes)


def test_an_invented_town_is_told_whole_and_without_anybody_in_it(tiny_town: TinyTown) -> None:
    with Database.open(tiny_town.home.database_url) as database:
        told = as_json(quality(database, tiny_town.snapshot, SECOND))
    assert {one["table"] for one in told["volumes"]} == {"visits", "observations", "notes", "hospital_notifications"}
    assert {one["district"] for one in told["silence"]} >= {"Nord", "Syd"}
    assert told["stale"] == []
    assert "citizen" not in str(told)


def test_the_api_tells_it_to_who_may_read_loads(running: Running, tiny_town: TinyTown) -> None:
    (running.home / "snapshot").symlink_to(tiny_town.home.snapshot)
    with running.machine(Permission.READ_LOADS) as machine:
        answer = machine.get("/api/v1/quality", params={"as_of": str(SECOND)})
        assert answer.status_code == 200
        assert answer.json()["as_of"] == str(SECOND)
        assert machine.get("/api/v1/quality", params={"as_of": "soon"}).status_code == 422
    with running.machine(Permission.READ_LISTS) as other:
        assert other.get("/api/v1/quality").status_code == 403


def test_the_api_says_in_general_words_that_there_is_no_snapshot(running: Running) -> None:
    with running.machine(Permission.READ_LOADS) as machine:
        answer = machine.get("/api/v1/quality")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
