"""The snapshot: what goes in comes out, nothing is seen half changed, and damage is refused by name."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import SnapshotRefused
from models.events import SCHEMA, Events
from models.snapshot import FORMAT, FileEntry, Manifest, Partition, Snapshot
from models.snapshot_change import SnapshotChange, partitioned
from models.windows import day_number, instant
from tests.models.happenings import Happening, as_events, as_table, happenings, moment
from tests.models.invented import histories, turning_days
from tests.models.stored import is_standing, snapshot_of

TWO_MONTHS = """
    citizen | code               | occurred_at      | recorded_at      | value
    1       | citizen:care_start | 2020-01-01 00:00 | 2019-12-30 09:00 |
    1       | visit:nursing      | 2025-01-31 08:00 | 2025-01-31 23:59 | 20
    1       | visit:nursing      | 2025-01-31 08:00 | 2025-02-01 00:00 | 30
    2       | visit:night        | 2025-02-27 23:00 | 2025-02-28 08:00 | 10
"""


def _same(left: Events, right: Events) -> bool:
    columns = ("citizen", "occurred_at", "day", "known_day", "superseded_day", "value")
    codes = [[events.codes[code] for code in events.code] for events in (left, right)]
    return codes[0] == codes[1] and all(
        np.array_equal(getattr(left, name), getattr(right, name), equal_nan=name == "value") for name in columns
    )


def _of_bucket(found: list[Happening], bucket: int, buckets: int) -> list[Happening]:
    return [each for each in found if each.citizen % buckets == bucket]


@given(st.data())
def test_what_is_written_is_read_bucket_by_bucket(data: st.DataObject) -> None:
    found = data.draw(histories(data.draw(turning_days())))
    buckets = data.draw(st.integers(1, 4))
    with TemporaryDirectory() as folder:
        snapshot_of(found, Path(folder), buckets)
        snapshot = Snapshot.open(Path(folder))
        for bucket in range(buckets):
            own = _of_bucket(found, bucket, buckets)
            assert _same(snapshot.read(bucket), as_events(own))
            assert _same(snapshot.standing(bucket), as_events([each for each in own if is_standing(each)]))


def test_of_the_standing_facts_those_of_some_codes_are_read_alone(tmp_path: Path) -> None:
    found = happenings("""
    citizen | code               | occurred_at      | recorded_at      | value
    1       | district:Nord      | 2025-01-02 00:00 | 2025-01-02 09:00 |
    1       | citizen:care_start | 2020-01-01 00:00 | 2019-12-30 09:00 |
    3       | team:A             | 2024-01-01 00:00 | 2024-01-01 09:00 |
    3       | district:Syd       | 2024-01-01 00:00 | 2024-01-01 09:00 |
    3       | visit:night        | 2025-02-27 23:00 | 2025-02-28 08:00 | 10
    """)
    snapshot = snapshot_of(found, tmp_path, buckets=2)
    named = [each for each in found if each.code in {"district:Nord", "district:Syd", "team:A"}]
    assert _same(snapshot.standing(1, ("district:*", "team:A", "visit:*")), as_events(named))
    assert not len(snapshot.standing(1, ("sex:*",)))
    assert not len(snapshot.standing(0, ("district:*",)))


@given(st.data())
def test_files_are_only_passed_over_when_nothing_in_them_is_asked_for(data: st.DataObject) -> None:
    day = data.draw(turning_days())
    found = data.draw(histories(day))
    from_day, known_before = day_number(day) - data.draw(st.integers(0, 60)), day_number(day)
    with TemporaryDirectory() as folder:
        read = snapshot_of(found, Path(folder), 1).read(0, from_day, known_before)
    every = as_events(found)
    for events in (read, every):
        wanted = events.where((events.day >= from_day) & (events.known_day < known_before))
        assert _same(wanted, every.where((every.day >= from_day) & (every.known_day < known_before)))


def test_each_citizen_is_given_once_and_with_the_bucket_it_lies_in(tmp_path: Path) -> None:
    snapshot = snapshot_of(happenings(TWO_MONTHS), tmp_path, buckets=4)
    citizen = np.array([5, 2, 1, 6, 5], dtype=np.int32)
    assert [(bucket, places.tolist()) for bucket, places in snapshot.by_bucket(citizen)] == [
        (1, [0, 2, 4]),
        (2, [1, 3]),
    ]


def test_stream_files_lie_by_month_of_knowledge_and_bucket(tmp_path: Path) -> None:
    snapshot = snapshot_of(happenings(TWO_MONTHS), tmp_path, buckets=2)
    assert [file.partition.folder for file in snapshot.manifest.files] == [
        "standing/bucket=01",
        "stream/month=2025-01/bucket=01",
        "stream/month=2025-02/bucket=00",
        "stream/month=2025-02/bucket=01",
    ]
    assert snapshot.manifest.months() == ("2025-01", "2025-02")
    assert all((tmp_path / file.path).is_file() for file in snapshot.manifest.files)


def test_the_manifest_tells_how_recent_the_stream_is(tmp_path: Path) -> None:
    snapshot = snapshot_of(happenings(TWO_MONTHS), tmp_path)
    assert snapshot.known_until == instant(moment("2025-02-28 08:00"))
    assert snapshot_of([], tmp_path / "empty").known_until == 0


def test_old_and_later_files_are_passed_over_but_standing_facts_never_for_age(tmp_path: Path) -> None:
    snapshot = snapshot_of(happenings(TWO_MONTHS), tmp_path, buckets=1)
    february = day_number(date(2025, 2, 1))
    assert len(snapshot.read(0)) == 4
    assert len(snapshot.read(0, from_day=february)) == 3
    assert len(snapshot.read(0, known_before=february)) == 2
    assert len(snapshot.read(0, known_before=february + 1)) == 4


def test_the_hash_tells_equal_events_from_others(tmp_path: Path) -> None:
    found = happenings(TWO_MONTHS)
    one, same = snapshot_of(found, tmp_path / "1"), snapshot_of(found, tmp_path / "2", watermark=7, invented=True)
    other = snapshot_of(found[:3], tmp_path / "3")
    elsewhere = snapshot_of(found, tmp_path / "4", buckets=4)
    assert one.hash == same.hash
    assert len({one.hash, other.hash, elsewhere.hash}) == 3


def test_a_change_shows_only_when_it_is_committed(tmp_path: Path) -> None:
    before = snapshot_of(happenings(TWO_MONTHS), tmp_path, buckets=1)
    change = SnapshotChange(tmp_path, before.manifest)
    change.put(Partition("stream", "2025-02", 0), as_table(happenings(TWO_MONTHS)[:1]))
    assert Snapshot.open(tmp_path).hash == before.hash
    assert len(Snapshot.open(tmp_path).read(0)) == 4
    after = change.commit(watermark=12)
    assert Snapshot.open(tmp_path).manifest == after.manifest
    assert (after.manifest.watermark, len(after.read(0))) == (12, 3)


def test_a_partition_without_events_has_no_file(tmp_path: Path) -> None:
    before = snapshot_of(happenings(TWO_MONTHS), tmp_path, buckets=1)
    change = SnapshotChange(tmp_path, before.manifest)
    change.put(Partition("stream", "2025-01", 0), SCHEMA.empty_table())
    change.put(Partition("stream", "1999-01", 0), SCHEMA.empty_table())
    assert change.commit().manifest.months() == ("2025-02",)


def test_an_empty_folder_is_no_snapshot(tmp_path: Path) -> None:
    with pytest.raises(SnapshotRefused, match="There is no snapshot yet"):
        Snapshot.open(tmp_path)


def test_a_file_with_one_byte_changed_is_refused_by_name(tmp_path: Path) -> None:
    snapshot = snapshot_of(happenings(TWO_MONTHS), tmp_path)
    file = snapshot.files()[0]
    content = bytearray((tmp_path / file.path).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / file.path).write_bytes(content)
    with pytest.raises(SnapshotRefused, match=f"{file.path} is damaged") as told:
        snapshot.read(file.bucket)
    assert "omhu snapshot --rebuild" in told.value.remedy


def test_a_damaged_manifest_is_refused(tmp_path: Path) -> None:
    snapshot_of(happenings(TWO_MONTHS), tmp_path)
    (tmp_path / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(SnapshotRefused, match="damaged"):
        Snapshot.open(tmp_path)


def test_a_snapshot_of_another_format_is_refused(tmp_path: Path) -> None:
    manifest = json.loads(Manifest().model_dump_json()) | {"format": FORMAT + 1}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(SnapshotRefused, match=f"has format {FORMAT + 1}, this code reads format {FORMAT}"):
        Snapshot.open(tmp_path)


def _cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def test_a_file_that_is_gone_and_no_longer_named_asks_to_run_again(tmp_path: Path) -> None:
    snapshot = snapshot_of(happenings(TWO_MONTHS), tmp_path, buckets=1)
    change = SnapshotChange(tmp_path, snapshot.manifest, at_once=True)
    change.put(Partition("stream", "2025-01", 0), SCHEMA.empty_table())
    change.commit()
    with pytest.raises(SnapshotRefused, match="renewed while it was read") as told:
        snapshot.read(0)
    assert told.value.remedy == "Run it again."


@pytest.mark.parametrize("damage", [Path.unlink, _cut_off])
def test_a_file_that_is_gone_or_cut_off_is_refused_by_name(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    snapshot = snapshot_of(happenings(TWO_MONTHS), tmp_path, buckets=1)
    file: FileEntry = snapshot.manifest.files[1]
    damage(tmp_path / file.path)
    with pytest.raises(SnapshotRefused, match=file.path):
        snapshot.read(0)


def test_a_month_is_one_of_the_danish_calendar() -> None:
    turn = datetime.fromisoformat("2025-05-31T22:00:00+00:00")
    found = [Happening(1, "a", turn + lag, turn + lag) for lag in (timedelta(microseconds=-1), timedelta(0))]
    assert [partition.month for partition in partitioned(as_table(found), "stream", 8)] == ["2025-05", "2025-06"]


def test_what_sensors_send_is_kept_apart_and_read_as_a_few_numbers_a_day(tmp_path: Path) -> None:
    found = happenings("""
        code            | occurred_at      | recorded_at      | sequence | value
        sensor:bed_exit | 2025-02-05 01:00 | 2025-02-05 01:01 | 1        | 1
        sensor:bed_exit | 2025-02-05 02:00 | 2025-02-05 02:01 | 2        | 3
        visit:night     | 2025-02-05 03:00 | 2025-02-05 03:20 | 3        | 20
    """)
    change = SnapshotChange(tmp_path, Manifest(buckets=2))
    for partition, events in partitioned(as_table(found), "stream", 2).items():
        change.put(partition, events)
    snapshot = change.commit()
    assert {file.kind: file.rows for file in snapshot.manifest.files} == {"dense": 2, "stream": 1, "thinned": 4}
    read = snapshot.read(1)
    assert {read.codes[code]: float(value) for code, value in zip(read.code, read.value, strict=True)} == {
        "count:night:sensor:bed_exit": 2.0,
        "sum:night:sensor:bed_exit": 4.0,
        "min:night:sensor:bed_exit": 1.0,
        "max:night:sensor:bed_exit": 3.0,
        "visit:night": 20.0,
    }


def test_what_is_thinned_follows_the_readings_it_is_made_of(tmp_path: Path) -> None:
    reading = "code | occurred_at\nsensor:bed_exit | 2025-02-05 01:00"
    dense, beside = Partition("dense", "2025-02", 1), Partition("thinned", "2025-02", 1)
    change = SnapshotChange(tmp_path, Manifest(buckets=2))
    change.put(dense, as_table(happenings(reading)))
    snapshot = change.commit()
    again = SnapshotChange(tmp_path, snapshot.manifest)
    again.put(beside, SCHEMA.empty_table())
    assert again.commit().hash == snapshot.hash
    emptied = SnapshotChange(tmp_path, snapshot.manifest)
    emptied.put(dense, SCHEMA.empty_table())
    assert emptied.commit().manifest.files == ()
