"""Loading drops into the store, on both engines: versions, knowledge, and nothing twice."""

from itertools import permutations
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import NotFound
from service.storage import counters, loads
from service.storage.database import Database
from tests.drops import (
    RECEIVED,
    SAMPLE,
    SAMPLE_CSV,
    at,
    citizen,
    emptied,
    load,
    load_rows,
    observation,
    state,
    versions,
    visit,
    write_drop,
)


@pytest.mark.parametrize(("sample", "visits"), [(SAMPLE, 104_274), (SAMPLE_CSV, 4_150)])
def test_a_sample_drop_loads_whole_and_loading_it_again_changes_nothing(
    database: Database, sample: Path, visits: int
) -> None:
    first = load(database, sample, "history")
    before = _last_change(database)
    second = load(database, sample, "history", RECEIVED + 1)

    assert first.refused == second.refused == ()
    assert first.tables["visits"].new == visits
    for name, told in second.tables.items():
        assert told.unchanged == told.read == first.tables[name].new
    assert _last_change(database) == before


def _last_change(database: Database) -> int:
    with database.read() as session:
        return counters.current(session, "sequence")


def test_every_row_read_is_accounted_for(database: Database, tmp_path: Path) -> None:
    rows = [visit("v1"), visit("v2", status="entered-in-error"), visit("v3", status="lost"), visit("v1")]
    told = load_rows(database, tmp_path, visits=rows).tables["visits"]

    assert (told.read, told.new, told.retracted, told.unchanged) == (4, 1, 1, 1)
    assert told.set_aside == {"not_one_of": 1}


def test_a_correction_supersedes_from_when_it_is_known(database: Database, tmp_path: Path) -> None:
    load_rows(database, tmp_path, "history", visits=[visit("v1")])
    corrected = visit("v1", "2025-01-12T12:00:00Z", delivered_minutes=40.0)
    told = load_rows(database, tmp_path, "history", visits=[corrected]).tables["visits"]

    assert told.corrected == 1
    first, second = versions(database, "visits")
    assert (first["superseded_at"], second["superseded_at"]) == (at("2025-01-12T12:00:00"), None)
    assert second["delivered_minutes"] == 40.0


def test_live_rows_are_known_from_when_they_came(database: Database, tmp_path: Path) -> None:
    load_rows(database, tmp_path, visits=[visit("v1")])
    load_rows(database, tmp_path, received_at=RECEIVED + 5, visits=[visit("v1", "2025-01-12T12:00:00Z", kind="night")])

    first, second = versions(database, "visits")
    assert (first["known_from"], first["superseded_at"]) == (RECEIVED, RECEIVED + 5)
    assert (second["known_from"], second["superseded_at"]) == (RECEIVED + 5, None)


def test_a_row_written_after_it_was_received_is_known_from_when_it_says(database: Database, tmp_path: Path) -> None:
    told = load_rows(database, tmp_path, visits=[visit("v1", "2025-03-05T00:00:00Z")])

    assert versions(database, "visits")[0]["known_from"] == at("2025-03-05T00:00:00")
    assert told.tables["visits"].recorded_in_future == 1


def test_an_earlier_version_that_arrives_late_is_superseded_already(database: Database, tmp_path: Path) -> None:
    load_rows(database, tmp_path, visits=[visit("v1", "2025-01-12T12:00:00Z", kind="night")])
    load_rows(database, tmp_path, received_at=RECEIVED + 5, visits=[visit("v1", "2025-01-10T12:00:00Z")])

    earlier, later = versions(database, "visits")
    assert earlier["superseded_at"] == RECEIVED
    assert later["superseded_at"] is None


def test_a_retraction_is_a_version_that_supersedes(database: Database, tmp_path: Path) -> None:
    load_rows(database, tmp_path, "history", visits=[visit("v1")])
    gone = {"visit_id": "v1", "citizen_id": "A1", "recorded_at": "2025-01-11T00:00:00Z", "started_at": None}
    told = load_rows(database, tmp_path, "history", visits=[gone | {"status": "entered-in-error"}])

    assert told.tables["visits"].retracted == 1
    first, second = versions(database, "visits")
    assert (first["superseded_at"], second["retracted"]) == (at("2025-01-11T00:00:00"), 1)


