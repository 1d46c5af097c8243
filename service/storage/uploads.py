"""What came in through the API: received, waiting to be loaded, and what became of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import RowMapping, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from service.storage.access_tables import UPLOADS
from service.storage.database import ReadSession, WriteSession
from service.storage.keys import among
from service.storage.times import moment, moment_or_none, stored

Status = Literal["received", "running", "cancelling", "cancelled", "loaded", "partly", "refused"]
UNFINISHED: Final[tuple[Status, ...]] = ("received", "running", "cancelling")
_WAITING: Final = select(UPLOADS.c.upload_id).where(UPLOADS.c.status == "received").order_by(UPLOADS.c.received_at)
"""The numbers of those that wait, the oldest first."""


@dataclass(frozen=True, slots=True)
class Upload:
    """Something that was sent in: `report` is the load's JSON, `problem` why there is none, `load_id` the load it
    became last; `fingerprint` is of what was sent, where it came with a key."""

    number: str
    sender: str
    received_at: datetime
    status: Status
    finished_at: datetime | None = None
    report: str | None = None
    problem: str | None = None
    load_id: int | None = None
    fingerprint: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will become of it."""
        return self.status not in UNFINISHED


@dataclass(frozen=True, slots=True)
class SentKey:
    """A sender's own key for what was sent, and the SHA-256 of that."""

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Over:
    """What became of an upload that is over: `report` is its JSON."""

    number: str
    status: Status
    report: str


def add_upload(session: WriteSession, upload: Upload, sent: SentKey | None = None) -> bool:
    """Store that something has been received whole and waits; False when this sender's key stands already."""
    row = {
        "upload_id": upload.number,
        "sender": upload.sender,
        "received_at": stored(upload.received_at),
        "status": upload.status,
        "idempotency_key": sent.key if sent else None,
        "fingerprint": sent.fingerprint if sent else None,
    }
    try:
        with session.begin_nested():
            session.execute(insert(UPLOADS), row)
    except IntegrityError:
        return False
    return True


def find_upload(session: ReadSession, number: str, sender: str) -> Upload | None:
    """The upload of that number, if this sender sent it."""
    asked = select(UPLOADS).where(UPLOADS.c.upload_id == number, UPLOADS.c.sender == sender)
    row = session.execute(asked).mappings().first()
    return _upload(row) if row else None


def find_by_key(session: ReadSession, key: str, sender: str) -> Upload | None:
    """The upload this sender sent under that key."""
    asked = select(UPLOADS).where(UPLOADS.c.idempotency_key == key, UPLOADS.c.sender == sender)
    row = session.execute(asked).mappings().first()
    return _upload(row) if row else None


def count_unfinished(session: ReadSession, before: datetime | None = None) -> int:
    """How many wait or are under way, of those received before a moment."""
    asked = select(func.count()).select_from(UPLOADS).where(UPLOADS.c.status.in_(UNFINISHED))
    if before:
        asked = asked.where(UPLOADS.c.received_at < stored(before))
    return session.execute(asked).scalar_one()


def waiting(session: ReadSession, most: int) -> tuple[str, ...]:
    """The numbers of those that wait, the oldest first."""
    return tuple(session.scalars(_WAITING.limit(most)))


def claim(session: WriteSession, numbers: Collection[str]) -> tuple[str, ...]:
    """Those of the numbers that still wait, the oldest first, kept from others until this transaction ends."""
    asked = _WAITING.where(among(session, UPLOADS.c.upload_id, numbers))
    return tuple(session.scalars(asked.with_for_update(skip_locked=True)))


def oldest_waiting(session: WriteSession) -> str | None:
    """The number of the oldest that waits, kept from others until this transaction ends; None when none waits."""
    return session.scalar(_WAITING.limit(1).with_for_update(skip_locked=True))


def start_upload(session: WriteSession, number: str, load_id: int) -> None:
    """Note that an upload is under way, and as which load."""
    session.execute(update(UPLOADS).where(UPLOADS.c.upload_id == number).values(status="running", load_id=load_id))


