"""What an installation does by itself: each job, when, and how. Every one may be done twice and changes nothing then.

A job tells in one short sentence what it did; no sentence names a person.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.clock import danish_date
from service.settings import Settings
from service.storage.database import Database


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a job is done with: the installation, the moment it was due, and the moment it is now (both UTC)."""

    settings: Settings
    database: Database
    due: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class Job:
    """One job: `crontab` in Danish time; `do` does it, and raises `OmhuError` with what is missing."""

    name: str
    purpose: str
    crontab: str
    do: Callable[[Occasion], str]


def _snapshot(occasion: Occasion) -> str:
    from service.snapshots import bring_up_to_date  # noqa: PLC0415 - what computes is imported when it is due

    made = bring_up_to_date(occasion.database, occasion.settings.state.snapshot)
    return f"{sum(file.rows for file in made.manifest.files):,} events"


def _list(occasion: Occasion) -> str:
    from service.registry import load_champion  # noqa: PLC0415
    from service.snapshots import bring_up_to_date  # noqa: PLC0415
    from service.weekly import making  # noqa: PLC0415

    state = occasion.settings.state
    loaded = load_champion(state)
    snapshot = bring_up_to_date(occasion.database, state.snapshot)
    as_of = danish_date(occasion.due)
    made = making.find_or_make(occasion.database, snapshot, loaded, as_of, occasion.now, _unheard)
    kind = "silent list" if made.head.silent else "list"
    return f"{kind} of {as_of} {'made' if made.is_new else 'stood already'}"


def _outcomes(occasion: Occasion) -> str:
    from models.snapshot import Snapshot  # noqa: PLC0415
    from service.weekly.outcomes import settle  # noqa: PLC0415

    settled = settle(occasion.database, Snapshot.open(occasion.settings.state.snapshot), occasion.now, _unheard)
    return f"{settled.added} figures new, of {len(settled.lists)} lists"


def _drift(occasion: Occasion) -> str:
    from models.snapshot import Snapshot  # noqa: PLC0415
    from service.quality import drift  # noqa: PLC0415
    from service.registry import load_champion  # noqa: PLC0415

    state = occasion.settings.state
    found = drift.measure(Snapshot.open(state.snapshot), load_champion(state), danish_date(occasion.due))
    return f"{len(drift.with_alarms(found, state.drift).alarms)} alarms"


def _retention(occasion: Occasion) -> str:
    from service.citizens import retention  # noqa: PLC0415

    settings = occasion.settings
    rules = retention.Rules(
        settings.retention_audit_months, settings.retention_list_months, settings.retention_fact_months
    )
    gone = retention.apply(occasion.database, settings.state.snapshot, rules, "local:worker", occasion.now)
    return f"{gone.looks} records, {len(gone.lists)} lists, {len(gone.citizens)} citizens out of care"


def _webhooks(occasion: Occasion) -> str:
    from service.outbound.webhooks import deliver_due  # noqa: PLC0415

    made = deliver_due(occasion.database, occasion.settings, occasion.now)
    return f"{made.delivered} delivered, {made.failed} to be tried again, {made.dead} given up"


def _unheard(_part: str) -> None:
    """Progress nobody watches."""


JOBS: Final = (
    Job("snapshot", "bring the snapshot up to date", "30 2 * * *", _snapshot),
    Job("retention", "let go of what is older than it is kept", "0 3 1 * *", _retention),
    Job("list", "make the list of the week", "0 4 * * mon", _list),
    Job("outcomes", "tell what became of those on earlier lists", "0 5 * * *", _outcomes),
    Job("drift", "compare what is written with what the champion learnt from", "30 5 * * mon", _drift),
    Job("webhooks", "tell webhooks of finished lists", "*/5 * * * *", _webhooks),
)
"""In the order in which they are done when several are due."""
