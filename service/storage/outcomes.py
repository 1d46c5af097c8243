"""What became of stored lists: figures by list and district, added when they are new, never changed.

Figures hold no citizen. The newest row of a list and district known by a day is what was known then; a late message
adds another row.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, RowMapping, Table, Text, func, insert, select

from models.outcomes import Figures, Side, Tally
from service.storage.database import ReadSession, WriteSession
from service.storage.list_tables import LIST_ENTRIES, REVIEWS
from service.storage.tables import METADATA
from service.storage.times import stored
from service.weekly.lists import ListId, Status
from service.weekly.reviews import ACTED

LIST_OUTCOMES: Final = Table(
    "list_outcomes",
    METADATA,
    Column("outcome_id", Integer, primary_key=True),
    Column("list_id", Integer, ForeignKey("lists.list_id"), nullable=False),
    Column("district", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("known_before", Text, nullable=False),
    Column("computed_at", BigInteger, nullable=False),
    Column("figures", Text, nullable=False),  # JSON of models.outcomes.Figures
)
Index("list_outcomes_list", LIST_OUTCOMES.c.list_id, LIST_OUTCOMES.c.district, LIST_OUTCOMES.c.policy)

Place = tuple[ListId, str]
"""A list and a district on it."""


@dataclass(frozen=True, slots=True)
class RankedRow:
    """What figures are made from: one ranked citizen of a list."""

    citizen: int
    district: str
    probability: float
    band: str
    shown: bool


def ranked_rows(session: ReadSession, number: ListId) -> tuple[RankedRow, ...]:
    """Everyone a list ranks, by key. For evaluation, never a page."""
    columns = [LIST_ENTRIES.c[name] for name in ("citizen", "district", "probability", "band", "shown")]
    asked = (
        select(*columns)
        .where(LIST_ENTRIES.c.list_id == number, LIST_ENTRIES.c.status == Status.RANKED.value)
        .order_by(LIST_ENTRIES.c.citizen)
    )
    return tuple(
        RankedRow(row.citizen, row.district, row.probability, row.band, bool(row.shown))
        for row in session.execute(asked)
    )


def acted_on(session: ReadSession, number: ListId) -> frozenset[int]:
    """The citizens for whom nurses did something about this list's entry, and did not take it back."""
    asked = select(REVIEWS.c.citizen).where(
        REVIEWS.c.list_id == number,
        REVIEWS.c.undone_at.is_(None),
        REVIEWS.c.action.in_([action.value for action in ACTED]),
    )
    return frozenset(session.scalars(asked))


def told(
    session: ReadSession,
    numbers: Collection[ListId],
    policy: str,
    *,
    districts: Collection[str] | None = None,
    known_by: date | None = None,
) -> Mapping[Place, Figures]:
    """The newest figures of each list and district, of those known by a day where one is given."""
    asked = (
        select(LIST_OUTCOMES)
        .where(LIST_OUTCOMES.c.list_id.in_(sorted(numbers)), LIST_OUTCOMES.c.policy == policy)
        .order_by(LIST_OUTCOMES.c.outcome_id)
    )
    if districts is not None:
        asked = asked.where(LIST_OUTCOMES.c.district.in_(sorted(districts)))
    if known_by is not None:
        asked = asked.where(LIST_OUTCOMES.c.known_before <= known_by.isoformat())
    newest: dict[Place, RowMapping] = {}
    for row in session.execute(asked).mappings():
        place = ListId(row["list_id"]), str(row["district"])
        # What is known later comes later, but an old list may be looked at as of an earlier day afterwards.
        if place not in newest or row["known_before"] >= newest[place]["known_before"]:
            newest[place] = row
    return {place: read(row["figures"]) for place, row in newest.items()}


def add(
    session: WriteSession,
    figures: Mapping[Place, Figures],
    policy: str,
    known_before: date,
    computed_at: datetime,
) -> int:
    """Add the figures that say something else than the newest known by then; returns how many were added."""
    before = told(session, {number for number, _ in figures}, policy, known_by=known_before)
    rows = [
        {
            "list_id": place[0],
            "district": place[1],
            "policy": policy,
            "known_before": known_before.isoformat(),
            "computed_at": stored(computed_at),
            "figures": written(found),
        }
        for place, found in figures.items()
        if place not in before or written(before[place]) != written(found)
    ]
    if rows:
        session.execute(insert(LIST_OUTCOMES), rows)
    return len(rows)


def expected(
    session: ReadSession, numbers: Collection[ListId], districts: Collection[str] | None = None
) -> Mapping[Place, Figures]:
    """What the scores of stored lists make one expect, by list and district, while nothing is known yet."""
    probability = LIST_ENTRIES.c.probability
    keys = [LIST_ENTRIES.c[name] for name in ("list_id", "district", "shown", "band")]
    asked = (
        select(
            *keys,
            func.count().label("citizens"),
            func.sum(probability).label("expected"),
            func.sum(probability * (1 - probability)).label("variance"),
        )
        .where(LIST_ENTRIES.c.list_id.in_(sorted(numbers)), LIST_ENTRIES.c.status == Status.RANKED.value)
        .group_by(*keys)
        .order_by(*keys)  # sums of fractions are told as text, and depend on the order they are added up in
    )
    if districts is not None:
        asked = asked.where(LIST_ENTRIES.c.district.in_(sorted(districts)))
    found: dict[Place, Side] = {}
    for row in session.execute(asked).mappings():
        place = ListId(row["list_id"]), str(row["district"])
        tally = Tally(row["citizens"], float(row["expected"]), float(row["variance"]))
        bands = {row["band"]: tally}
        part = Side(listed=tally, bands=bands) if row["shown"] else Side(below=tally, bands=bands)
        found[place] = found.get(place, Side()) + part
    return {place: Figures(told=False, everyone=side, unacted=side) for place, side in found.items()}


def written(figures: Figures) -> str:
    """The figures as JSON, the same text for the same figures."""
    return json.dumps(asdict(figures), sort_keys=True)


def read(text: str) -> Figures:
    """The figures of a stored text."""
    found = json.loads(text)
    return Figures(found["told"], _side(found["everyone"]), _side(found["unacted"]), found["lists"])


def _side(found: Mapping[str, Any]) -> Side:
    bands = {band: Tally(**tally) for band, tally in found["bands"].items()}
    return Side(Tally(**found["listed"]), Tally(**found["below"]), found["possible"], bands)
