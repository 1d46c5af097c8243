"""Local days: which one an instant lies in, and what lies before a date."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.windows import (
    NEVER,
    NEVER_DAY,
    ZONE,
    Days,
    day_number,
    day_of,
    instant,
    local_days,
    local_time,
    midnight,
    visible,
    weekly,
)
from tests.models.happenings import DENMARK

SINCE_THE_TELEGRAPH = st.datetimes(datetime(1900, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))


def local_day(moment: datetime) -> date:
    """The local day of one instant."""
    return day_of(local_days(np.array([instant(moment)]))[0])


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2025-03-09T22:59:59.999999+00:00", "2025-03-09"),
        ("2025-03-09T23:00:00+00:00", "2025-03-10"),
        ("2025-03-29T22:59:59.999999+00:00", "2025-03-29"),
        ("2025-03-29T23:00:00+00:00", "2025-03-30"),
        ("2025-03-30T21:59:59.999999+00:00", "2025-03-30"),
        ("2025-03-30T22:00:00+00:00", "2025-03-31"),
        ("2024-10-26T21:59:59.999999+00:00", "2024-10-26"),
        ("2024-10-27T22:59:59.999999+00:00", "2024-10-27"),
        ("2024-10-27T23:00:00+00:00", "2024-10-28"),
        ("2024-02-28T23:00:00+00:00", "2024-02-29"),
        ("2024-02-29T23:00:00+00:00", "2024-03-01"),
        ("1969-12-31T22:59:59.999999+00:00", "1969-12-31"),
        ("1969-12-31T23:00:00+00:00", "1970-01-01"),
    ],
)
def test_a_day_begins_at_local_midnight(moment: str, day: str) -> None:
    assert local_day(datetime.fromisoformat(moment)) == date.fromisoformat(day)


@given(st.lists(SINCE_THE_TELEGRAPH, max_size=20))
def test_local_days_are_those_of_the_calendar(moments: list[datetime]) -> None:
    computed = local_days(np.array([instant(moment) for moment in moments], dtype=np.int64))
    assert [day_of(number) for number in computed] == [moment.astimezone(DENMARK).date() for moment in moments]


@given(SINCE_THE_TELEGRAPH)
def test_an_instant_goes_to_local_time_and_back(moment: datetime) -> None:
    assert local_time(instant(moment)) == moment
    assert local_time(instant(moment)).tzinfo == DENMARK


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_a_day_holds_its_midnight_and_not_the_microsecond_before(day: date) -> None:
    around = np.array([midnight(day) - 1, midnight(day), midnight(day + timedelta(days=1)) - 1])
    assert (local_days(around) - day_number(day)).tolist() == [-1, 0, 0]


def test_what_never_comes_is_on_no_day() -> None:
    assert local_days(np.array([NEVER, 0], dtype=np.int64)).tolist() == [NEVER_DAY, 0]
    assert local_days(np.array([], dtype=np.int64)).dtype == np.int32


def test_a_time_without_zone_is_danish_and_of_two_the_earlier() -> None:
    twice = datetime(2024, 10, 27, 2, 30)
    assert instant(twice) == instant(datetime(2024, 10, 27, 0, 30, tzinfo=UTC))
    assert instant(twice.replace(fold=1)) == instant(twice)


def test_a_time_that_the_clock_leaps_over_is_an_hour_later() -> None:
    assert instant(datetime(2025, 3, 30, 2, 30)) == instant(datetime(2025, 3, 30, 3, 30))


def test_a_time_with_an_offset_is_taken_as_written() -> None:
    elsewhere = datetime(2025, 3, 10, 8, tzinfo=ZoneInfo("America/Nuuk"))
    assert instant(elsewhere) == instant(datetime(2025, 3, 10, 10, tzinfo=UTC))


def test_a_look_back_ends_before_its_date_and_a_horizon_begins_with_it() -> None:
    days = np.arange(90, 140, dtype=np.int32)
    assert days[Days.look_back(100, 7).hold(days)].tolist() == [93, 94, 95, 96, 97, 98, 99]
    assert days[Days.horizon(100).hold(days)][[0, -1]].tolist() == [100, 129]


def test_what_was_known_and_not_yet_replaced_before_the_date_is_visible() -> None:
    known = np.array([99, 100, 99, 99], dtype=np.int32)
    superseded = np.array([NEVER_DAY, NEVER_DAY, 100, 99], dtype=np.int32)
    assert visible(known, superseded, 100).tolist() == [True, False, True, False]


def test_weekly_dates_are_mondays() -> None:
    assert weekly(date(2025, 3, 4), date(2025, 3, 17)) == (date(2025, 3, 10), date(2025, 3, 17))
    assert weekly(date(2025, 3, 10), date(2025, 3, 10)) == (date(2025, 3, 10),)
    assert weekly(date(2025, 3, 11), date(2025, 3, 16)) == ()
    assert weekly(date(2025, 3, 11), date(2025, 1, 1)) == ()


def test_no_turn_of_the_clock_is_missed_in_two_centuries() -> None:
    first = datetime(1891, 1, 1, 22, 30, tzinfo=UTC)
    evenings = [first + timedelta(days=day, hours=hour) for day in range(365 * 218) for hour in (0, 1)]
    told = local_days(np.array([instant(evening) for evening in evenings], dtype=np.int64))
    assert told.tolist() == [day_number(evening.astimezone(ZONE).date()) for evening in evenings]
