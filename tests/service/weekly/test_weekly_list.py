"""The weekly list, made by the real parts of a tiny invented municipality, on both databases."""

from collections import Counter
from collections.abc import Generator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from models.cohort import Status as CohortStatus
from models.engines.local import Matrix, matrix
from models.errors import RequestWrong
from models.features.catalogue import CATALOGUE
from models.reasons.telling import LEAST_STRENGTH
from models.snapshot import Snapshot
from models.windows import day_number
from service.registry import LoadedModel
from service.snapshots import bring_up_to_date
from service.storage import lists as stored_lists
from service.storage.database import Database
from service.weekly.bands import band_of
from service.weekly.lists import Change, Entry, ListHead, Status
from service.weekly.making import find_or_make
from tests.drops import load, observation, visit, write_drop
from tests.service.invented_lists import switch_on
from tests.service.tiny_town import CAPACITIES, FIRST, NOW, RECEIVED, SECOND, VERSION, TinyTown, TwoLists, quiet

DEFAULT = 20


@pytest.fixture(params=["first", "second"])
def head(request: pytest.FixtureRequest, two_lists: TwoLists) -> ListHead:
    """Each of the two lists."""
    return {"first": two_lists.first, "second": two_lists.second}[request.param]


def training_rows(town: TinyTown, *days: date) -> Matrix:
    """The rows training would build for these dates, all in one go."""
    return matrix(town.snapshot, [day_number(day) for day in days])


def ranked(entries: tuple[Entry, ...]) -> list[Entry]:
    return [entry for entry in entries if entry.status is Status.RANKED]


def test_probabilities_are_those_of_the_training_rows_of_the_date(two_lists: TwoLists, tiny_town: TinyTown):
    rows = training_rows(tiny_town, FIRST, SECOND)
    scores = tiny_town.model.model.score(rows.values)
    for one in (two_lists.first, two_lists.second):
        of_date = (rows.as_of == day_number(one.as_of)) & (rows.status == CohortStatus.RANKED)
        expected = dict(zip(rows.citizen[of_date].tolist(), scores[of_date].tolist(), strict=True))
        assert {entry.citizen: entry.probability for entry in ranked(two_lists.entries(one))} == expected


def test_ranks_have_no_gaps_and_follow_the_probability(two_lists: TwoLists, head: ListHead):
    entries = ranked(two_lists.entries(head))
    assert [entry.overall_rank for entry in entries] == list(range(1, len(entries) + 1))
    order = [(-(entry.probability or 0.0), entry.citizen) for entry in entries]
    assert order == sorted(order)
    for district in {entry.district for entry in entries}:
        of_district = [entry.rank for entry in entries if entry.district == district]
        assert of_district == list(range(1, len(of_district) + 1))


def test_each_district_is_cut_by_its_own_capacity(two_lists: TwoLists, head: ListHead):
    entries = two_lists.entries(head)
    shown = Counter(entry.district for entry in entries if entry.shown)
    assert shown == {"Nord": CAPACITIES["Nord"], "Øst": DEFAULT, "Vest": DEFAULT}
    for entry in entries:
        capacity = CAPACITIES.get(entry.district, DEFAULT)
        assert entry.shown == (entry.rank is not None and entry.rank <= capacity)


def test_everyone_in_care_is_on_the_list_with_their_status(two_lists: TwoLists, head: ListHead, tiny_town: TinyTown):
    rows = training_rows(tiny_town, head.as_of)
    entries = two_lists.entries(head)
    expected = {int(one): CohortStatus(int(at)).name for one, at in zip(rows.citizen, rows.status, strict=True)}
    assert {entry.citizen: entry.status.name for entry in entries} == expected
    assert set(expected.values()) > {"RANKED"}


def test_who_is_not_ranked_has_no_probability_and_no_place(two_lists: TwoLists, head: ListHead):
    unranked = [entry for entry in two_lists.entries(head) if entry.status is not Status.RANKED]
    assert unranked
    for entry in unranked:
        nothing = (entry.rank, entry.overall_rank, entry.probability, entry.band, entry.change, entry.shown)
        assert nothing == (None, None, None, None, None, False)
        assert (entry.reasons, entry.against) == ((), ())


