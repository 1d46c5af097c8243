"""Retention: what is older than the municipality keeps it goes, and what goes is told before it does.

The look-up log loses its beginning only, and a record of that anchors the rest, so that the chain can be verified as
before. Facts go citizen by citizen, when care ended long enough ago. What no setting names is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from models.errors import RequestWrong
from service.audit import PRUNE, Look, anchor
from service.citizens.erasing import erase_without_cleaning
from service.storage import audit, erasure, retention
from service.storage.database import Database, ReadSession
from service.storage.times import stored

MONTH: Final = timedelta(days=30.5)
LEAST_AUDIT_MONTHS, MOST_AUDIT_MONTHS = 6, 60
"""Six months to five years (field 6)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How many months are kept: of the look-up log, of lists with their reviews, of facts after care ended."""

    audit_months: int
    list_months: int | None
    fact_months: int | None

    def __post_init__(self) -> None:
        """Refuse what the law or the arithmetic does not allow."""
        if not LEAST_AUDIT_MONTHS <= self.audit_months <= MOST_AUDIT_MONTHS:
            raise RequestWrong(
                f"The look-up log cannot be kept {self.audit_months} months.",
                f"Set OMHU_RETENTION_AUDIT_MONTHS from {LEAST_AUDIT_MONTHS} to {MOST_AUDIT_MONTHS}.",
            )
        if any(months is not None and months < 1 for months in (self.list_months, self.fact_months)):
            raise RequestWrong("A retention of less than a month keeps nothing.", "Set one month or more, or nothing.")


@dataclass(frozen=True, slots=True)
class Due:
    """What is older than it is kept: `looks` records of the log, `lists` by number, `citizens` by the drop's own id."""

    looks: int
    lists: tuple[int, ...]
    citizens: tuple[str, ...]


def due(session: ReadSession, rules: Rules, now: datetime) -> Due:
    """What would go now."""
    last = audit.last_before(session, stored(now - rules.audit_months * _whole_month(rules.audit_months)))
    return Due(
        looks=retention.looks_through(session, last.number) if last else 0,
        lists=retention.lists_before(session, _day(now, rules.list_months)) if rules.list_months else (),
        citizens=retention.out_of_care_before(session, _day(now, rules.fact_months)) if rules.fact_months else (),
    )


def apply(database: Database, snapshot: Path, rules: Rules, by: str, now: datetime) -> Due:
    """Remove what is due, and give what it was. Cut off in between, applying again finishes it."""
    with database.read() as session:
        gone = due(session, rules, now)
    _prune_log(database, rules, by, now)
    with database.write() as session:
        retention.remove_lists(session, gone.lists)
    _erase(database, snapshot, gone.citizens)
    return gone


def _prune_log(database: Database, rules: Rules, by: str, now: datetime) -> None:
    with database.write() as session:
        last = audit.last_before(session, stored(now - rules.audit_months * _whole_month(rules.audit_months)))
        if last is None:
            return
        audit.append(session, Look(now, by, "operator", PRUNE, "retention", anchor(last), (), "", "done"))
        audit.remove_through(session, last.number)


def _erase(database: Database, snapshot: Path, citizen_ids: Sequence[str]) -> None:
    for citizen_id in citizen_ids:
        erase_without_cleaning(database, snapshot, citizen_id)
    if citizen_ids:
        erasure.clean(database)


def _whole_month(months: int) -> timedelta:
    """A month of at least 30.5 days, so that six of them are never fewer days than the store insists on."""
    return max(MONTH, timedelta(days=183 / months)) + timedelta(seconds=1)


def _day(now: datetime, months: int) -> date:
    return (now - months * MONTH).date()
