"""Lists and entries as rows of the store, and back."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from service.storage.list_tables import LISTS
from service.storage.reasons import read, written
from service.storage.times import moment, stored
from service.weekly.lists import Band, Change, Entry, ListHead, ListId, Score, Status, WeeklyList


def head(row: Sequence[Any]) -> ListHead:
    """The head of a row of `lists`, every column in the table's order."""
    number, as_of, made_at, model_version, snapshot_hash, data_until, silent, hindsight = row
    return ListHead(
        number=ListId(number),
        as_of=date.fromisoformat(as_of),
        made_at=moment(made_at),
        model_version=model_version,
        snapshot_hash=snapshot_hash,
        data_until=moment(data_until),
        silent=bool(silent),
        hindsight=bool(hindsight),
    )


def head_row(weekly: WeeklyList) -> dict[str, object]:
    """The row of `lists` for a list."""
    return {
        "as_of": weekly.as_of.isoformat(),
        "made_at": stored(weekly.made_at),
        "model_version": weekly.model_version,
        "snapshot_hash": weekly.snapshot_hash,
        "data_until": stored(weekly.data_until),
        "silent": int(weekly.silent),
        "hindsight": int(weekly.hindsight),
    }


def entry_row(number: ListId, entry: Entry) -> dict[str, object]:
    """The row of `list_entries` for an entry."""
    return {
        "list_id": number,
        "citizen": entry.citizen,
        "district": entry.district,
        "team": entry.team,
        "status": entry.status.value,
        "rank": entry.rank,
        "overall_rank": entry.overall_rank,
        "probability": entry.probability,
        "band": entry.band.value if entry.band else None,
        "shown": int(entry.shown),
        "change": entry.change.value if entry.change else None,
        "previous_rank": entry.previous_rank,
        "weeks": entry.weeks,
        "discharged_on": entry.discharged_on.isoformat() if entry.discharged_on else None,
        "weekly_minutes": entry.weekly_minutes,
        "reasons": written(entry.reasons),
        "against": written(entry.against),
    }


def entry(row: Sequence[Any]) -> Entry:
    """The entry of a row of `list_entries`, every column in the table's order: a page reads a hundred of them."""
    (_, citizen, district, team, status, rank, overall_rank, probability, band, shown, change) = row[:11]
    (previous_rank, weeks, discharged_on, weekly_minutes, reasons, against) = row[11:]
    return Entry(
        citizen=citizen,
        district=district,
        team=team,
        status=Status(status),
        rank=rank,
        overall_rank=overall_rank,
        probability=probability,
        band=Band(band) if band else None,
        shown=bool(shown),
        change=Change(change) if change else None,
        previous_rank=previous_rank,
        weeks=weeks,
        discharged_on=date.fromisoformat(discharged_on) if discharged_on else None,
        weekly_minutes=weekly_minutes,
        reasons=read(reasons),
        against=read(against),
    )


def score(row: Sequence[Any]) -> Score:
    """The score of a row of `lists` and `list_entries`, one after the other."""
    heads = len(LISTS.c)
    return Score(head(row[:heads]), entry(row[heads:]))
