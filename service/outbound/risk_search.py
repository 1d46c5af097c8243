"""The search parameters of RiskAssessment, read: which FHIR asks for, in the words of the store.

A parameter nobody knows is refused: left out in silence, it would widen what is told. No web and no SQL here.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeVar

from models.errors import RequestWrong
from service.outbound.risk_resources import EntryId

MOST: Final = 500
USUAL: Final = 50
_SORTS: Final = {"-date", "-_lastUpdated"}
_FORMATS: Final = {"json", "application/json", "application/fhir+json"}
KNOWN: Final = (
    "patient", "subject", "patient:identifier", "patient.identifier", "date", "_id",
    "_lastUpdated", "_since", "_count", "_page", "_sort", "_total", "_format",
)  # fmt: skip
_NAMING: Final = {"patient", "subject", "patient:identifier", "patient.identifier"}
_WRITTEN: Final = re.compile(r"(eq|ge|gt|le|lt|sa|eb)?(\d{4})(?:-(\d\d)(?:-(\d\d)(T.+)?)?)?")

T = TypeVar("T", date, datetime)


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as it was asked: `patients` are references or own ids, of which any may match; `identifiers` own ids.

    `since` and `until` (half-open) limit the as-of date, `made_since` and `made_until` when a list was made, UTC.
    """

    patients: tuple[str, ...] | None = None
    identifiers: tuple[str, ...] | None = None
    entry: EntryId | None = None
    since: date | None = None
    until: date | None = None
    made_since: datetime | None = None
    made_until: datetime | None = None
    count: int = USUAL
    after: EntryId | None = None
    repeated: tuple[tuple[str, str], ...] = field(default=())
    """The parameters that name nobody, for the links of the answer."""


def asked_for(parameters: Iterable[tuple[str, str]]) -> Asked:
    """The search these parameters ask for. Raises `RequestWrong`, repeating no value."""
    asked = Asked()
    for name, value in parameters:
        if name not in KNOWN:
            raise RequestWrong("There is a search parameter that is not known.", f"Known are {', '.join(KNOWN)}.")
        read = _whom if name in _NAMING else _which
        asked = read(asked, name, value)
    return asked


def _whom(asked: Asked, name: str, value: str) -> Asked:
    if name in {"patient", "subject"} and "|" not in value:
        references = tuple(one.rsplit("/", 1)[-1] for one in value.split(","))
        return replace(asked, patients=_both(asked.patients, references))
    ids = tuple(one.rsplit("|", 1)[-1] for one in value.split(","))
    return replace(asked, identifiers=_both(asked.identifiers, ids))


def _which(asked: Asked, name: str, value: str) -> Asked:
    match name:
        case "_page":
            return replace(asked, after=_entry(value))
        case "_id":
            return _repeating(replace(asked, entry=_entry(value)), name, value)
        case "date":
            since, until = _days(*_taken_apart(name, value))
            limited = replace(asked, since=_later(asked.since, since), until=_earlier(asked.until, until))
            return _repeating(limited, name, value)
        case "_lastUpdated" | "_since":
            since, until = _instants(*_taken_apart(name, value if name == "_lastUpdated" else f"ge{value}"))
            made = _later(asked.made_since, since), _earlier(asked.made_until, until)
            return _repeating(replace(asked, made_since=made[0], made_until=made[1]), name, value)
        case "_count":
            return replace(asked, count=_count(value))
        case _:
            _require_ours(name, value)
            return asked


def _repeating(asked: Asked, name: str, value: str) -> Asked:
    return replace(asked, repeated=(*asked.repeated, (name, value)))


def _both(before: tuple[str, ...] | None, more: tuple[str, ...]) -> tuple[str, ...]:
    """What a repeated parameter leaves: both must hold."""
    return more if before is None else tuple(one for one in more if one in before)


def _require_ours(name: str, value: str) -> None:
    if name == "_sort" and not set(value.split(",")) <= _SORTS:
        raise RequestWrong("Sorting is by date, the newest first.", "Leave _sort out, or send _sort=-date.")
    if name == "_format" and value not in _FORMATS:
        raise RequestWrong("Only JSON is told.", "Send _format=json.")


def _count(value: str) -> int:
    if not value.isdecimal() or len(value) > 9:
        raise RequestWrong("_count is no whole number.", f"Send one from 0 to {MOST}.")
    return min(int(value), MOST)


def _entry(value: str) -> EntryId:
    """The id; one that is none of ours finds nothing."""
    return EntryId.read(value) or EntryId(0, 0)


def _taken_apart(name: str, value: str) -> tuple[str, Sequence[str | None]]:
    match = _WRITTEN.fullmatch(value)
    if match is None:
        raise RequestWrong(f"{name} cannot be read.", "Write it as ge2026-11-23, or with a time and its zone.")
    return match[1] or "eq", match.groups()[1:]


def _days(prefix: str, parts: Sequence[str | None]) -> tuple[date | None, date | None]:
    """The half-open days a date parameter allows; the time in it is more than an as-of date has."""
    first, after = _span("date", parts[:3])
    return _limits(prefix, first, after)


def _instants(prefix: str, parts: Sequence[str | None]) -> tuple[datetime | None, datetime | None]:
    """The half-open instants allowed; without a time a whole day, in UTC as `lastUpdated` is written."""
    first, after = (_start(day) for day in _span("_lastUpdated", parts[:3]))
    if parts[3] is not None:
        first = _instant(f"{parts[0]}-{parts[1]}-{parts[2]}{parts[3]}")
        after = first + timedelta(milliseconds=1)  # what is told is written in milliseconds
    return _limits(prefix, first, after)


def _limits(prefix: str, first: T, after: T) -> tuple[T | None, T | None]:
    match prefix:
        case "ge":
            return first, None
        case "gt" | "sa":
            return after, None
        case "le":
            return None, after
        case "lt" | "eb":
            return None, first
        case _:
            return first, after


def _span(name: str, parts: Sequence[str | None]) -> tuple[date, date]:
    """The first day of a year, a month or a day, and the first after it."""
    year, month, day = (int(part) if part else None for part in parts)
    try:
        first = date(year or 0, month or 1, day or 1)
        if day:
            return first, first + timedelta(days=1)
        if month:
            return first, (first + timedelta(days=31)).replace(day=1)
        return first, date(first.year + 1, 1, 1)
    except (ValueError, OverflowError):
        raise RequestWrong(f"{name} is no day of a calendar.", "Write it as 2026-11-23.") from None


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _instant(text: str) -> datetime:
    try:
        # A space is what a form makes of the plus sign of a zone that was not escaped.
        moment = datetime.fromisoformat(text.replace(" ", "+")).astimezone(UTC)
    except (ValueError, OverflowError):
        raise RequestWrong("The time cannot be read.", "Write it as 2026-11-23T03:10:00Z.") from None
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _later(one: T | None, other: T | None) -> T | None:
    return max(one, other) if one is not None and other is not None else one if other is None else other


def _earlier(one: T | None, other: T | None) -> T | None:
    return min(one, other) if one is not None and other is not None else one if other is None else other
