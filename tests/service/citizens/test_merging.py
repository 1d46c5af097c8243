"""Two ids of one person: merged in the snapshot, un-merged without a trace in it, and on record both times."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.cohort import in_care
from models.errors import NotFound, RequestWrong
from models.events import Events
from models.snapshot import BUCKETS, Snapshot
from models.windows import day_number
from service.audit import first_broken
from service.citizens.erasing import erase
from service.citizens.merging import merge, unmerge
from service.citizens.retention import Rules, apply, due
from service.snapshots import bring_up_to_date
from service.storage import audit, identities
from service.storage.database import Database
from tests.drops import RECEIVED, citizen, emptied, load_rows, observation, visit

NOW = datetime(2025, 3, 2, 9, tzinfo=UTC)
WHO = "local:test"
OLD, NEW = "010140AB1D", "0101401235"


def note(note_id: str, citizen_id: str, words: str) -> dict[str, object]:
    """A row of notes."""
    written = {"observed_at": "2025-02-10T08:00:00Z", "recorded_at": "2025-02-10T09:00:00Z"}
    return {"note_id": note_id, "citizen_id": citizen_id, "text": words, "role": "SSH", **written}


def notification(citizen_id: str, number: str, activity: str, at: str) -> dict[str, object]:
    """A row of hospital notifications."""
    times = {"occurred_at": at, "recorded_at": at}
    return {"notification_id": number, "citizen_id": citizen_id, "episode_id": "e1", "activity": activity, **times}


def both_loaded(database: Database, folder: Path) -> None:
    """A citizen under a replacement number until February, and under the real one since, and somebody else."""
    load_rows(
        database,
        folder,
        "history",
        citizens=[
            # The first row says which columns there are.
            citizen("other", care_start="2024-01-01", care_end=None, recorded_at="2024-01-01T00:00:00Z"),
            citizen(OLD, care_start="2024-06-01", recorded_at="2024-06-01T00:00:00Z"),
            citizen(OLD, care_start="2024-06-01", care_end="2025-02-01", recorded_at="2025-01-25T00:00:00Z"),
            citizen(NEW, care_start="2025-02-01", district="Syd", recorded_at="2025-01-20T00:00:00Z"),
        ],
        visits=[visit("v1", citizen_id=OLD), visit("v2", citizen_id=NEW), visit("v3", citizen_id="other")],
        observations=[observation("o1", "sign:fever", citizen_id=OLD, value=1.0)],
        notes=[note("n1", OLD, "Har feber i dag."), note("n2", NEW, "Drikker for lidt.")],
        hospital_notifications=[
            notification(OLD, "h1", "admit-inpatient", "2025-01-28T10:00:00Z"),
            notification(NEW, "h2", "discharge-inpatient-home", "2025-02-03T10:00:00Z"),
        ],
    )


def key(database: Database, citizen_id: str) -> int:
    """The key of a citizen."""
    with database.read() as session:
        return identities.key_of(session, citizen_id)


def citizens(snapshot: Snapshot) -> set[int]:
    """Whose events there are."""
    return {one for file in snapshot.manifest.files for one in snapshot.table(file)["citizen"].to_pylist()}


def codes(snapshot: Snapshot, person: int) -> list[str]:
    """What there is of one of them, sorted."""
    events = snapshot.read(person % BUCKETS)
    return sorted(events.codes[code] for who, code in zip(events.citizen, events.code, strict=True) if who == person)


def test_what_came_under_either_id_is_the_persons_in_the_next_snapshot_and_unmerging_restores_it(
    database: Database, tmp_path: Path
) -> None:
    both_loaded(database, tmp_path / "drop")
    old, new = key(database, OLD), key(database, NEW)
    before = bring_up_to_date(database, tmp_path / "snapshot")
    assert citizens(before) == {key(database, "other"), old, new}
    assert codes(before, old).count("stay:start") == 1

    merge(database, OLD, NEW, "replacement number", WHO, NOW)
    assert bring_up_to_date(database, tmp_path / "again", rebuild=True).hash != before.hash
    merged = bring_up_to_date(database, tmp_path / "snapshot")
    assert citizens(merged) == {key(database, "other"), new}
    assert {"sign:fever", "visit:personal_care", "stay:start", "stay:end"} <= set(codes(merged, new))
    assert codes(merged, new).count("visit:personal_care") == 2
    assert merged.hash == bring_up_to_date(database, tmp_path / "rebuilt", rebuild=True).hash

    unmerge(database, OLD, WHO, NOW)
    assert bring_up_to_date(database, tmp_path / "snapshot").hash == before.hash
    assert bring_up_to_date(database, tmp_path / "rebuilt", rebuild=True).hash == before.hash


def test_a_snapshot_that_never_saw_the_merge_is_right_after_it_was_taken_back(
    database: Database, tmp_path: Path
) -> None:
    both_loaded(database, tmp_path / "drop")
    before = bring_up_to_date(database, tmp_path / "snapshot")
    merge(database, OLD, NEW, "a mistake", WHO, NOW)
    unmerge(database, OLD, WHO, NOW)
    assert bring_up_to_date(database, tmp_path / "snapshot").hash == before.hash


def test_a_person_is_in_care_before_and_after_the_number_was_replaced(database: Database, tmp_path: Path) -> None:
    both_loaded(database, tmp_path / "drop")
    merge(database, OLD, NEW, "replacement number", WHO, NOW)
    snapshot = bring_up_to_date(database, tmp_path / "snapshot")
    person = key(database, NEW)
    days = [day_number(date(2025, 1, 10)), day_number(date(2025, 2, 10))]
    who, day = in_care(Events.of(snapshot.table(f) for f in snapshot.manifest.files if not f.month), days)
    assert [(one, at) for one, at in zip(who.tolist(), day.tolist(), strict=True) if one == person] == [
        (person, days[0]),
        (person, days[1]),
    ]


def test_each_merge_is_on_record_with_both_keys_and_no_id(database: Database, tmp_path: Path) -> None:
    both_loaded(database, tmp_path / "drop")
    merge(database, OLD, NEW, "replacement number", WHO, NOW)
    unmerge(database, OLD, WHO, NOW)
    with database.read() as session:
        records = tuple(audit.records(session))
        rows = session.execute(text("SELECT * FROM citizen_merges ORDER BY sequence")).mappings().all()
    keys = (key(database, OLD), key(database, NEW))
    assert [(one.look.action, one.look.citizens, one.look.actor) for one in records] == [
        ("citizen.merge", keys, WHO),
        ("citizen.unmerge", keys, WHO),
    ]
    assert first_broken(records) is None
    assert [(row["citizen"], row["into_citizen"], row["reason"]) for row in rows] == [
        (*keys, "replacement number"),
        (keys[0], None, ""),
    ]
    assert not any(said in str(records) + str(rows) for said in (OLD, NEW))


def test_the_store_itself_refuses_to_change_a_merge(database: Database, tmp_path: Path) -> None:
    both_loaded(database, tmp_path / "drop")
    merge(database, OLD, NEW, "replacement number", WHO, NOW)
    with pytest.raises(DBAPIError, match="do not change"), database.write() as session:
        session.execute(text("UPDATE citizen_merges SET reason = 'another'"))


def test_what_cannot_be_merged_is_told_without_repeating_an_id(database: Database, tmp_path: Path) -> None:
    both_loaded(database, tmp_path / "drop")
    mistakes: Sequence[tuple[tuple[str, str, str], type[Exception], str]] = (
        ((OLD, OLD, "x"), RequestWrong, "one person's already"),
        ((OLD, NEW, " "), RequestWrong, "needs a reason"),
        ((OLD, "nobody", "x"), NotFound, "no citizen"),
    )
    for (one, other, reason), error, words in mistakes:
        with pytest.raises(error, match=words) as told:
            merge(database, one, other, reason, WHO, NOW)
        assert OLD not in str(told.value)
    with pytest.raises(RequestWrong, match="not merged"):
        unmerge(database, OLD, WHO, NOW)
    merge(database, OLD, NEW, "x", WHO, NOW)
    with pytest.raises(RequestWrong, match="merged already"):
        merge(database, OLD, "other", "x", WHO, NOW)
    with pytest.raises(RequestWrong, match="one person's already"):
        merge(database, NEW, OLD, "x", WHO, NOW)


@pytest.mark.parametrize("asked", [OLD, NEW])
def test_erasing_a_merged_person_removes_both_ids(database: Database, tmp_path: Path, asked: str) -> None:
    both_loaded(database, tmp_path / "drop")
    bring_up_to_date(database, tmp_path / "snapshot")
    merge(database, OLD, NEW, "Inger Testesen", WHO, NOW)
    other = key(database, "other")
    erase(database, tmp_path / "snapshot", asked)
    assert citizens(Snapshot.open(tmp_path / "snapshot")) == {other}
    with database.read() as session:
        assert set(identities.all_keys(session)) == {"other"}
        assert session.execute(text("SELECT count(*) FROM citizen_merges")).scalar() == 0
    assert citizens(bring_up_to_date(database, tmp_path / "snapshot")) == {other}
    rebuilt = bring_up_to_date(database, tmp_path / "rebuilt", rebuild=True)
    assert Snapshot.open(tmp_path / "snapshot").hash == rebuilt.hash


YEARS_LATER = datetime(2027, 3, 2, 9, tzinfo=UTC)
A_YEAR = Rules(audit_months=24, list_months=None, fact_months=12)


def ended(database: Database, folder: Path, citizen_id: str) -> None:
    """The citizen's care ended in the first summer."""
    row = citizen(citizen_id, care_start="2025-02-01", care_end="2025-07-01", recorded_at="2025-07-01T00:00:00Z")
    load_rows(database, folder, "live", int(datetime(2025, 8, 1, tzinfo=UTC).timestamp() * 1e6), citizens=[row])


