"""One person's hospital notifications, every version with the id it came under, for telling what a label rests on."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from models.truth.notifications import Message
from models.windows import NEVER
from service.storage.database import ReadSession
from service.storage.tables import FACTS


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One version of a notification; a `retracted` one only ends the version before it."""

    notification_id: str
    retracted: bool
    message: Message


def messages_of(session: ReadSession, citizens: Sequence[int]) -> tuple[StoredMessage, ...]:
    """Every version of the notifications under these keys, all told as of the first, in the order they were written."""
    table = FACTS["hospital_notifications"]
    query = (
        select(table)
        .where(table.c.citizen.in_(citizens))
        .order_by(table.c.recorded_at, table.c.occurred_at, table.c.sequence)
    )
    return tuple(
        StoredMessage(
            row["source_id"],
            bool(row["retracted"]),
            Message(
                citizen=citizens[0],
                episode=row["episode_id"] or "",
                activity=row["activity"] or "",
                planned=None if row["planned"] is None else bool(row["planned"]),
                occurred_at=row["occurred_at"] if row["occurred_at"] is not None else row["recorded_at"],
                recorded_at=row["recorded_at"],
                known_from=row["known_from"],
                superseded_at=NEVER if row["superseded_at"] is None else row["superseded_at"],
            ),
        )
        for row in session.execute(query).mappings()
    )