def test_any_table_can_retract(database: Database, tmp_path: Path) -> None:
    row = observation("o1", "event:fall")
    load_rows(database, tmp_path, "history", observations=[row])
    told = load_rows(database, tmp_path, "history", observations=[row | {"status": "entered-in-error"}])

    assert told.tables["observations"].retracted == 1
    assert [v["superseded_at"] is None for v in versions(database, "observations")].count(True) == 1


def test_of_two_rows_written_at_the_same_time_the_last_wins_and_it_is_reported(
    database: Database, tmp_path: Path
) -> None:
    told = load_rows(database, tmp_path, "history", visits=[visit("v1", kind="night"), visit("v1", kind="acute")])

    assert told.tables["visits"].conflicts == 1
    assert [v["kind"] for v in versions(database, "visits") if v["superseded_at"] is None] == ["acute"]


def test_a_row_of_an_unknown_citizen_is_kept_and_joined_by_the_citizen_later(
    database: Database, tmp_path: Path
) -> None:
    told = load_rows(database, tmp_path, visits=[visit("v1", citizen_id="0102401234")])
    load_rows(database, tmp_path, citizens=[citizen("0102401234")])

    assert told.tables["visits"].citizens_unknown == 1
    assert versions(database, "citizens")[0]["citizen_id"] == versions(database, "visits")[0]["citizen_id"]


def test_a_citizen_without_recorded_at_is_known_from_the_beginning_of_history(
    database: Database, tmp_path: Path
) -> None:
    load_rows(database, tmp_path, "history", citizens=[citizen("A1")])

    assert versions(database, "citizens")[0]["known_from"] == 0


def test_a_citizen_who_moves_and_moves_back_is_followed(database: Database, tmp_path: Path) -> None:
    for day, district in enumerate(("Nord", "Syd", "Nord")):
        load_rows(database, tmp_path, received_at=RECEIVED + day, citizens=[citizen("A1", district=district)])

    standing = [v for v in versions(database, "citizens") if v["superseded_at"] is None]
    assert [(v["district"], v["known_from"]) for v in standing] == [("Nord", RECEIVED + 2)]
    assert len(versions(database, "citizens")) == 3


def test_two_rows_of_a_citizen_that_contradict_each_other_count_once_and_stay_stable(
    database: Database, tmp_path: Path
) -> None:
    rows = [citizen("A1", district="Nord"), citizen("A1", district="Syd")]
    told = load_rows(database, tmp_path, citizens=rows)
    before = state(database)
    load_rows(database, tmp_path, received_at=RECEIVED + 1, citizens=rows)

    assert told.tables["citizens"].set_aside == {"contradicted_further_on": 1}
    assert state(database) == before
    assert [v["district"] for v in before["citizens"]] == ["Syd"]


def test_late_rows_plans_and_unknown_codes_are_counted(database: Database, tmp_path: Path) -> None:
    told = load_rows(
        database,
        tmp_path,
        observations=[
            observation("o1", "local:17", recorded_at="2025-01-12T08:00:00Z"),
            observation("o2", "local:17", recorded_at="2025-01-08T08:00:00Z"),
            observation("o3", "event:fall", role="Vikar"),
        ],
    ).tables["observations"]

    assert (told.new, told.late, told.ahead) == (3, 1, 1)
    assert told.unknown_codes == {"local:17": 2, "role:Vikar": 1}


def test_codes_and_units_are_brought_to_the_vocabularys(database: Database, tmp_path: Path) -> None:
    told = load_rows(
        database,
        tmp_path,
        observations=[
            observation("o1", "8310-5", value=98.6, unit="[degF]"),
            observation("o2", "NPU03804", value=71_500.0, unit="g"),
            observation("o3", "NPU03804", value=11.0, unit="stone"),
            observation("o4", "NPU08676", value=365.0, unit="Cel"),
        ],
    ).tables["observations"]

    taken = {v["source_id"]: (v["code"], v["value"], v["unit"]) for v in versions(database, "observations")}
    assert taken["o1"] == ("NPU08676", pytest.approx(37.0), "Cel")
    assert taken["o2"] == ("NPU03804", pytest.approx(71.5), "kg")
    assert told.set_aside == {"implausible": 1, "unknown_unit": 1}


