"""A citizen's stays in hospital as the messages known by a moment add up to them, for the citizen's own page.

The page shows what is known when it is looked at; what a list knew on its date is the list's, and stored with it.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from service.clock import danish_date
from service.storage.database import ReadSession
from service.storage.persons import keys_of
from service.storage.tables import FACTS
from service.storage.times import moment, stored

_NEVER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Stay:
    """An admission by its Danish days; `end` is None while the citizen is there, `acute` None where nobody told."""

    start: date
    end: date | None
    acute: bool | None


def stays_of(session: ReadSession, citizen: int, known_by: datetime) -> tuple[Stay, ...]:
    """The admissions of a citizen as known by a moment, oldest first; visits to the emergency ward are none.

    Messages under every key of the person are one course: one stay may begin under an id and end under another.
    """
    table = FACTS["hospital_notifications"]
    columns = ("episode_id", "activity", "planned", "occurred_at", "recorded_at", "known_from", "superseded_at")
    asked = select(*(table.c[name] for name in columns)).where(
        table.c.citizen.in_(keys_of(session, citizen)), table.c.retracted == 0, table.c.known_from <= stored(known_by)
    )
    rows = [row for row in session.execute(asked) if (row.superseded_at or _NEVER) > stored(known_by)]
    if not rows:
        return ()
    # Imported for those who have been in hospital: it brings array libraries, which no other page needs.
    from models.truth import episodes  # noqa: PLC0415
    from models.truth.notifications import Message  # noqa: PLC0415

    messages = [
        Message(
            citizen=citizen,
            episode=row.episode_id,
            activity=row.activity,
            planned=None if row.planned is None else bool(row.planned),
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
            known_from=row.known_from,
            superseded_at=row.superseded_at or _NEVER,
        )
        for row in rows
    ]
    kinds = {episodes.ADMITTED_ACUTE: True, episodes.ADMITTED_PLANNED: False, episodes.ADMITTED_UNTAGGED: None}
    return tuple(
        Stay(_day(stay.start), None if stay.end is None else _day(stay.end), kinds[stay.admission])
        for stay in episodes.stays_as_known(messages)
        if stay.admission in kinds
    )


def _day(instant: int) -> date:
    return danish_date(moment(instant))