@pytest.mark.parametrize(("one", "into"), [(OLD, NEW), (NEW, OLD)])
def test_a_person_whose_replaced_number_was_closed_is_kept_while_in_care(
    database: Database, tmp_path: Path, one: str, into: str
) -> None:
    both_loaded(database, tmp_path / "drop")
    merge(database, one, into, "replacement number", WHO, NOW)
    with database.read() as session:
        assert due(session, A_YEAR, YEARS_LATER).citizens == ()
    unmerge(database, one, WHO, NOW)
    with database.read() as session:
        assert due(session, A_YEAR, YEARS_LATER).citizens == (OLD,)


def test_a_person_out_of_care_under_every_number_is_erased_once(database: Database, tmp_path: Path) -> None:
    both_loaded(database, tmp_path / "drop")
    merge(database, OLD, NEW, "replacement number", WHO, NOW)
    ended(database, tmp_path / "ended", NEW)
    assert apply(database, tmp_path / "snapshot", A_YEAR, WHO, YEARS_LATER).citizens == (NEW,)
    with database.read() as session:
        assert set(identities.all_keys(session)) == {"other"}


def test_erasing_the_one_an_id_was_once_merged_into_keeps_that_id(database: Database, tmp_path: Path) -> None:
    both_loaded(database, tmp_path / "drop")
    merge(database, OLD, NEW, "a mistake", WHO, NOW)
    bring_up_to_date(database, tmp_path / "snapshot")
    unmerge(database, OLD, WHO, NOW)
    old = key(database, OLD)
    erase(database, tmp_path / "snapshot", NEW)
    mended = bring_up_to_date(database, tmp_path / "snapshot")
    assert citizens(mended) == {old, key(database, "other")}
    assert mended.hash == bring_up_to_date(database, tmp_path / "rebuilt", rebuild=True).hash


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("merge"), st.integers(0, 3), st.integers(0, 3)),
        st.tuples(st.just("unmerge"), st.integers(0, 3), st.just(0)),
        st.tuples(st.just("load"), st.integers(0, 3), st.integers(0, 60)),
        st.tuples(st.just("snapshot"), st.just(0), st.just(0)),
    ),
    max_size=10,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