def test_birth_and_sex_are_read_from_a_cpr_number_where_they_are_not_told(database: Database, tmp_path: Path) -> None:
    rows = [{"citizen_id": "2509479989", "district": "Nord"}, {"citizen_id": "A1", "district": "Nord"}]
    told = load_rows(database, tmp_path, citizens=rows).tables["citizens"]

    (known,) = versions(database, "citizens")
    assert (known["birth_date"], known["sex"]) == (at("1947-09-24T23:00:00"), "male")
    assert told.set_aside == {"missing": 1}


def test_a_row_set_aside_can_be_fetched_as_it_was_sent(database: Database, tmp_path: Path) -> None:
    told = load_rows(database, tmp_path, visits=[visit("v1"), visit("v2", delivered_minutes=-5.0)])

    with database.read() as session:
        (row,) = loads.rejects(session, told.load)
        record = loads.get(session, told.load)
    assert (row.file, row.line, row.column, row.reason) == ("visits.parquet", 2, "delivered_minutes", "out_of_range")
    assert '"visit_id": "v2"' in row.row
    assert record.status == "loaded"
    assert record.report == told.model_dump_json()


def test_there_is_nothing_to_load_where_there_is_nothing(database: Database, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no drop at nowhere"):
        load(database, tmp_path / "nowhere")


def test_a_single_file_of_a_drop_can_be_loaded(database: Database, tmp_path: Path) -> None:
    folder = write_drop(tmp_path, visits=[visit("v1")], citizens=[citizen("A1")])

    assert set(load(database, folder / "visits.parquet").tables) == {"visits"}


def test_the_order_of_files_changes_nothing(database: Database, tmp_path: Path) -> None:
    drops = [
        write_drop(tmp_path / "1", visits=[visit("v1"), visit("v2", citizen_id="B")], citizens=[citizen("A1")]),
        write_drop(tmp_path / "2", visits=[visit("v1", "2025-01-11T00:00:00Z", status="entered-in-error")]),
        write_drop(tmp_path / "3", visits=[visit("v1", "2025-01-12T00:00:00Z", kind="acute")]),
    ]
    states = []
    for order in permutations(drops):
        emptied(database)
        for drop in (*order, *order):
            load(database, drop, "history")
        states.append(state(database))
    assert all(one == states[0] for one in states)


Key = tuple[str, int, int]
"""A version: its id, when it was written, and whether it retracts."""

ROWS = st.lists(
    st.builds(
        lambda number, day, error, received: (
            visit(
                f"v{number}",
                f"2025-01-{10 + day}T12:00:00Z",
                planned_minutes=float(10 * number + day),
                status="entered-in-error" if error else "completed",
            ),
            received,
        ),
        st.integers(0, 3),
        st.integers(0, 4),
        st.booleans(),
        st.integers(0, 3),
    ),
    max_size=12,
    unique_by=lambda row: (row[0]["visit_id"], row[0]["recorded_at"], row[0]["status"]),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, order=st.randoms(use_true_random=False))
def test_versions_are_what_a_slow_reading_says_whatever_the_order(
    database: Database,
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[dict[str, object], int]],
    order: Random,
) -> None:
    emptied(database)
    batches = [[row for row, received in rows if received == day] for day in range(4)]
    sent = [(day, batch) for day, batch in enumerate(batches) if batch]
    order.shuffle(sent)
    folder = tmp_path_factory.mktemp("drop")
    for day, batch in (*sent, *sent):
        load_rows(database, folder, received_at=RECEIVED + day, visits=batch)

    found = {
        (v["source_id"], v["recorded_at"], v["retracted"]): (v["known_from"], v["superseded_at"])
        for v in versions(database, "visits")
    }
    assert found == _slow_versions(rows)


def _slow_versions(rows: list[tuple[dict[str, object], int]]) -> dict[Key, tuple[int, int | None]]:
    """Every version with when it was known and superseded, straight from the rule."""
    told: dict[Key, int] = {}
    for row, received in rows:
        recorded = at(str(row["recorded_at"]).removesuffix("Z"))
        key = (str(row["visit_id"]), recorded, int(row["status"] == "entered-in-error"))
        told[key] = max(recorded, RECEIVED + received)
    return {
        key: (known, min((told[other] for other in told if other[0] == key[0] and other > key), default=None))
        for key, known in told.items()
    }
