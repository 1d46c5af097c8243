"""Outcomes: what became of the citizens on stored lists, as far as stays were known on a day.

A list's outcome is told once its horizon is over and late messages have had their days (`models.truth.label`); a
message that comes later still changes what is known, and adds figures. What the record or the hospitals' messages do
not reach cannot be told (`models.truth.heard`): a feed that has stopped is no citizen at home. Silent lists are
measured like all others, lists in hindsight never: their models had learnt who was admitted.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from models.outcomes import Figures
from models.outcomes import Place as RankedPlace
from models.snapshot import Snapshot
from models.truth import heard, label
from models.truth.label import DEFAULT_POLICY, LabelPolicy
from models.windows import day_number, day_of
from service.clock import danish_date
from service.storage import lists as stored_lists
from service.storage import outcomes as stored
from service.storage.database import Database, ReadSession
from service.storage.outcomes import RankedRow
from service.weekly.lists import ListHead, ListId

EVERY_LIST = 1_000_000
"""More lists than a municipality makes in its life."""
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of lists as known before a day, or is expected of those that cannot be told yet; newest first.

    `hindsight` are the lists left out, since their models had learnt from what came after them.
    """

    policy: LabelPolicy
    known_before: date
    lists: tuple[ListHead, ...]
    figures: Mapping[stored.Place, Figures]
    added: int
    hindsight: tuple[ListHead, ...] = ()

    def told_from(self, head: ListHead) -> date:
        """The first day a list's outcome can be told."""
        return _told_from(head, self.policy)


def settle(
    database: Database,
    snapshot: Snapshot,
    now: datetime,
    progress: Progress,
    *,
    as_of: date | None = None,
    known_at: date | None = None,
    policy: LabelPolicy = DEFAULT_POLICY,
) -> Settled:
    """Compute what can be told of the stored lists, of one date or all, and store what is new.

    `known_at` looks from an earlier day: nothing known on it or later is used. Otherwise all that is known by now is.
    Settling twice adds nothing.
    """
    tomorrow = danish_date(now) + timedelta(days=1)
    known_before = day_of(heard.known_before(snapshot, day_number(min(known_at or tomorrow, tomorrow))))
    with database.read() as session:
        every = _heads(session, as_of)
        heads, hindsight = (tuple(head for head in every if head.hindsight is late) for late in (False, True))
        due = [head for head in heads if _told_from(head, policy) <= known_before]
        progress(f"reading {len(due)} lists")
        rows = {head.number: stored.ranked_rows(session, head.number) for head in due}
        acted = {head.number: stored.acted_on(session, head.number) for head in due}
        expected = stored.expected(session, [head.number for head in heads if head not in due])
    progress("asking who was admitted")
    admitted = _admitted(snapshot, due, rows, policy, known_before)
    told = {
        (head.number, district): figures
        for head in due
        for district, figures in _figures(rows[head.number], admitted[head.number], acted[head.number]).items()
    }
    with database.write() as session:
        added = stored.add(session, told, policy.id, known_before, now)
    return Settled(policy, known_before, heads, {**expected, **told}, added, hindsight)


def _told_from(head: ListHead, policy: LabelPolicy) -> date:
    return day_of(day_number(head.as_of) + policy.horizon_days + policy.settled_days)


def _heads(session: ReadSession, as_of: date | None) -> tuple[ListHead, ...]:
    found = [
        head for silent in (False, True) for head in stored_lists.list_heads(session, limit=EVERY_LIST, silent=silent)
    ]
    # Newest first; of one date the shown list before the silent one, and of two models the one made last.
    ordered = sorted(found, key=lambda head: (head.as_of, not head.silent, head.made_at), reverse=True)
    return tuple(head for head in ordered if as_of in {None, head.as_of})


def _admitted(
    snapshot: Snapshot,
    heads: Sequence[ListHead],
    rows: Mapping[ListId, Sequence[RankedRow]],
    policy: LabelPolicy,
    known_before: date,
) -> Mapping[ListId, Mapping[int, bool | None]]:
    """Of each list's citizens whether they were admitted; each bucket of the snapshot is read once for all lists."""
    found: dict[ListId, dict[int, bool | None]] = {head.number: {} for head in heads}
    days = {head.number: day_number(head.as_of) for head in heads}
    asked = [(number, row.citizen) for number, several in rows.items() for row in several]
    by_bucket: dict[int, list[tuple[ListId, int]]] = defaultdict(list)
    for number, citizen in asked:
        by_bucket[citizen % snapshot.manifest.buckets].append((number, citizen))
    for bucket, several in by_bucket.items():
        citizens = np.array([citizen for _, citizen in several], dtype=np.int32)
        as_of = np.array([days[number] for number, _ in several], dtype=np.int32)
        labels = label.label(snapshot.standing(bucket), citizens, as_of, policy, day_number(known_before))
        for (number, citizen), one in zip(several, labels.tolist(), strict=True):
            found[number][citizen] = None if one == label.UNTOLD else bool(one)
    return found


def _figures(
    rows: Sequence[RankedRow], admitted: Mapping[int, bool | None], acted: frozenset[int]
) -> Mapping[str, Figures]:
    by_district: dict[str, list[RankedPlace]] = defaultdict(list)
    for row in rows:
        place = RankedPlace(row.probability, row.band, row.shown, row.citizen in acted, admitted[row.citizen])
        by_district[row.district].append(place)
    return {district: Figures.of(places, told=True) for district, places in sorted(by_district.items())}
