"""The weekly list as plain data: what is stored, and what page and API are made of.

No SQL, no clock and no wording here. A list is made once for an as-of date and a model version and never changes
afterwards; what nurses did about an entry is a review (`service.weekly.reviews`), and who a citizen is by name stands
in the identity table only. Reasons are stored in the words they were shown in, so that an old list reads as it did.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

ListId = NewType("ListId", int)


class Band(StrEnum):
    """How the probability is told in a word, the highest first."""

    VERY_HIGH = "very_high"
    HIGH = "high"
    RAISED = "raised"
    USUAL = "usual"


class Status(StrEnum):
    """Whether a citizen could be ranked, and if not, why not (field 8, points 1, 18 and 19)."""

    RANKED = "ranked"
    IN_HOSPITAL = "in_hospital"
    TERMINAL = "terminal"
    NO_DATA = "no_data"
    OBJECTED = "objected"  # counted, and named to nobody


class Change(StrEnum):
    """What has become of an entry since the list before: `NEW` was not shown then, the rest were."""

    NEW = "new"
    RISEN = "risen"
    FALLEN = "fallen"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a note: `marks` are half-open stretches of `text`; `role` who wrote it, `observed_at` in UTC."""

    text: str
    marks: tuple[tuple[int, int], ...]
    role: str
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a citizen ranks high, or what speaks against it: one concept group in the citizen's own numbers.

    `strength` is the group's share of the log-odds, above zero for a reason and below for what speaks against;
    `da` and `en` are whole phrases, `head: detail`; `trend` is the group's own course, oldest first, at most
    some twenty values of which None means that nothing is known of that stretch.
    """

    group: str
    strength: float
    da: str
    en: str
    quotes: tuple[Quote, ...] = ()
    trend: tuple[float | None, ...] | None = None

    def __hash__(self) -> int:
        """Of its words alone, which tell reasons apart: each is looked up on every look at its list."""
        return hash((self.group, self.da))


@dataclass(frozen=True, slots=True)
class Entry:
    """A citizen on a list: ranked, or with the reason why not.

    `citizen` is the pseudonymous key; `rank` counts within the district from 1 and `overall_rank` within the
    municipality, both None when not ranked; `shown` says that the district's capacity reaches this far; `weeks`
    counts the lists in a row that showed the citizen, this one included; `discharged_on` is set within 30 days.
    """

    citizen: int
    district: str
    team: str
    status: Status
    rank: int | None = None
    overall_rank: int | None = None
    probability: float | None = None
    band: Band | None = None
    shown: bool = False
    change: Change | None = None
    previous_rank: int | None = None
    weeks: int = 0
    discharged_on: date | None = None
    weekly_minutes: float | None = None
    reasons: tuple[Reason, ...] = ()
    against: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class WeeklyList:
    """A whole list: what it was made from and with, and everyone in care on the as-of date.

    `data_until` is the last instant anything was recorded at in the data it was made from, UTC; a `silent` list is
    computed and evaluated but shown to nobody (decision 9). A list in `hindsight` is by a model that had learnt from
    what came after its date: it foretells nothing, so it is never measured.
    """

    as_of: date
    made_at: datetime
    model_version: str
    snapshot_hash: str
    data_until: datetime
    silent: bool
    entries: tuple[Entry, ...]
    hindsight: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a citizen stood on the list before: shown or not, at which rank of which district, for how many weeks."""

    district: str
    rank: int | None
    shown: bool
    weeks: int


def compared(entries: Iterable[Entry], before: Mapping[int, Standing]) -> tuple[Entry, ...]:
    """The entries with `change`, `previous_rank` and `weeks` filled in from the standings of the list before.

    Only a shown entry has a change. A rank is compared within a district only, so one who has moved is new there;
    one who was ranked but not shown before is new to the nurses, with the rank held then.
    """
    return tuple(_compared(entry, before.get(entry.citizen)) for entry in entries)


def _compared(entry: Entry, before: Standing | None) -> Entry:
    if not entry.shown or entry.rank is None:
        return entry
    if before is None or before.district != entry.district or before.rank is None:
        return replace(entry, change=Change.NEW, previous_rank=None, weeks=1)
    if not before.shown:
        return replace(entry, change=Change.NEW, previous_rank=before.rank, weeks=1)
    return replace(entry, change=_moved(entry.rank, before.rank), previous_rank=before.rank, weeks=before.weeks + 1)


def _moved(now: int, before: int) -> Change:
    """Risen or fallen when the place changed by at least three: less is the noise of a short list."""
    if now <= before - 3:
        return Change.RISEN
    return Change.FALLEN if now >= before + 3 else Change.KNOWN


@dataclass(frozen=True, slots=True)
class ListHead:
    """What is known of a stored list besides its entries; see `WeeklyList`."""

    number: ListId
    as_of: date
    made_at: datetime
    model_version: str
    snapshot_hash: str
    data_until: datetime
    silent: bool
    hindsight: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """One citizen on one stored list: what a course over time is drawn from."""

    head: ListHead
    entry: Entry


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of one district's citizens a list ranks, shows, shows as new, and could not rank by status."""

    district: str
    ranked: int
    shown: int
    new: int
    unranked: Mapping[Status, int]
