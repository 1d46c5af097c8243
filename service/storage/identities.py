"""Who a citizen is: the only place that knows a citizen's own id (it may be a CPR number) and name."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import bindparam, insert, or_, select, update

from models.errors import NotFound
from service.storage import counters
from service.storage.database import ReadSession, WriteSession
from service.storage.keys import among
from service.storage.tables import IDENTITIES


def all_keys(session: ReadSession) -> dict[str, int]:
    """The key of every citizen, by the citizen's own id."""
    return {
        citizen_id: citizen
        for citizen, citizen_id in session.execute(select(IDENTITIES.c.citizen, IDENTITIES.c.citizen_id))
    }


def keys_of(session: ReadSession, citizen_ids: Collection[str]) -> dict[str, int]:
    """The keys of those of the citizens who have one, by their own id."""
    if not citizen_ids:
        return {}
    query = select(IDENTITIES).where(among(session, IDENTITIES.c.citizen_id, citizen_ids))
    return {row.citizen_id: row.citizen for row in session.execute(query)}


def key_of(session: ReadSession, citizen_id: str) -> int:
    """The key of a citizen. Raises `NotFound`, without repeating the id."""
    found = session.execute(select(IDENTITIES.c.citizen).where(IDENTITIES.c.citizen_id == citizen_id)).scalar()
    if found is None:
        raise NotFound("There is no citizen with that id.", "Check the id as it stands in the drop.")
    return found


def citizen_ids(session: ReadSession, citizens: Iterable[int]) -> dict[int, str]:
    """The citizens' own ids, by key; keys nobody has are left out."""
    return {citizen: citizen_id for citizen, (citizen_id, _) in _identities(session, citizens).items()}


def names(session: ReadSession, citizens: Iterable[int]) -> dict[int, str | None]:
    """The citizens' names, by key, for those who may see them."""
    return {citizen: name for citizen, (_, name) in _identities(session, citizens).items()}


def _identities(session: ReadSession, citizens: Iterable[int]) -> dict[int, tuple[str, str | None]]:
    query = select(IDENTITIES).where(among(session, IDENTITIES.c.citizen, set(citizens)))
    return {row.citizen: (row.citizen_id, row.name) for row in session.execute(query)}


def add(session: WriteSession, citizen_ids: Sequence[str]) -> dict[str, int]:
    """Give keys to citizens who have none yet; returns them by the citizen's own id."""
    if not citizen_ids:
        return {}
    last = counters.take(session, "citizen")
    added = {citizen_id: last + number for number, citizen_id in enumerate(citizen_ids, start=1)}
    rows = [{"citizen": citizen, "citizen_id": citizen_id} for citizen_id, citizen in added.items()]
    session.execute(insert(IDENTITIES), rows)
    counters.give(session, "citizen", last + len(added))
    return added


def rename(session: WriteSession, named: Mapping[int, tuple[str, int]]) -> None:
    """Set names, by key, each with the place in time of the row it stands in; an older row never replaces a newer."""
    if not named:
        return
    older = or_(IDENTITIES.c.named_at.is_(None), IDENTITIES.c.named_at <= bindparam("at"))
    query = update(IDENTITIES).where(IDENTITIES.c.citizen == bindparam("key"), older)
    session.execute(
        query.values(name=bindparam("new"), named_at=bindparam("at")),
        [{"key": citizen, "new": name, "at": at} for citizen, (name, at) in named.items()],
    )