@given(steps=STEPS)
def test_merges_loads_and_snapshots_in_any_order_make_the_snapshot_a_rebuild_makes(
    database: Database, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("steps")
    _begin(emptied(database), folder)
    for place, step in enumerate(steps):
        _take(database, folder, place, *step)
    mended = bring_up_to_date(database, folder / "snapshot")
    assert mended.hash == bring_up_to_date(database, folder / "rebuilt", rebuild=True).hash


def _begin(database: Database, folder: Path) -> None:
    with database.write() as session:
        session.execute(text("DELETE FROM citizen_merges"))
    everyone = [citizen(f"A{n}", care_start="2024-01-01", recorded_at=f"2024-0{1 + n}-01T00:00:00Z") for n in range(4)]
    load_rows(database, folder / "drop", "history", citizens=everyone, visits=[visit("v", citizen_id="A0")])


def _take(database: Database, folder: Path, place: int, what: str, one: int, other: int) -> None:
    if what == "snapshot":
        bring_up_to_date(database, folder / "snapshot")
    elif what == "load":
        day = f"2025-0{1 + other // 28}-{1 + other % 28:02}T12:00:00Z"
        rows = [visit(f"v{other % 3}", day, citizen_id=f"A{one}")]
        load_rows(database, folder / "drop", "live", RECEIVED + place, visits=rows)
    else:
        try:
            if what == "merge":
                merge(database, f"A{one}", f"A{other}", "x", WHO, NOW)
            else:
                unmerge(database, f"A{one}", WHO, NOW)
        except RequestWrong:
            pass  # merged already, or not at all: nothing changes
