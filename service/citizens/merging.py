"""Two ids of one person, as after a replacement number: merged and un-merged, each on record, nothing lost.

What a municipality sends under either id is kept under the key it came with. The next snapshot tells of one person;
lists already stored do not change.
"""

from datetime import datetime

from models.errors import RequestWrong
from service.audit import Look, LookAction
from service.storage import audit, identities, merges
from service.storage.database import Database, WriteSession
from service.storage.times import stored


def merge(database: Database, citizen_id: str, into_id: str, reason: str, by: str, now: datetime) -> None:
    """From here on the first id is the person of the second, whose rows in `citizens` stand for both.

    Raises `NotFound` for an id nobody has; `RequestWrong` without a reason, for an id that is merged already, and for
    one that would be merged into itself.
    """
    if not reason.strip():
        raise RequestWrong("Merging needs a reason.", "Give --reason.")
    with database.write() as session:
        citizen, into = identities.key_of(session, citizen_id), identities.key_of(session, into_id)
        persons = merges.persons(session)
        if citizen in persons.person:
            raise RequestWrong("The first id is merged already.", "Run `omhu citizen unmerge` with it first.")
        if persons.of(into) == citizen:
            raise RequestWrong("Both ids are one person's already.")
        _log(session, "citizen.merge", (citizen, into), by, now)
        merges.append(session, citizen, into, reason=reason, by=by, at=stored(now))


def unmerge(database: Database, citizen_id: str, by: str, now: datetime) -> None:
    """From here on the id is a person by itself again, as if it had never been merged.

    Raises `NotFound` for an id nobody has, `RequestWrong` for one that is not merged.
    """
    with database.write() as session:
        citizen = identities.key_of(session, citizen_id)
        person = merges.persons(session).person.get(citizen)
        if person is None:
            raise RequestWrong(
                "That id is not merged into another.", "Name the id that was merged, not the one it was merged into."
            )
        _log(session, "citizen.unmerge", (citizen, person), by, now)
        merges.append(session, citizen, None, reason="", by=by, at=stored(now))


def _log(session: WriteSession, action: LookAction, citizens: tuple[int, ...], by: str, now: datetime) -> None:
    """Logged in the same transaction: neither is there without the other."""
    audit.append(session, Look(now, by, "operator", action, "administration", "", citizens, "", "done"))
