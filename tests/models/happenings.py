"""Events as a person would write them down, and the way from there into what the models read.

Times in a text table are Danish local time unless they say their offset; an empty `recorded_at` means "at once".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa

from models.events import SCHEMA, Events

DENMARK = ZoneInfo("Europe/Copenhagen")


@dataclass(frozen=True, slots=True)
class Happening:
    """One event; all times are aware and in UTC, `superseded_at` is None while the version stands."""

    citizen: int
    code: str
    occurred_at: datetime
    known_from: datetime
    superseded_at: datetime | None = None
    value: float | None = None
    sequence: int = 0


def moment(text: str) -> datetime:
    """A time as written: with its offset, or Danish local time (of an ambiguous hour the earlier)."""
    read = datetime.fromisoformat(text.strip())
    return (read if read.tzinfo else read.replace(tzinfo=DENMARK)).astimezone(UTC)


def cells(text: str) -> list[dict[str, str]]:
    """The rows of a table drawn with `|`, by the names in its first line."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def happenings(text: str) -> list[Happening]:
    """The events of a drawn table; columns left out have their usual value."""
    return [_happening(row, place) for place, row in enumerate(cells(text))]


def _happening(row: dict[str, str], place: int) -> Happening:
    superseded, value = row.get("superseded_at"), row.get("value")
    return Happening(
        citizen=int(row.get("citizen") or 1),
        code=row["code"],
        occurred_at=moment(row["occurred_at"]),
        known_from=moment(row.get("recorded_at") or row["occurred_at"]),
        superseded_at=moment(superseded) if superseded else None,
        value=float(value) if value else None,
        sequence=int(row.get("sequence") or place),
    )


def as_table(found: Sequence[Happening]) -> pa.Table:
    """The events as a table of `models.events.SCHEMA`, in the order given."""
    columns = {
        "citizen": [each.citizen for each in found],
        "occurred_at": [each.occurred_at for each in found],
        "known_from": [each.known_from for each in found],
        "superseded_at": [each.superseded_at for each in found],
        "code": [each.code for each in found],
        "value": [each.value for each in found],
        "sequence": [each.sequence for each in found],
    }
    plain = {name: SCHEMA.field(name).type for name in columns} | {"code": pa.string()}
    arrays = {name: pa.array(values, plain[name]) for name, values in columns.items()}
    return pa.table(arrays | {"code": arrays["code"].dictionary_encode()}).cast(SCHEMA)


def as_events(found: Iterable[Happening]) -> Events:
    """The events as the kernel sweeps them."""
    return Events.of([as_table(list(found))])
