"""Lists and entries as rows of the store, and back."""

from datetime import date

from sqlalchemy import RowMapping

from service.storage.reasons import read, written
from service.storage.times import moment, stored
from service.weekly.lists import Band, Change, Entry, ListHead, ListId, Status, WeeklyList


def head(row: RowMapping) -> ListHead:
    """The head of a row of `lists`."""
    return ListHead(
        number=ListId(row["list_id"]),
        as_of=date.fromisoformat(row["as_of"]),
        made_at=moment(row["made_at"]),
        model_version=row["model_version"],
        snapshot_hash=row["snapshot_hash"],
        data_until=moment(row["data_until"]),
        silent=bool(row["silent"]),
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


def entry(row: RowMapping, prefix: str = "") -> Entry:
    """The entry of a row of `list_entries`, whose columns may have been given a prefix in a join."""
    discharged_on: str | None = row[prefix + "discharged_on"]
    return Entry(
        citizen=row[prefix + "citizen"],
        district=row[prefix + "district"],
        team=row[prefix + "team"],
        status=Status(row[prefix + "status"]),
        rank=row[prefix + "rank"],
        overall_rank=row[prefix + "overall_rank"],
        probability=row[prefix + "probability"],
        band=Band(row[prefix + "band"]) if row[prefix + "band"] else None,
        shown=bool(row[prefix + "shown"]),
        change=Change(row[prefix + "change"]) if row[prefix + "change"] else None,
        previous_rank=row[prefix + "previous_rank"],
        weeks=row[prefix + "weeks"],
        discharged_on=date.fromisoformat(discharged_on) if discharged_on else None,
        weekly_minutes=row[prefix + "weekly_minutes"],
        reasons=read(row[prefix + "reasons"]),
        against=read(row[prefix + "against"]),
    )
