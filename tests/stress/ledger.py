"""Whether what was acknowledged is in the store, each once, and what was stored before is as it was."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from service.audit import first_broken
from service.storage import audit, lists
from service.storage.database import Database, ReadSession
from service.storage.list_tables import LISTS, REVIEWS
from service.storage.tables import FACTS


@dataclass(frozen=True, slots=True)
class Account:
    """What is wrong, of what: every number but the first two has to be 0."""

    reviews: int
    loads: int
    lost_reviews: int
    doubled_reviews: int
    lost_loads: int
    doubled_loads: int
    broken_log: int
    changed_lists: int
    doubled_lists: int

    @property
    def is_whole(self) -> bool:
        """Whether nothing is lost, doubled or changed."""
        wrong = (self.lost_reviews, self.doubled_reviews, self.lost_loads, self.doubled_loads)
        return not any((*wrong, self.broken_log, self.changed_lists, self.doubled_lists))

    def __str__(self) -> str:
        return (
            f"{self.reviews} reviews acknowledged: {self.lost_reviews} lost, {self.doubled_reviews} doubled; "
            f"{self.loads} notifications accepted: {self.lost_loads} lost, {self.doubled_loads} doubled; "
            f"log of looks {'broken' if self.broken_log else 'unbroken'}; "
            f"lists: {self.changed_lists} changed, {self.doubled_lists} doubled"
        )


def account(database: Database, reviews: Iterable[str], loads: Iterable[str], digests: Mapping[date, str]) -> Account:
    """The account of the acknowledged, by comment and notification id, and of lists, by date and digest as it was."""
    with database.read() as session:
        comments = _counted(session, select(REVIEWS.c.comment, func.count()).group_by(REVIEWS.c.comment))
        facts = FACTS["hospital_notifications"]
        rows = _counted(session, select(facts.c.source_id, func.count()).group_by(facts.c.source_id))
        broken = first_broken(audit.records(session), audit.start(session)) is not None
        now = list_digests(session)
        dated = _counted(session, select(LISTS.c.as_of, func.count()).group_by(LISTS.c.as_of))
    said, sent = set(reviews), set(loads)
    return Account(
        reviews=len(said),
        loads=len(sent),
        lost_reviews=sum(not comments.get(one) for one in said),
        doubled_reviews=sum(count > 1 for comment, count in comments.items() if comment),
        lost_loads=sum(not rows.get(one) for one in sent),
        doubled_loads=sum(count > 1 for count in rows.values()),
        broken_log=int(broken),
        changed_lists=sum(now.get(day) != digest for day, digest in digests.items()),
        doubled_lists=sum(count > 1 for count in dated.values()),
    )


def list_digests(session: ReadSession) -> dict[date, str]:
    """Of each list's date a digest of everyone on it."""
    found: dict[date, str] = {}
    for head in lists.list_heads(session, limit=1000):
        said = hashlib.sha256(repr((head.as_of, head.model_version, head.snapshot_hash)).encode())
        for entry in lists.every_entry(session, head.number):
            said.update(repr(entry).encode())
        found[head.as_of] = said.hexdigest()
    return found


def _counted(session: ReadSession, asked: Select[Any, int]) -> dict[str, int]:
    return {row[0]: row[1] for row in session.execute(asked)}