def finish_upload(
    session: WriteSession,
    number: str,
    status: Status,
    at: datetime,
    *,
    report: str | None = None,
    problem: str | None = None,
) -> None:
    """Store what became of an upload."""
    values = {"status": status, "finished_at": stored(at), "report": report, "problem": problem}
    session.execute(update(UPLOADS).where(UPLOADS.c.upload_id == number).values(**values))


def finish_left(
    session: WriteSession, number: str, load_id: int, status: Status, at: datetime, report: str | None
) -> bool:
    """Store what became of an upload whose process left before it could; False when somebody did meanwhile."""
    left = UPLOADS.c.upload_id == number, UPLOADS.c.load_id == load_id, UPLOADS.c.status.in_(("running", "cancelling"))
    values = {"status": status, "finished_at": stored(at), "report": report}
    return session.execute(update(UPLOADS).where(*left).values(**values)).rowcount > 0


def finish_together(session: WriteSession, load_id: int, at: datetime, those: Sequence[Over]) -> None:
    """Store what became of uploads that were loaded as one load."""
    own = update(UPLOADS).where(UPLOADS.c.upload_id == bindparam("number"))
    values = {"load_id": load_id, "finished_at": stored(at)}
    told = own.values(**values, status=bindparam("outcome"), report=bindparam("told"))
    session.execute(told, [{"number": one.number, "outcome": one.status, "told": one.report} for one in those])


def cancel_upload(session: WriteSession, number: str, at: datetime) -> bool:
    """Cancel an upload that waits, which is True, or ask that one under way be; what is over stays as it is."""
    own = UPLOADS.c.upload_id == number
    waiting = update(UPLOADS).where(own, UPLOADS.c.status == "received")
    if session.execute(waiting.values(status="cancelled", finished_at=stored(at))).rowcount:
        return True
    session.execute(update(UPLOADS).where(own, UPLOADS.c.status == "running").values(status="cancelling"))
    return False


def is_cancelling(session: ReadSession, number: str) -> bool:
    """Whether an upload under way has been asked to end."""
    asked = select(UPLOADS.c.status).where(UPLOADS.c.upload_id == number)
    return session.scalar(asked) == "cancelling"


def under_way(session: ReadSession) -> tuple[tuple[str, int], ...]:
    """The uploads under way, as far as anybody noted, each with its load."""
    asked = select(UPLOADS.c.upload_id, UPLOADS.c.load_id).where(UPLOADS.c.status.in_(("running", "cancelling")))
    return tuple((row.upload_id, row.load_id) for row in session.execute(asked))


def unfinished(session: ReadSession) -> frozenset[str]:
    """The numbers of the uploads whose files are still needed."""
    return frozenset(session.scalars(select(UPLOADS.c.upload_id).where(UPLOADS.c.status.in_(UNFINISHED))))


def over(session: ReadSession, numbers: Collection[str]) -> frozenset[str]:
    """Of these numbers those of uploads that are over, whose files nobody needs any more."""
    asked = select(UPLOADS.c.upload_id).where(UPLOADS.c.upload_id.in_(numbers), UPLOADS.c.status.not_in(UNFINISHED))
    return frozenset(session.scalars(asked))


def requeue_upload(session: WriteSession, number: str, load_id: int, at: datetime) -> bool:
    """Let an upload whose load did not end be loaded again, which changes nothing; one being cancelled is cancelled,
    which is True."""
    left = (UPLOADS.c.upload_id == number, UPLOADS.c.load_id == load_id)
    session.execute(update(UPLOADS).where(*left, UPLOADS.c.status == "running").values(status="received"))
    ended = update(UPLOADS).where(*left, UPLOADS.c.status == "cancelling")
    return session.execute(ended.values(status="cancelled", finished_at=stored(at))).rowcount > 0


def _upload(row: RowMapping) -> Upload:
    return Upload(
        number=row["upload_id"],
        sender=row["sender"],
        received_at=moment(row["received_at"]),
        status=row["status"],
        finished_at=moment_or_none(row["finished_at"]),
        report=row["report"],
        problem=row["problem"],
        load_id=row["load_id"],
        fingerprint=row["fingerprint"],
    )
