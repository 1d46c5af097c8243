"""The oracle's time: Danish midnights, compared as instants. Nothing here knows of day numbers."""

from datetime import UTC, date, datetime, timedelta

from tests.models.happenings import DENMARK, Happening


def midnight(day: date) -> datetime:
    """The instant a Danish day begins, in UTC, so that two of them compare as instants whatever summer time does."""
    return datetime(day.year, day.month, day.day, tzinfo=DENMARK).astimezone(UTC)


def local_date(instant: datetime) -> date:
    """The Danish calendar date of an instant."""
    return instant.astimezone(DENMARK).date()


def days_before(day: date, days: int) -> datetime:
    """The midnight `days` calendar days before a day."""
    return midnight(day - timedelta(days=days))


def is_visible(happening: Happening, as_of: date) -> bool:
    """Whether a list dated `as_of` may use the event: known before T, and not replaced before T."""
    listed = midnight(as_of)
    superseded = happening.superseded_at
    return happening.known_from < listed and (superseded is None or superseded >= listed)
