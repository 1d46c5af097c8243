"""The label of one citizen on one date with the messages it rests on, from the store, as training would see it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from models.errors import RequestWrong, SnapshotRefused
from models.home import Home
from models.snapshot import Snapshot
from models.truth.heard import known_before
from models.truth.label import POLICIES
from models.truth.label_account import LabelAccount, label_account
from models.truth.message_account import Deed, deeds
from models.windows import NEVER, day_number, day_of, local_time, midnight
from service.clock import danish_date
from service.intake.readings import all_read
from service.snapshots import events_of
from service.storage import identities, merges
from service.storage.database import Database
from service.storage.notifications import StoredMessage, messages_of

_RETRACTION = Deed("ignored", "it retracts the version before it, as entered in error")


@dataclass(frozen=True, slots=True)
class Basis:
    """The account of a label, and each version of a message with what it did."""

    citizen: int
    account: LabelAccount
    messages: tuple[tuple[StoredMessage, Deed], ...]


def basis(database: Database, citizen_id: str, as_of: date, policy: str, known_before: date) -> Basis:
    """What a label rests on. Raises `NotFound` for an id nobody has, `RequestWrong` for a policy there is not."""
    if policy not in POLICIES:
        raise RequestWrong(f"There is no label policy {policy!r}.", f"There are: {', '.join(POLICIES)}.")
    with all_read(database) as session:
        persons = merges.persons(session)
        citizen = persons.of(identities.key_of(session, citizen_id))
        events = events_of(session, citizen)
        stored = messages_of(session, (citizen, *(key for key in persons.keys([citizen]) if key != citizen)))
    account = label_account(events, citizen, day_number(as_of), POLICIES[policy], day_number(known_before))
    told = [one.message for one in stored if not one.retracted]
    done = iter(deeds(told, midnight(known_before)))
    return Basis(citizen, account, tuple((one, _RETRACTION if one.retracted else next(done)) for one in stored))


def last_known(home: Home, now: datetime) -> date:
    """The first day of which no outcome is known, as far as the snapshot's record and hospitals reach; today at latest.

    Where data ended long ago, an outcome that never came is not taken for one that did not happen.
    """
    today = danish_date(now)
    try:
        until = known_before(Snapshot.open(home.snapshot), day_number(today))
    except SnapshotRefused:
        return today
    return day_of(until) if until else today


def as_json(found: Basis) -> Mapping[str, Any]:
    """The basis as `--format json` writes it: times in Danish local time with their offset."""
    account = found.account
    label = int(account.outcome) if account.outcome in ("0", "1") else account.outcome
    return {
        "label": label,
        "why": account.why,
        "as_of": account.as_of,
        "policy": account.policy,
        "counted": account.counted,
        "window": {
            "horizon_first_day": account.horizon_first,
            "horizon_end_day": account.horizon_end,
            "told_from_day": account.told_from,
            "known_before_day": account.known_before,
        },
        "facts": [asdict(fact) for fact in account.facts],
        "messages": [_message(stored, deed) for stored, deed in found.messages],
    }


def _message(stored: StoredMessage, deed: Deed) -> dict[str, Any]:
    message = stored.message
    return {
        "notification_id": stored.notification_id,
        "episode_id": message.episode,
        "kind": "entered-in-error" if stored.retracted else message.activity,
        "planned": message.planned,
        "occurred_at": _told(message.occurred_at),
        "recorded_at": _told(message.recorded_at),
        "known_from": _told(message.known_from),
        "superseded_at": None if message.superseded_at == NEVER else _told(message.superseded_at),
        "did": deed.did,
        "why": deed.why,
    }


def _told(instant_us: int) -> str:
    return local_time(instant_us).isoformat(timespec="seconds")
