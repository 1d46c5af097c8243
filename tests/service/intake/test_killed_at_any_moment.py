"""A load killed by `kill -9` at thirty random moments, on each database: loading again ends as if nothing had happened.

Every second time it is the first load into an empty store that is killed, else one of corrections.
"""

import random
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from service.storage import load_locks, loads
from service.storage.database import Database
from service.storage.running_loads import mark_interrupted
from service.storage.tables import FACTS
from tests.drops import RECEIVED, citizen, emptied, load, observation, state, visit, write_drop
from tests.service.intake.loads_to_kill import killer

MOMENTS = 30
EXAMPLES = Path(__file__).parents[2] / "data" / "hospital_notifications"


@dataclass(frozen=True)
class Sent:
    """A drop and when it is received."""

    path: Path
    received_at: int


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sent, Sent]:
    """A drop with tables and FHIR, and one with corrections, retractions and what is new."""
    folder = tmp_path_factory.mktemp("sent")
    first = write_drop(
        folder / "first",
        citizens=[citizen(f"A{number}") for number in range(20)],
        visits=[visit(f"v{number}", citizen_id=f"A{number % 20}") for number in range(700)],
        observations=[observation(f"o{n}", "NPU08676", citizen_id=f"A{n % 20}", value=37.0) for n in range(300)],
    )
    for file in sorted(EXAMPLES.glob("*.json"))[:5]:
        shutil.copy(file, first)
    later = "2025-01-11T00:00:00Z"
    corrected = [visit(f"v{number}", later, citizen_id=f"A{number % 20}", kind="night") for number in range(250)]
    retracted = [visit(f"v{number}", later, status="entered-in-error") for number in range(400, 500)]
    added = [visit(f"w{number}", citizen_id=f"B{number}") for number in range(100)]
    second = write_drop(
        folder / "second",
        citizens=[citizen(f"A{number}", district="Syd") for number in range(20)],
        visits=corrected + retracted + added,
    )
    return Sent(first, RECEIVED), Sent(second, RECEIVED + 86_400_000_000)


def test_a_load_killed_at_thirty_random_moments_can_be_done_again(
    database: Database, database_url: str, sent: tuple[Sent, Sent]
) -> None:
    whole: list[dict[str, int]] = [_rows(database)]
    for one in sent:
        load(database, one.path, received_at=one.received_at)
        whole.append(_rows(database))
    expected = state(database)
    chance, killed, cut_off = random.Random(20261123), 0, 0

    with killer(database_url) as program:
        emptied(database)
        program.load(sent[0].path, sent[0].received_at)  # the first is slower than those after it
        emptied(database)
        seconds = [program.load(one.path, one.received_at) for one in sent]
        for number in range(MOMENTS):
            emptied(database)
            at = number % 2
            for one in sent[:at]:
                load(database, one.path, received_at=one.received_at)
            hit = program.kill(sent[at].path, sent[at].received_at, chance.uniform(0, 1) * seconds[at])
            killed += hit
            if not hit:  # the machine has less to do than when a load was timed
                seconds[at] *= 0.85
            cut_off += _is_partial(_rows(database), whole[at], whole[at + 1])
            for one in sent[at:]:
                load(database, one.path, received_at=one.received_at)
            assert state(database) == expected, f"moment {number}"
            assert _told_interrupted(database)
    assert killed > MOMENTS // 2
    assert cut_off > 2


def test_a_load_under_way_is_told_from_one_whose_process_is_gone(database: Database) -> None:
    with database.write() as session:
        gone, alive = (loads.begin(session, "drop", "live", RECEIVED) for _ in range(2))
    with load_locks.held(database, alive):
        assert mark_interrupted(database, RECEIVED + 1) == (gone,)
        assert mark_interrupted(database, RECEIVED + 2) == ()
        with database.read() as session:
            record = loads.get(session, gone)
            assert (record.status, record.finished_at) == ("interrupted", RECEIVED + 1)
            assert loads.get(session, alive).status == "running"
    assert mark_interrupted(database, RECEIVED + 3) == (alive,)


def _rows(database: Database) -> dict[str, int]:
    with database.read() as session:
        return {
            name: session.execute(select(func.count()).select_from(table)).scalar_one() for name, table in FACTS.items()
        }


def _is_partial(found: dict[str, int], before: dict[str, int], after: dict[str, int]) -> bool:
    """Whether some files are loaded and others not; each must be so as a whole."""
    for name, count in found.items():
        assert count in {before[name], after[name]}, name
    return found not in (before, after)


def _told_interrupted(database: Database) -> bool:
    """Whether, with the killed process's session gone from the server, no load is told as running any more."""
    for _ in range(100):
        mark_interrupted(database, RECEIVED)
        with database.read() as session:
            if not loads.running(session):
                return True
        time.sleep(0.05)
    return False
