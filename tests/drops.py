"""Builds small drops for tests, and tells what a store holds in terms that do not depend on the order it came in."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import delete, select, update

from service.intake.loading import load_path
from service.intake.report import LoadReport
from service.storage.database import Database, ReadSession
from service.storage.loads import Mode
from service.storage.tables import COUNTERS, FACT_COLUMNS, FACTS, IDENTITIES, LOADS, SET_ASIDE

Rows = Sequence[Mapping[str, object]]
RECEIVED = int(datetime(2025, 3, 1, tzinfo=UTC).timestamp() * 1_000_000)

SAMPLE = Path(__file__).parent / "data" / "drop_sample"
SAMPLE_CSV = Path(__file__).parent / "data" / "drop_sample_csv"


def at(text: str) -> int:
    """An instant in microseconds of an ISO time in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1_000_000)


def visit(visit_id: str, recorded_at: str = "2025-01-10T12:00:00Z", **told: object) -> dict[str, object]:
    """A row of visits; what is not told is usual."""
    usual: dict[str, object] = {
        "visit_id": visit_id,
        "citizen_id": "A1",
        "started_at": "2025-01-10T08:00:00Z",
        "recorded_at": recorded_at,
        "planned_minutes": 30.0,
        "delivered_minutes": 25.0,
        "kind": "personal_care",
        "status": "completed",
    }
    return usual | told


def observation(observation_id: str, code: str, **told: object) -> dict[str, object]:
    """A row of observations; what is not told is usual."""
    usual: dict[str, object] = {
        "observation_id": observation_id,
        "citizen_id": "A1",
        "observed_at": "2025-01-10T08:00:00Z",
        "recorded_at": "2025-01-10T09:00:00Z",
        "code": code,
        "value": None,
        "unit": None,
        "role": "SSA",
    }
    return usual | told


def citizen(citizen_id: str, **told: object) -> dict[str, object]:
    """A row of citizens; what is not told is usual."""
    usual: dict[str, object] = {
        "citizen_id": citizen_id,
        "birth_date": "1940-02-03",
        "sex": "female",
        "district": "Nord",
    }
    return usual | told


def write_drop(folder: Path, **tables: Rows) -> Path:
    """Write tables as Parquet into a folder, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        pq.write_table(pa.Table.from_pylist(list(rows)), folder / f"{name}.parquet")
    return folder


def load(database: Database, path: Path, mode: Mode = "live", received_at: int = RECEIVED) -> LoadReport:
    """Load a drop as the command line does, at a time of the test's choosing."""
    return load_path(database, path, mode, received_at)


def load_rows(
    database: Database, folder: Path, mode: Mode = "live", received_at: int = RECEIVED, **tables: Rows
) -> LoadReport:
    """Write tables and load them."""
    for old in folder.glob("*.parquet"):
        old.unlink()
    return load(database, write_drop(folder, **tables), mode, received_at)


def versions(database: Database, name: str) -> list[dict[str, object]]:
    """What a table of facts holds, sorted: citizens by their own id, nothing that depends on the order of arrival."""
    with database.read() as session:
        return _versions(session, name)


def state(database: Database) -> dict[str, list[dict[str, object]]]:
    """What all tables of facts hold."""
    with database.read() as session:
        return {name: _versions(session, name) for name in FACTS}


def _versions(session: ReadSession, name: str) -> list[dict[str, object]]:
    table = FACTS[name]
    shown = ["source_id", "recorded_at", "known_from", "superseded_at", "retracted", *FACT_COLUMNS[name]]
    query = select(IDENTITIES.c.citizen_id, *(table.c[column] for column in shown)).join_from(
        table, IDENTITIES, IDENTITIES.c.citizen == table.c.citizen
    )
    rows = [dict(row) for row in session.execute(query).mappings()]
    if name == "citizens":
        rows = [row | {"source_id": row["citizen_id"]} for row in rows]
    return sorted(rows, key=lambda row: str([str(value) for value in row.values()]))


def emptied(database: Database) -> Database:
    """The store with nothing in it, as after the migrations."""
    with database.write() as session:
        for table in (*FACTS.values(), SET_ASIDE, LOADS, IDENTITIES):
            session.execute(delete(table))
        session.execute(update(COUNTERS).values(value=0))
    return database
