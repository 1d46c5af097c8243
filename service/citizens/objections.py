"""A citizen objects (GDPR art. 21), or withdraws the objection: from then on neither ranked nor learnt from, or again.

The facts stay in the store, which the care record's own law decides about; what stops is the computing. Lists already
made keep their rows and are read without the citizen.
"""

from datetime import date, datetime
from pathlib import Path

from models.folder_lock import held
from service.audit import Look, LookAction
from service.snapshots import take_in_objections
from service.storage import audit, identities, merges, objections
from service.storage.database import Database, ReadSession


def register(
    database: Database, snapshot: Path, citizen_id: str, starts_on: date, reason: str, by: str, now: datetime
) -> None:
    """Register an objection from a day on. Raises `NotFound` for an unknown id, `RequestWrong` when one stands."""
    with held(snapshot), database.write() as session:
        citizen = _person(session, citizen_id)
        audit.append(session, _look(now, by, "objection.register", citizen))
        objections.add(session, citizen, starts_on, reason, by, now)
        take_in_objections(session, snapshot)


def withdraw(database: Database, snapshot: Path, citizen_id: str, by: str, now: datetime) -> None:
    """End the objection that stands. Raises `NotFound` for an unknown id, and when none stands."""
    with held(snapshot), database.write() as session:
        citizen = _person(session, citizen_id)
        audit.append(session, _look(now, by, "objection.withdraw", citizen))
        objections.withdraw(session, citizen, by, now)
        take_in_objections(session, snapshot)


def _person(session: ReadSession, citizen_id: str) -> int:
    return merges.persons(session).of(identities.key_of(session, citizen_id))


def _look(now: datetime, by: str, action: LookAction, citizen: int) -> Look:
    return Look(now, by, "operator", action, "rights of the citizen", "", (citizen,), "", "done")
