"""From the store to the snapshot: what changed is enough, and gives the very bytes a rebuild would."""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect

from models.snapshot import Snapshot
from service.citizens.erasing import erase
from service.snapshots import bring_up_to_date
from service.storage.database import Database
from tests.drops import (
    RECEIVED,
    SAMPLE_CSV,
    at,
    citizen,
    emptied,
    load,
    load_rows,
    observation,
    visit,
)


def codes(snapshot: Snapshot) -> dict[str, int]:
    """How many events of each code there are."""
    counts: dict[str, int] = {}
    for file in snapshot.manifest.files:
        for code in snapshot.table(file)["code"].cast(pa.string()).to_pylist():
            counts[code] = counts.get(code, 0) + 1
    return counts


def test_a_drop_becomes_events(database: Database, tmp_path: Path) -> None:
    load_rows(
        database,
        tmp_path / "drop",
        "history",
        citizens=[citizen("A1", terminal=True)],
        visits=[visit("v1")],
        observations=[observation("o1", "sign:fluid_low", value=1.0)],
        hospital_notifications=[
            {
                "notification_id": "h1",
                "citizen_id": "A1",
                "episode_id": "e1",
                "activity": "admit-inpatient",
                "occurred_at": "2025-01-20T08:00:00",
                "recorded_at": "2025-01-20T09:00:00",
                "planned": False,
            }
        ],
    )
    snapshot = bring_up_to_date(database, tmp_path / "snapshot")

    assert codes(snapshot) == {
        "citizen:birth": 1,
        "sex:female": 1,
        "district:Nord": 1,
        "citizen:terminal": 1,
        "visit:personal_care": 1,
        "visit:planned": 1,
        "sign:fluid_low": 1,
        "stay:start": 1,
        "stay:acute": 1,
    }
    assert {file.month for file in snapshot.manifest.files} == {"", "2025-01"}


def test_a_sample_drop_becomes_the_same_snapshot_at_once_or_table_by_table(database: Database, tmp_path: Path) -> None:
    for file in sorted(SAMPLE_CSV.iterdir()):
        load(database, file, "history")
        bring_up_to_date(database, tmp_path / "mended")
    mended = Snapshot.open(tmp_path / "mended")
    rebuilt = bring_up_to_date(database, tmp_path / "rebuilt")

    assert mended.hash == rebuilt.hash
    assert mended.manifest.files == rebuilt.manifest.files


def test_nothing_is_written_when_nothing_changed(database: Database, tmp_path: Path) -> None:
    load(database, SAMPLE_CSV, "history")
    first = bring_up_to_date(database, tmp_path)
    written = (tmp_path / "manifest.json").stat().st_mtime_ns
    load(database, SAMPLE_CSV, "history", RECEIVED + 1)

    assert bring_up_to_date(database, tmp_path) == first
    assert (tmp_path / "manifest.json").stat().st_mtime_ns == written


def test_what_is_corrected_is_superseded_in_the_snapshot(database: Database, tmp_path: Path) -> None:
    load_rows(database, tmp_path / "drop", "history", visits=[visit("v1")])
    bring_up_to_date(database, tmp_path / "snapshot")
    load_rows(database, tmp_path / "drop", "history", visits=[visit("v1", "2025-02-11T00:00:00Z", kind="acute")])
    snapshot = bring_up_to_date(database, tmp_path / "snapshot")

    january, february = (snapshot.table(file).to_pylist() for file in snapshot.manifest.files)
    assert {event["superseded_at"].timestamp() * 1e6 for event in january} == {at("2025-02-11T00:00:00")}
    assert {event["code"] for event in february} == {"visit:acute", "visit:planned"}


def test_what_is_retracted_stays_visible_only_for_its_time(database: Database, tmp_path: Path) -> None:
    load_rows(database, tmp_path / "drop", "history", visits=[visit("v1")])
    gone = visit("v1", "2025-02-11T00:00:00Z", status="entered-in-error")
    load_rows(database, tmp_path / "drop", "history", visits=[gone])
    (file,) = bring_up_to_date(database, tmp_path / "snapshot").manifest.files
    assert file.month == "2025-01"


