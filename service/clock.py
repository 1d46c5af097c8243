"""The service's clock: handed down, so that a test can say what time it is."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

DENMARK: Final = ZoneInfo("Europe/Copenhagen")
"""`models.windows.ZONE` again: importing that one would bring numba into every page."""


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def danish_date(moment: datetime) -> date:
    """The calendar date in Denmark at an instant."""
    return moment.astimezone(DENMARK).date()
