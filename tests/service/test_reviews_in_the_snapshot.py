"""What nurses did because of a list reaches the snapshot: that it was done and when, and no word of it."""

from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import pytest

from models.events import Events
from models.snapshot import Snapshot
from models.truth.acting import ACTED
from models.windows import NEVER_DAY, day_number
from service.citizens.erasing import erase
from service.citizens.merging import merge
from service.snapshots import bring_up_to_date
from service.storage import identities, lists, reviews
from service.storage.database import Database
from service.weekly.reviews import Action, Draft
from tests.service.invented_lists import MONDAY, NOW, Town, fill


@pytest.fixture
def database(database_url: str) -> Generator[Database]:
    """An empty store; each test runs on both engines."""
    with Database.open(database_url) as opened:
        yield opened


def acted_events(snapshot: Snapshot) -> list[tuple[int, int, int]]:
    """Citizen, day, and day it was taken back, of all events that somebody acted."""
    found: list[tuple[int, int, int]] = []
    for bucket in range(snapshot.manifest.buckets):
        events: Events = snapshot.standing(bucket).with_codes((ACTED,))
        found += zip(events.citizen.tolist(), events.day.tolist(), events.superseded_day.tolist(), strict=True)
    return sorted(found)


class Reviewed:
    """A town with one list, on which nurses act."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder
        fill(database, Town(citizens=12, weeks=1))
        with database.read() as session:
            head = lists.latest_list(session, MONDAY)
            assert head is not None
            self.number = head.number
            self.shown = [entry.citizen for entry in lists.every_entry(session, head.number) if entry.shown]

    def act(self, citizen: int, action: Action, days: int = 0) -> int:
        with self.database.write() as session:
            draft = Draft(action, grounds="kendt" if action is Action.NO_ACTION else "")
            return reviews.add_review(session, citizen, self.number, 1, draft, NOW + timedelta(days=days))

    def undo(self, review: int, citizen: int, days: int) -> None:
        with self.database.write() as session:
            reviews.undo_review(session, review, citizen, 1, NOW + timedelta(days=days))

    def snapshot(self, *, rebuild: bool = False) -> Snapshot:
        return bring_up_to_date(self.database, self.folder / "snapshot", rebuild=rebuild)


TODAY = day_number(NOW.date())


def test_what_was_done_comes_and_what_was_only_seen_does_not(database: Database, tmp_path: Path) -> None:
    town = Reviewed(database, tmp_path)
    first, second, third = town.shown[:3]
    before = town.snapshot()
    assert acted_events(before) == []
    town.act(first, Action.PHONED)
    town.act(second, Action.SEEN)
    review = town.act(third, Action.VISITED, days=1)
    after = town.snapshot()
    assert acted_events(after) == sorted([(first, TODAY, NEVER_DAY), (third, TODAY + 1, NEVER_DAY)])
    assert after.hash != before.hash

    town.undo(review, third, days=3)
    mended = town.snapshot()
    assert acted_events(mended) == sorted([(first, TODAY, NEVER_DAY), (third, TODAY + 1, TODAY + 3)])
    assert mended.hash == town.snapshot(rebuild=True).hash


def test_nothing_is_written_when_nothing_was_done(database: Database, tmp_path: Path) -> None:
    town = Reviewed(database, tmp_path)
    town.act(town.shown[0], Action.TOBS)
    first = town.snapshot()
    written = {file.path for file in first.manifest.files}
    assert {file.path for file in town.snapshot().manifest.files} == written


def test_it_follows_the_person_and_goes_with_the_citizen(database: Database, tmp_path: Path) -> None:
    town = Reviewed(database, tmp_path)
    one, other = town.shown[:2]
    town.act(one, Action.DOCTOR)
    town.snapshot()
    with database.read() as session:
        ids = identities.citizen_ids(session, [one, other])
    merge(database, ids[one], ids[other], reason="same person", by="test", now=NOW)
    assert [citizen for citizen, _, _ in acted_events(town.snapshot())] == [other]
    erase(database, town.folder / "snapshot", ids[other])
    assert acted_events(town.snapshot()) == []