def test_only_the_shown_are_explained_and_their_reasons_are_few_and_strong(two_lists: TwoLists, head: ListHead):
    for entry in two_lists.entries(head):
        assert len(entry.reasons) <= 5
        assert len(entry.against) <= 3
        assert entry.shown or (entry.reasons, entry.against) == ((), ())
        assert all(reason.strength >= LEAST_STRENGTH for reason in entry.reasons)
        assert all(reason.strength <= -LEAST_STRENGTH for reason in entry.against)
        assert entry.band == (None if entry.probability is None else band_of(entry.probability))
    told = [entry for entry in two_lists.entries(head) if entry.shown]
    assert sum(len(entry.reasons) > 0 for entry in told) >= 0.9 * len(told)


def test_the_head_says_what_the_list_was_made_from(two_lists: TwoLists, head: ListHead, tiny_town: TinyTown):
    assert head.model_version == VERSION
    assert head.snapshot_hash == tiny_town.snapshot.hash
    assert head.made_at == NOW
    assert not head.silent
    last_midnight = datetime.combine(head.as_of, datetime.min.time(), NOW.tzinfo) - timedelta(hours=2)
    assert head.data_until <= last_midnight
    assert last_midnight - head.data_until < timedelta(days=1)


def test_a_recent_discharge_is_dated_and_care_is_told_in_minutes_a_week(two_lists: TwoLists, tiny_town: TinyTown):
    entries = two_lists.entries(two_lists.first)
    dates = [entry.discharged_on for entry in entries if entry.discharged_on]
    assert dates
    assert all(FIRST - timedelta(days=30) <= day < FIRST for day in dates)
    rows = training_rows(tiny_town, FIRST)
    minutes = rows.values[:, CATALOGUE.column("minutes.sum.30d")] * 7 / 30
    expected = dict(zip(rows.citizen.tolist(), minutes.tolist(), strict=True))
    assert {entry.citizen: entry.weekly_minutes for entry in entries} == pytest.approx(expected)


def test_the_second_week_is_compared_with_the_first(two_lists: TwoLists):
    before = {entry.citizen: entry for entry in two_lists.entries(two_lists.first)}
    assert all(entry.change is Change.NEW and entry.weeks == 1 for entry in before.values() if entry.shown)
    now = [entry for entry in two_lists.entries(two_lists.second) if entry.shown]
    assert {entry.change for entry in now} == set(Change)
    for entry in now:
        then = before.get(entry.citizen)
        if then is None or not then.shown:
            assert (entry.change, entry.weeks) == (Change.NEW, 1)
        else:
            assert (entry.previous_rank, entry.weeks) == (then.rank, 2)
            moved = (then.rank or 0) - (entry.rank or 0)
            change = Change.KNOWN if abs(moved) < 3 else Change.RISEN if moved > 0 else Change.FALLEN
            assert entry.change is change


def test_asked_for_again_the_stored_list_is_fetched(two_lists: TwoLists, head: ListHead, tiny_town: TinyTown):
    before = two_lists.entries(head)
    later = NOW + timedelta(days=400)
    made = find_or_make(two_lists.database, tiny_town.snapshot, tiny_town.model, head.as_of, later, quiet)
    assert (made.is_new, made.head) == (False, head)
    assert two_lists.entries(made.head) == before


@pytest.fixture
def empty(sqlite_url: str) -> Generator[Database]:
    """A store without anybody's data: what a list is made from stands in the snapshot."""
    with Database.open(sqlite_url) as database:
        switch_on(database)
        yield database


def another_future(town: TinyTown, citizen_ids: list[str], folder: Path) -> Snapshot:
    """Everything about some citizens changed after the first list's date: late, back-dated, corrected, retracted."""
    late, seen = f"{FIRST}T06:00:00Z", f"{FIRST - timedelta(days=2)}T08:00:00Z"
    told = {"observed_at": seen, "recorded_at": late}
    notes = [
        {"note_id": f"n{one}", "citizen_id": one, **told, "role": "SPL", "text": "Har feber og er forvirret."}
        for one in citizen_ids
    ]
    write_drop(
        folder,
        notes=notes,
        visits=[
            visit(f"v{one}", late, citizen_id=one, started_at=seen, delivered_minutes=600.0) for one in citizen_ids
        ],
        observations=[observation(f"o{one}", "sign:fluid_low", citizen_id=one, **told) for one in citizen_ids],
    )
    with Database.open(town.home.database_url) as database:
        load(database, folder, "history", RECEIVED)
        return bring_up_to_date(database, town.home.snapshot)


