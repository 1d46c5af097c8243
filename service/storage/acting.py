"""What nurses did because of lists, as events for the snapshot: that something was done, when, and no more of it."""

import numpy as np
import pyarrow as pa
from sqlalchemy import func, select

from models.events import SCHEMA, timestamps
from models.truth.acting import ACTED as CODE
from models.windows import NEVER
from service.storage import merges
from service.storage.database import ReadSession
from service.storage.facts import Bucket, Of
from service.storage.list_tables import REVIEWS
from service.weekly.reviews import ACTED


def mark(session: ReadSession) -> tuple[int, int, int]:
    """What tells whether any review came, was taken back or went with its list: count, last number, taken back."""
    counted = select(func.count(), func.coalesce(func.max(REVIEWS.c.review_id), 0), func.count(REVIEWS.c.undone_at))
    count, last, undone = session.execute(counted).one()
    return int(count), int(last), int(undone)


def acted_events(session: ReadSession, which: Bucket | Of) -> pa.Table:
    """Events of `models.truth.acting.ACTED`, a table of `SCHEMA`, unsorted: one a review by which something was done.

    It was known when it was done, and is superseded when it was taken back. `citizen` is the person's key.
    """
    persons = merges.persons(session)
    mine = (
        persons.in_bucket(REVIEWS.c.citizen, which.number, which.of)
        if isinstance(which, Bucket)
        else REVIEWS.c.citizen.in_(persons.keys([which.person]))
    )
    columns = REVIEWS.c.review_id, REVIEWS.c.citizen, REVIEWS.c.made_at, REVIEWS.c.undone_at
    asked = select(*columns).where(mine, REVIEWS.c.action.in_(sorted(action.value for action in ACTED)))
    rows = session.execute(asked.order_by(REVIEWS.c.review_id)).all()
    made = timestamps(np.array([row.made_at for row in rows], dtype=np.int64))
    undone = np.array([NEVER if row.undone_at is None else row.undone_at for row in rows], dtype=np.int64)
    return pa.table(
        {
            "citizen": pa.array([persons.of(row.citizen) for row in rows], pa.int32()),
            "occurred_at": made,
            "known_from": made,
            "superseded_at": timestamps(undone),
            "code": pa.array([CODE] * len(rows), pa.string()).dictionary_encode(),
            "value": pa.nulls(len(rows), pa.float32()),
            "sequence": pa.array([row.review_id for row in rows], pa.int64()),
        },
        schema=SCHEMA,
    )