DELTAS = st.lists(
    st.lists(
        st.one_of(
            st.builds(
                lambda n, day, kind, error: (
                    "visits",
                    visit(
                        f"v{n}",
                        f"2025-0{1 + day // 28}-{1 + day % 28:02}T12:00:00Z",
                        citizen_id=f"A{n % 3}",
                        kind=kind,
                        status="entered-in-error" if error else "completed",
                    ),
                ),
                st.integers(0, 4),
                st.integers(0, 80),
                st.sampled_from(["night", "acute"]),
                st.booleans(),
            ),
            st.builds(
                lambda n, district, death: (
                    "citizens",
                    citizen(f"A{n}", district=district, death_date=death),
                ),
                st.integers(0, 3),
                st.sampled_from(["Nord", "Syd"]),
                st.sampled_from([None, "2025-02-01", "2025-04-01"]),
            ),
            st.builds(
                lambda n, day, verb, activity: (
                    "hospital_notifications",
                    {
                        "notification_id": f"h{n}-{day}",
                        "citizen_id": f"A{n % 3}",
                        "episode_id": f"e{n}",
                        "activity": verb + activity,
                        "occurred_at": f"2025-01-{1 + day:02}T08:00:00",
                        "recorded_at": f"2025-01-{2 + day:02}T08:00:00",
                        "planned": None,
                    },
                ),
                st.integers(0, 3),
                st.integers(0, 20),
                st.sampled_from(["", "revise-", "cancel-"]),
                st.sampled_from(["admit-inpatient", "discharge-inpatient-home", "admit-emergency"]),
            ),
        ),
        max_size=8,
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deltas=DELTAS)
def test_a_mended_snapshot_is_the_rebuilt_one_byte_for_byte(
    database: Database, tmp_path_factory: pytest.TempPathFactory, deltas: list[list[tuple[str, dict[str, object]]]]
) -> None:
    emptied(database)
    folder = tmp_path_factory.mktemp("snapshots")
    for day, delta in enumerate(deltas):
        tables: dict[str, list[dict[str, object]]] = {}
        for name, row in delta:
            tables.setdefault(name, []).append(row)
        load_rows(database, folder / "drop", "live", RECEIVED + day, **tables)
        bring_up_to_date(database, folder / "mended")
    mended = Snapshot.open(folder / "mended")
    rebuilt = bring_up_to_date(database, folder / "rebuilt")

    assert mended.manifest.files == rebuilt.manifest.files


def test_an_erased_citizen_leaves_no_trace(database: Database, database_url: str, tmp_path: Path) -> None:
    cpr, other = "0102401234", "0203451230"
    load_rows(
        database,
        tmp_path / "drop",
        citizens=[citizen(cpr, name="Inger Testesen"), citizen(other, name="Aage Prøvesen")],
        visits=[visit("v1", citizen_id=cpr), visit("v2", citizen_id=other), visit("v3", citizen_id=cpr, kind="night")],
        observations=[observation("o1", "NPU08676", value=365.0, citizen_id=cpr)],
    )
    before = bring_up_to_date(database, tmp_path / "snapshot")
    assert _citizens(before) == {1, 2}
    assert _found(database, database_url, cpr)
    erase(database, tmp_path / "snapshot", cpr)
    after = Snapshot.open(tmp_path / "snapshot")

    assert _citizens(after) == {2}
    assert not _found(database, database_url, cpr)
    assert not _found(database, database_url, "Inger Testesen")
    assert _found(database, database_url, other)
    assert bring_up_to_date(database, tmp_path / "again").hash == after.hash


def test_erasing_before_there_is_a_snapshot_makes_none(database: Database, tmp_path: Path) -> None:
    load_rows(database, tmp_path / "drop", citizens=[citizen("A1")])
    erase(database, tmp_path / "snapshot", "A1")
    assert not (tmp_path / "snapshot").exists()


def _citizens(snapshot: Snapshot) -> set[int]:
    return {c for file in snapshot.manifest.files for c in snapshot.table(file)["citizen"].to_pylist()}


def _found(database: Database, url: str, text: str) -> bool:
    """Whether a text stands in any row of any table or, where the store is a file, anywhere in its bytes."""
    with database.read() as session:
        inspected = [
            str(row) for name in _tables(database) for row in session.exec_driver_sql(f'SELECT * FROM "{name}"').all()
        ]
    if url.startswith("sqlite"):
        file = Path(url.removeprefix("sqlite:///"))
        stored = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
        return text.encode() in stored or any(text in row for row in inspected)
    return any(text in row for row in inspected)


def _tables(database: Database) -> list[str]:
    return inspect(database.engine).get_table_names()
