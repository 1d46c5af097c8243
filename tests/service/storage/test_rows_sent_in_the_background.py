"""Rows sent to PostgreSQL while the next are made ready: seen by whatever comes after, and all or nothing."""

import numpy as np
import pyarrow as pa
import pytest
from sqlalchemy import func, select

from service.storage import bulk
from service.storage.database import Database, WriteSession
from service.storage.tables import COUNTERS, FACTS


def rows(first: int, count: int, citizen: int | None = 1) -> pa.Table:
    """Versions of notes, each with its own sequence."""
    numbers = np.arange(first, first + count, dtype=np.int64)
    same = {"load_id": 1, "source_id": "n", "source_key": 1, "content": 1, "citizen": citizen, "recorded_at": 1}
    columns = {name: pa.array([value] * count) for name, value in (same | {"known_from": 1, "retracted": 0}).items()}
    return pa.table({"sequence": numbers, **columns})


def count(session: WriteSession) -> int:
    """How many there are."""
    return session.execute(select(func.count()).select_from(FACTS["notes"])).scalar_one()


def test_what_was_sent_is_seen_by_the_next_question_and_after_the_commit(database: Database) -> None:
    with database.write() as session:
        for first in (0, 1_000, 2_000):
            bulk.insert(session, FACTS["notes"], rows(first, 1_000))
        assert count(session) == 3_000
        bulk.insert(session, FACTS["notes"], rows(3_000, 1_000))
    with database.write() as session:
        assert count(session) == 4_000


def test_rows_that_cannot_be_taken_fail_the_transaction_at_the_latest_when_it_is_committed(database: Database) -> None:
    with pytest.raises(Exception, match="citizen"), database.write() as session:
        bulk.insert(session, FACTS["notes"], rows(0, 10, citizen=None))
    with database.write() as session:
        assert count(session) == 0


def give_up(database: Database) -> None:
    """Stop with rows under way."""
    with database.write() as session:
        bulk.insert(session, FACTS["notes"], rows(0, 50_000))
        raise RuntimeError


def test_a_transaction_that_is_given_up_leaves_nothing_of_what_was_under_way(database: Database) -> None:
    with pytest.raises(RuntimeError):
        give_up(database)
    with database.write() as session:
        assert count(session) == 0
        assert session.execute(select(func.count()).select_from(COUNTERS)).scalar_one() > 0
