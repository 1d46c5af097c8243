"""The legal switch: which basis is in force for which purpose on which day."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import RequestWrong
from service.legal import LegalBasis, NoLegalBasis, Purpose, in_force, list_purpose, require
from service.storage import legal as stored_legal
from service.storage.database import Database

SET = datetime(2025, 1, 2, 10, 0, 0, 123456, tzinfo=UTC)
FROM, TO = date(2025, 2, 1), date(2025, 6, 1)
ENTRY = LegalBasis(Purpose.TRAIN, "SUL § 42 e", "sag 25/113", FROM, TO, "jurist", SET)
DAY = timedelta(days=1)


@pytest.mark.parametrize(("day", "holds"), [(FROM - DAY, False), (FROM, True), (TO, True), (TO + DAY, False)])
def test_it_holds_from_its_first_day_to_its_last(day: date, holds: bool):
    assert ENTRY.holds_on(day) == holds
    assert (in_force([ENTRY], Purpose.TRAIN, day) == ENTRY) == holds


def test_without_an_end_it_holds_until_changed():
    assert replace(ENTRY, valid_to=None).holds_on(date(2099, 1, 1))


def test_a_purpose_has_only_its_own_basis():
    assert in_force([ENTRY], Purpose.OPERATE, FROM) is None
    assert in_force([], Purpose.TRAIN, FROM) is None


def later(hours: int, begins: date, ends: date | None = None) -> LegalBasis:
    return replace(
        ENTRY, document=f"set {hours} h later", valid_from=begins, valid_to=ends, set_at=SET + hours * DAY / 24
    )


def test_a_later_entry_takes_the_earlier_ones_place_once_it_begins():
    new = later(1, date(2025, 4, 1))
    assert in_force([ENTRY, new], Purpose.TRAIN, date(2025, 3, 31)) == ENTRY
    assert in_force([ENTRY, new], Purpose.TRAIN, date(2025, 4, 1)) == new
    assert in_force([new, ENTRY], Purpose.TRAIN, date(2025, 4, 1)) == new


def test_when_a_later_entry_ends_the_earlier_does_not_come_back():
    short = later(1, FROM, FROM)
    assert in_force([replace(ENTRY, valid_to=None), short], Purpose.TRAIN, FROM) == short
    assert in_force([replace(ENTRY, valid_to=None), short], Purpose.TRAIN, FROM + DAY) is None


def test_of_two_set_in_the_same_instant_the_last_counts():
    assert in_force([ENTRY, later(0, FROM)], Purpose.TRAIN, FROM) == later(0, FROM)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"basis": " "}, "needs its words and its document"),
        ({"document": ""}, "needs its words and its document"),
        ({"valid_to": FROM - DAY}, "It would end on 2025-01-31"),
    ],
)
def test_an_entry_that_says_nothing_or_never_holds_is_refused(wrong: dict[str, object], words: str):
    with pytest.raises(RequestWrong, match=words):
        replace(ENTRY, **wrong)


days = st.dates(date(2025, 1, 1), date(2025, 3, 1))
entries = st.lists(
    st.builds(
        lambda number, begins, length, purpose: replace(
            later(number, begins, begins + length * DAY if length else None), purpose=purpose
        ),
        st.integers(0, 500),
        days,
        st.one_of(st.none(), st.integers(1, 40)),
        st.sampled_from(Purpose),
    ),
    max_size=8,
    unique_by=lambda entry: entry.set_at,
)


@given(entries, days, st.sampled_from(Purpose))
def test_what_is_in_force_holds_and_nothing_begun_was_set_after_it(
    found: list[LegalBasis], day: date, purpose: Purpose
):
    standing = in_force(found, purpose, day)
    begun = [entry for entry in found if entry.purpose is purpose and entry.valid_from <= day]
    if standing is None:
        assert not begun or not max(begun, key=lambda entry: entry.set_at).holds_on(day)
    else:
        assert standing.holds_on(day)
        assert all(entry.set_at <= standing.set_at for entry in begun)
    assert in_force(reversed(found), purpose, day) == standing


def put(database: Database, told: Iterable[LegalBasis]) -> tuple[LegalBasis, ...]:
    """Store entries one after the other, and read all there are."""
    for entry in told:
        with database.write() as session:
            stored_legal.add(session, entry)
    with database.read() as session:
        return stored_legal.entries(session)


def test_entries_are_read_back_as_they_were_set_in_that_order(database: Database):
    told = (later(5, FROM), ENTRY, replace(ENTRY, purpose=Purpose.OPERATE, basis="Særlov [§ 3] æøå", set_by="ø"))
    assert put(database, ()) == ()
    assert put(database, told) == told
    assert put(database, [ENTRY]) == (*told, ENTRY)


def test_what_is_missing_is_told_with_the_command_that_puts_it_on_record():
    with pytest.raises(NoLegalBasis) as caught:
        require([ENTRY], Purpose.TRAIN, TO + DAY)
    assert caught.value.message == "No legal basis for the purpose 'train' is in force today."
    assert caught.value.remedy == "Put it on record: omhu legal set train --basis … --document … --from …"
    assert caught.value.exit_code == 4
    assert require([ENTRY], Purpose.TRAIN, TO) == ENTRY


def test_a_list_is_for_operating_or_else_silent_or_else_not_made():
    operate, silent = (replace(ENTRY, purpose=purpose) for purpose in (Purpose.OPERATE, Purpose.SILENT))
    assert list_purpose([operate, silent], FROM) is Purpose.OPERATE
    assert list_purpose([replace(operate, valid_to=FROM), silent], FROM + DAY) is Purpose.SILENT
    for nothing in ([], [ENTRY], [replace(operate, valid_from=FROM + DAY)]):
        with pytest.raises(NoLegalBasis, match="no list is computed"):
            list_purpose(nothing, FROM)