def test_what_became_known_on_the_date_or_later_changes_no_word_on_either_database(
    two_lists: TwoLists, tiny_town: TinyTown, tmp_path: Path
):
    copy = tiny_town.copied(tmp_path / "home")
    people = [entry for entry in two_lists.entries(two_lists.first) if entry.shown]
    with Database.open(copy.home.database_url) as database:
        ids = list(TwoLists(database, two_lists.first, two_lists.first).ids(people).values())
        changed = another_future(copy, ids, tmp_path / "later")
        assert changed.hash != two_lists.first.snapshot_hash
        renamed = replace(copy.model, version="8")
        made = find_or_make(database, changed, renamed, FIRST, NOW, quiet)
        assert TwoLists(database, made.head, made.head).entries(made.head) == two_lists.entries(two_lists.first)


def constant(model: LoadedModel) -> LoadedModel:
    """A model that knows nothing, and says the same of everyone."""
    nothing = np.zeros(len(CATALOGUE.names))
    additive = replace(model.model.additive, coefficient=nothing, missing=nothing)
    return LoadedModel(
        "constant", model.manifest, replace(model.model, boosters=(), tree_weight=0.0, additive=additive)
    )


def test_equal_probabilities_stand_in_an_order_that_is_the_same_every_time(tiny_town: TinyTown, empty: Database):
    model = constant(tiny_town.model)
    made = find_or_make(empty, tiny_town.snapshot, model, SECOND, NOW, quiet)
    entries = TwoLists(empty, made.head, made.head).entries(made.head)
    by_rank = [entry.citizen for entry in ranked(entries)]
    assert len({entry.probability for entry in ranked(entries)}) == 1
    assert by_rank == sorted(by_rank)
    assert all(entry.reasons == () for entry in entries)


@pytest.mark.parametrize(
    ("day", "words"),
    [(date(1990, 1, 1), "Nobody is in home care on 1990-01-01"), (date(2025, 7, 2), "2025-07-02 has not begun")],
)
def test_a_list_that_would_be_wrong_for_good_is_not_made(empty: Database, tiny_town: TinyTown, day: date, words: str):
    with pytest.raises(RequestWrong, match=words):
        find_or_make(empty, tiny_town.snapshot, tiny_town.model, day, NOW, quiet)
    with empty.read() as session:
        assert stored_lists.list_heads(session, limit=10, silent=True) == ()


def test_the_list_of_today_can_be_made_from_midnight_on(empty: Database, tiny_town: TinyTown):
    midnight = datetime.fromisoformat("2025-06-29T22:00:00+00:00")
    with pytest.raises(RequestWrong, match="has not begun"):
        find_or_make(empty, tiny_town.snapshot, tiny_town.model, SECOND, midnight - timedelta(microseconds=1), quiet)
    assert find_or_make(empty, tiny_town.snapshot, tiny_town.model, SECOND, midnight, quiet).is_new


def test_a_list_by_a_model_that_learnt_from_its_week_is_in_hindsight_for_good(empty: Database, tiny_town: TinyTown):
    newest = tiny_town.model.manifest.last_as_of
    for learnt_to, version, hindsight in ((newest, "8", True), (SECOND - timedelta(days=30), "9", False)):
        manifest = tiny_town.model.manifest.model_copy(update={"last_as_of": learnt_to, "horizon_days": 30})
        model = replace(constant(tiny_town.model), version=version, manifest=manifest)
        as_of = newest if hindsight else SECOND
        find_or_make(empty, tiny_town.snapshot, model, as_of, NOW, quiet)
        again = find_or_make(empty, tiny_town.snapshot, model, as_of, NOW, quiet)
        assert (again.is_new, again.head.hindsight) == (False, hindsight)
