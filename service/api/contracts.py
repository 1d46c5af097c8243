"""What the API sends, as it is promised: changing a field here is changing the contract.

Citizens are their pseudonymous keys; names and numbers of the municipality never leave by this way.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from service.weekly.lists import Band, Change, Counts, Entry, ListHead, Quote, Reason, Score, Status


class _Sent(BaseModel):
    model_config = ConfigDict(frozen=True)


class QuoteSent(_Sent):
    """Words of a note, and the half-open stretches of them that the reason rests on."""

    text: Annotated[str, Field(examples=["kun drukket et halvt glas, tør mund"])]
    marks: tuple[tuple[int, int], ...]
    role: Annotated[str, Field(examples=["SSH"])]
    observed_at: datetime

    @classmethod
    def of(cls, quote: Quote) -> "QuoteSent":
        """The quote as sent."""
        return cls(text=quote.text, marks=quote.marks, role=quote.role, observed_at=quote.observed_at)


class ReasonSent(_Sent):
    """Why a citizen ranks high, or what speaks against it (`strength` below zero)."""

    group: Annotated[str, Field(examples=["fluids"])]
    strength: Annotated[float, Field(description="Share of the log-odds.", examples=[0.42])]
    da: Annotated[str, Field(examples=["Drikker mindre: noteret 4 gange på 7 dage, ikke i de tre måneder før"])]
    en: Annotated[str, Field(examples=["Drinks less: noted 4 times in 7 days, not in the three months before"])]
    quotes: tuple[QuoteSent, ...]
    trend: tuple[float | None, ...] | None

    @classmethod
    def of(cls, reason: Reason) -> "ReasonSent":
        """The reason as sent."""
        quotes = tuple(QuoteSent.of(quote) for quote in reason.quotes)
        return cls(
            group=reason.group, strength=reason.strength, da=reason.da, en=reason.en, quotes=quotes, trend=reason.trend
        )


class EntrySent(_Sent):
    """A citizen on a list."""

    citizen: Annotated[int, Field(description="Pseudonymous key.", examples=[10412])]
    district: Annotated[str, Field(examples=["Nord"])]
    team: Annotated[str, Field(examples=["Team 2"])]
    status: Status
    rank: Annotated[int | None, Field(description="Within the district, from 1.", examples=[1])]
    overall_rank: int | None
    probability: Annotated[float | None, Field(description="Of an acute admission within 30 days.", examples=[0.31])]
    band: Band | None
    shown: Annotated[bool, Field(description="Within the district's capacity.")]
    change: Change | None
    previous_rank: int | None
    weeks: Annotated[int, Field(description="Lists in a row that showed the citizen.", examples=[3])]
    discharged_on: date | None
    weekly_minutes: float | None
    reasons: tuple[ReasonSent, ...]
    against: tuple[ReasonSent, ...]

    @classmethod
    def of(cls, entry: Entry) -> "EntrySent":
        """The entry as sent."""
        return cls(
            citizen=entry.citizen,
            district=entry.district,
            team=entry.team,
            status=entry.status,
            rank=entry.rank,
            overall_rank=entry.overall_rank,
            probability=entry.probability,
            band=entry.band,
            shown=entry.shown,
            change=entry.change,
            previous_rank=entry.previous_rank,
            weeks=entry.weeks,
            discharged_on=entry.discharged_on,
            weekly_minutes=entry.weekly_minutes,
            reasons=tuple(ReasonSent.of(reason) for reason in entry.reasons),
            against=tuple(ReasonSent.of(reason) for reason in entry.against),
        )


class CountsSent(_Sent):
    """What a list comes to in one district."""

    district: str
    ranked: int
    shown: int
    new: int
    unranked: Mapping[Status, int]

    @classmethod
    def of(cls, counts: Counts) -> "CountsSent":
        """The counts as sent."""
        return cls(
            district=counts.district,
            ranked=counts.ranked,
            shown=counts.shown,
            new=counts.new,
            unranked=dict(counts.unranked),
        )


class HeadSent(_Sent):
    """What a list was made from and with."""

    as_of: Annotated[date, Field(examples=["2026-11-23"])]
    made_at: datetime
    model_version: Annotated[str, Field(examples=["3"])]
    snapshot_hash: str
    data_until: datetime

    @classmethod
    def of(cls, head: ListHead) -> "HeadSent":
        """The head as sent."""
        return cls(
            as_of=head.as_of,
            made_at=head.made_at,
            model_version=head.model_version,
            snapshot_hash=head.snapshot_hash,
            data_until=head.data_until,
        )


class ListSent(HeadSent):
    """A list in the districts the token reaches."""

    districts: tuple[CountsSent, ...]
    entries: tuple[EntrySent, ...]


class ListsSent(_Sent):
    """The lists there are, newest first."""

    lists: tuple[HeadSent, ...]


class ScoreSent(HeadSent):
    """One citizen on one list."""

    entry: EntrySent

    @classmethod
    def of_score(cls, score: Score) -> "ScoreSent":
        """The score as sent."""
        return cls(**HeadSent.of(score.head).model_dump(), entry=EntrySent.of(score.entry))


class ScoresSent(_Sent):
    """One citizen on the newest lists, newest first."""

    citizen: int
    scores: tuple[ScoreSent, ...]
