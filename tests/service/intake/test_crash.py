"""A load that is killed leaves all of a file or nothing of it, and loading again ends as if nothing had happened."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from service.storage.database import Database
from service.storage.tables import FACTS
from tests.drops import citizen, emptied, load, state, visit, write_drop

LOADING = """
import os, signal, sys
from pathlib import Path
from service.intake import loading, reading
from service.storage.database import Database

reading.BATCH_ROWS = 500
seen = 0

def told(file, done, of):
    global seen
    seen += 1
    if seen == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

with Database.open(sys.argv[1]) as database:
    loading.load_path(database, Path(sys.argv[2]), "history", 1_740_000_000_000_000, told)
"""
"""Loads a drop in small batches and kills itself, as no handler can prevent, after the batch of that number."""

VISITS, CORRECTED = 2_000, 300


@pytest.fixture(scope="module")
def drop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drop whose visits take several batches, some of them corrections of earlier ones."""
    visits = [visit(f"v{number}", citizen_id=f"A{number % 7}") for number in range(VISITS)]
    visits += [visit(f"v{number}", "2025-01-11T00:00:00Z", citizen_id=f"A{number % 7}") for number in range(CORRECTED)]
    citizens = [citizen(f"A{number}") for number in range(7)]
    return write_drop(tmp_path_factory.mktemp("drop"), citizens=citizens, visits=visits)


@pytest.mark.parametrize("batch", [1, 2, 4, 6])
def test_a_killed_load_leaves_whole_files_and_can_be_done_again(
    database: Database, database_url: str, drop: Path, batch: int
) -> None:
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", LOADING, database_url, str(drop), str(batch)],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        check=False,
        timeout=120,
    )
    assert done.returncode == -9
    assert _rows(database, "citizens") == (0 if batch == 1 else 7)
    assert _rows(database, "visits") == 0

    load(database, drop, "history")
    interrupted = state(database)
    load(emptied(database), drop, "history")
    assert interrupted == state(database)
    assert _rows(database, "visits") == VISITS + CORRECTED


def _rows(database: Database, name: str) -> int:
    with database.read() as session:
        return session.execute(select(func.count()).select_from(FACTS[name])).scalar_one()
