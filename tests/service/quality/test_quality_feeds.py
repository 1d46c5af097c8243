"""Which feed has stopped: by its own rhythm, as known on the date, and never one that has none."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from models.errors import StaleFeed
from models.snapshot import Snapshot
from service.quality.feeds import LEAST_ROWS, Word, feeds, require_fresh
from service.snapshots import bring_up_to_date
from service.storage import audit, identities
from service.storage import quality as stored_quality
from service.storage.database import Database
from service.weekly.making import find_or_make
from tests.drops import SAMPLE, citizen, load, load_rows, visit
from tests.service.tiny_town import NOW, SECOND, TinyTown, quiet

FIRST = date(2025, 1, 1)
DISTRICTS = {"A1": "Nord", "A2": "Syd"}


def town(database: Database, folder: Path, days: Iterable[int], *, stopped: int = 999, a_day: int = 12) -> Snapshot:
    """Visits known on these days after `FIRST`, half of them of each district; those of Syd stop on a day."""
    rows = [
        visit(f"v{day}-{n}", f"{FIRST + timedelta(day)}T20:00:00Z", started_at=f"{FIRST + timedelta(day)}T08:00:00Z")
        | {"citizen_id": "A1" if n % 2 else "A2"}
        for day in days
        for n in range(a_day)
        if n % 2 or day < stopped
    ]
    everyone = [citizen(one, district=where, care_start="2024-01-01") for one, where in DISTRICTS.items()]
    load_rows(database, folder / "drop", "history", citizens=everyone, visits=rows)
    return bring_up_to_date(database, folder / "snapshot")


def stale(snapshot: Snapshot, day: int) -> list[str]:
    """The stale feeds of the list this many days after `FIRST`, as `table district`."""
    return [
        f"{feed.table} {feed.district}".strip() for feed in feeds(snapshot, FIRST + timedelta(day)) if feed.is_stale
    ]


@pytest.mark.parametrize(("day", "expected"), [(61, []), (64, []), (65, ["visits", "visits Nord", "visits Syd"])])
def test_a_daily_feed_is_stale_when_four_whole_days_are_missing(
    database: Database, tmp_path: Path, day: int, expected: list[str]
) -> None:
    assert stale(town(database, tmp_path, range(61)), day) == expected


def test_a_past_date_is_judged_by_what_was_known_then(database: Database, tmp_path: Path) -> None:
    snapshot = town(database, tmp_path, [*range(60), *range(75, 100)])
    assert [stale(snapshot, day) != [] for day in (60, 63, 64, 70, 75, 76, 100)] == [
        False, False, True, True, True, False, False,
    ]  # fmt: skip


def test_a_weekly_feed_is_not_stale_after_a_public_holiday_but_after_two_weeks(
    database: Database, tmp_path: Path
) -> None:
    snapshot = town(database, tmp_path, range(0, 70, 7), a_day=60)
    assert stale(snapshot, 63 + 7) == []
    assert stale(snapshot, 63 + 10) == []
    assert "visits" in stale(snapshot, 63 + 11)


def test_a_feed_of_working_days_is_not_stale_after_easter(database: Database, tmp_path: Path) -> None:
    working = [day for day in range(106) if (FIRST + timedelta(day)).weekday() < 5]  # Wednesday 16 April is the last
    snapshot = town(database, tmp_path, working)
    tuesday = (date(2025, 4, 22) - FIRST).days
    assert stale(snapshot, tuesday) == []
    assert stale(snapshot, tuesday + 1) != []


def test_of_one_district_that_stopped_only_that_is_told(database: Database, tmp_path: Path) -> None:
    snapshot = town(database, tmp_path, range(61), stopped=50)
    assert stale(snapshot, 61) == ["visits Syd"]
    with pytest.raises(StaleFeed) as told:
        require_fresh(snapshot, FIRST + timedelta(61))
    assert told.value.feeds == ("visits of Syd: last seen 2025-02-19, silent for 12 days",)
    assert "--accept-stale" in told.value.remedy
    assert told.value.exit_code == 5


def test_of_a_table_that_stopped_its_districts_are_not_told_too(database: Database, tmp_path: Path) -> None:
    with pytest.raises(StaleFeed) as told:
        require_fresh(town(database, tmp_path, range(61)), FIRST + timedelta(70))
    assert [feed.split(":")[0] for feed in told.value.feeds] == ["visits"]


def test_what_never_delivered_or_is_tiny_or_came_in_one_day_has_no_rhythm(database: Database, tmp_path: Path) -> None:
    assert feeds(bring_up_to_date(database, tmp_path / "empty"), FIRST) == ()
    tiny = town(database, tmp_path / "tiny", range(60), a_day=2)
    assert stale(tiny, 300) == []
    assert {feed.table for feed in feeds(tiny, FIRST + timedelta(60))} <= {"visits"}


def test_a_whole_history_that_came_at_once_is_not_stale_the_week_after(database: Database, tmp_path: Path) -> None:
    rows = [visit(f"v{n}") for n in range(LEAST_ROWS + 1)]
    received = int(datetime(2025, 3, 1, tzinfo=UTC).timestamp() * 1_000_000)
    load_rows(database, tmp_path / "drop", "live", received, visits=rows)
    snapshot = bring_up_to_date(database, tmp_path / "snapshot")
    assert not [feed for feed in feeds(snapshot, date(2025, 3, 20)) if feed.is_stale]


def test_the_sample_is_fresh_up_to_the_end_of_its_data(sqlite_url: str, tmp_path: Path) -> None:
    with Database.open(sqlite_url) as database:
        load(database, SAMPLE, "history")
        snapshot = bring_up_to_date(database, tmp_path / "snapshot")
    for day in (date(2025, 2, 24), date(2025, 2, 3), date(2024, 9, 2), date(2024, 3, 4)):
        require_fresh(snapshot, day)
    with pytest.raises(StaleFeed):
        require_fresh(snapshot, date(2025, 3, 10))


def test_an_invented_town_is_fresh_on_every_monday_up_to_the_end_of_its_data(tiny_town: TinyTown) -> None:
    for weeks in range(24):
        require_fresh(tiny_town.snapshot, SECOND - timedelta(weeks=weeks))


def test_a_stale_feed_stops_the_list_until_somebody_accepts_it_on_record(tiny_town: TinyTown, tmp_path: Path) -> None:
    copy = tiny_town.copied(tmp_path / "home")
    late, now = SECOND + timedelta(weeks=2), NOW + timedelta(weeks=3)
    with Database.open(copy.home.database_url) as database:
        with pytest.raises(StaleFeed, match="visits"):
            find_or_make(database, copy.snapshot, copy.model, late, now, quiet)
        word = Word("the supplier is told", "local:anna")
        made = find_or_make(database, copy.snapshot, copy.model, late, now, quiet, accept_stale=word)
        with database.read() as session:
            accepted, record = stored_quality.accepted(session, made.head.number), audit.last(session)
        assert accepted is not None
        assert record is not None
        assert (accepted.reason, accepted.by, accepted.at) == ("the supplier is told", "local:anna", now)
        assert accepted.feeds
        assert (record.look.action, record.look.search) == ("list.accept_stale", f"{late} the supplier is told")
        again = find_or_make(database, copy.snapshot, copy.model, late, now, quiet)
        assert (again.is_new, again.head) == (False, made.head)


def test_a_word_is_not_kept_where_nothing_was_stale(tiny_town: TinyTown, tmp_path: Path) -> None:
    copy = tiny_town.copied(tmp_path / "home")
    with Database.open(copy.home.database_url) as database:
        made = find_or_make(
            database, copy.snapshot, replace(copy.model, version="8"), SECOND, NOW, quiet, accept_stale=Word("x", "y")
        )
        with database.read() as session:
            assert stored_quality.accepted(session, made.head.number) is None
            assert identities.all_keys(session)
