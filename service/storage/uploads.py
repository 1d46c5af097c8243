"""Drops that came through the API: received, waiting to be loaded, and what became of them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from service.storage.access_tables import UPLOADS
from service.storage.database import ReadSession, WriteSession
from service.storage.times import moment, moment_or_none, stored

WAITING, RUNNING = "received", "running"


@dataclass(frozen=True, slots=True)
class Upload:
    """A drop that was sent in: `status` as in the table, `report` the load's JSON, `problem` why there is none."""

    number: str
    sender: str
    received_at: datetime
    status: str
    finished_at: datetime | None
    report: str | None
    problem: str | None


def add_upload(session: WriteSession, number: str, sender: str, at: datetime) -> None:
    """Store that a drop has been received whole and waits."""
    row = {"upload_id": number, "sender": sender, "received_at": stored(at), "status": WAITING}
    session.execute(insert(UPLOADS), row)


def find_upload(session: ReadSession, number: str, sender: str) -> Upload | None:
    """The upload of that number, if this sender sent it."""
    asked = select(UPLOADS).where(UPLOADS.c.upload_id == number, UPLOADS.c.sender == sender)
    row = session.execute(asked).mappings().first()
    if row is None:
        return None
    return Upload(
        number=row["upload_id"],
        sender=row["sender"],
        received_at=moment(row["received_at"]),
        status=row["status"],
        finished_at=moment_or_none(row["finished_at"]),
        report=row["report"],
        problem=row["problem"],
    )


def claim_upload(session: WriteSession) -> str | None:
    """Take the oldest waiting upload for oneself and give its number; None when none waits. Two never get the same."""
    oldest = select(UPLOADS.c.upload_id).where(UPLOADS.c.status == WAITING).order_by(UPLOADS.c.received_at).limit(1)
    number = session.scalar(oldest.with_for_update(skip_locked=True))
    if number is not None:
        session.execute(update(UPLOADS).where(UPLOADS.c.upload_id == number).values(status=RUNNING))
    return number


def finish_upload(
    session: WriteSession,
    number: str,
    status: str,
    at: datetime,
    *,
    report: str | None = None,
    problem: str | None = None,
) -> None:
    """Store what became of an upload."""
    values = {"status": status, "finished_at": stored(at), "report": report, "problem": problem}
    session.execute(update(UPLOADS).where(UPLOADS.c.upload_id == number).values(**values))


def requeue_uploads(session: WriteSession) -> None:
    """Let uploads that a stopped process left half-way be loaded again; loading twice changes nothing."""
    session.execute(update(UPLOADS).where(UPLOADS.c.status == RUNNING).values(status=WAITING))
