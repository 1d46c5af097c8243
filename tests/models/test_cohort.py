"""Who is on the list of a date, and why some of them are not ranked."""

import re
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.cohort import Cohort, Status, cohort, in_care, latest_name
from models.events import Events
from models.projection import RULES, STANDING
from models.truth.acting import ACTED
from models.windows import day_number, day_of
from tests.models.happenings import Happening, as_events, happenings
from tests.models.invented import another_future, histories, turning_days
from tests.models.oracle.people import listed
from tests.models.oracle.times import midnight

CODES = (
    *("citizen:care_start", "citizen:care_start", "citizen:care_start", "citizen:care_end", "citizen:death"),
    *("citizen:terminal", "stay:start", "stay:end", "stay:death", "district:North", "district:South"),
    *("stay:emergency", "stay:acute", "stay:untagged", "stay:planned", ACTED),
    *("team:1", "sex:female", "granted:x", "monitoring:x", "visit:planned", "visit:nursing", "note:SSH"),
    *("a code with district: in it", "a", "b"),
)
Rows = dict[tuple[int, date], tuple[str, str | None]]


def by_row(who: Cohort) -> Rows:
    """Status and district of each row, in words."""
    return {
        (int(citizen), day_of(day)): (Status(status).name, who.districts[district] if district >= 0 else None)
        for citizen, day, status, district in zip(who.citizen, who.as_of, who.status, who.district, strict=True)
    }


def on(day: str, text: str) -> dict[int, str]:
    """The status of each citizen listed on a day; the oracle must agree."""
    found, as_of = happenings(text), date.fromisoformat(day)
    rows = by_row(cohort(as_events(found), [day_number(as_of)]))
    assert rows == {(citizen, as_of): place for citizen, place in listed(found, as_of).items()}
    return {citizen: status for (citizen, _), (status, _) in rows.items()}


IN_CARE = """
    code               | occurred_at      | recorded_at      | superseded_at    | value
    citizen:care_start | 2025-01-10 00:00 | 2025-01-01 08:00 |                  |
    visit:nursing      | 2025-03-09 08:00 | 2025-03-09 08:00 |                  | 20
"""


def test_care_is_in_force_from_its_first_day() -> None:
    text = IN_CARE + "    visit:nursing | 2025-01-08 08:00 | | |"
    assert on("2025-01-09", text) == {}
    assert on("2025-01-10", text) == {1: "RANKED"}


def test_care_that_nobody_wrote_down_beforehand_is_known_the_day_after() -> None:
    text = """
        code               | occurred_at      | recorded_at
        citizen:care_start | 2025-03-10 00:00 | 2025-03-10 00:00
        visit:nursing      | 2025-03-09 08:00 | 2025-03-09 08:00
    """
    assert on("2025-03-10", text) == {}
    assert on("2025-03-11", text) == {1: "RANKED"}


@pytest.mark.parametrize(("day", "expected"), [("2025-03-09", {1: "NO_DATA"}), ("2025-03-10", {}), ("2025-03-11", {})])
def test_the_day_care_ends_is_the_first_without_it(day: str, expected: dict[int, str]) -> None:
    text = """
        code               | occurred_at      | recorded_at
        citizen:care_start | 2025-01-10 00:00 | 2025-01-01 08:00
        citizen:care_end   | 2025-03-10 00:00 | 2025-03-01 08:00
    """
    assert on(day, text) == expected


def test_a_new_end_of_care_replaces_the_old_one() -> None:
    ends = """
    citizen:care_end   | 2025-03-05 00:00 | 2025-02-20 08:00 | 2025-02-25 08:00 |
    citizen:care_end   | 2025-05-01 00:00 | 2025-02-25 08:00 |                  |
    """
    assert on("2025-03-10", IN_CARE + ends.strip()) == {1: "RANKED"}


@pytest.mark.parametrize("code", ["citizen:death", "stay:death"])
def test_the_dead_are_not_listed_once_it_is_known(code: str) -> None:
    text = IN_CARE + f"    {code} | 2025-03-08 00:00 | 2025-03-10 09:00 | |"
    assert on("2025-03-10", text) == {1: "RANKED"}
    assert on("2025-03-11", text) == {}


@pytest.mark.parametrize(("value", "expected"), [("1", "TERMINAL"), ("0", "RANKED"), ("", "RANKED")])
def test_the_terminal_are_listed_apart(value: str, expected: str) -> None:
    text = IN_CARE + f"    citizen:terminal | 2025-03-01 08:00 | | | {value}"
    assert on("2025-03-10", text) == {1: expected}


def test_a_citizen_is_in_hospital_until_the_end_is_known() -> None:
    text = IN_CARE + (
        "    stay:start | 2025-03-08 08:00 | 2025-03-08 09:00 | |\n"
        "    stay:end   | 2025-03-10 08:00 | 2025-03-10 09:00 | |"
    )
    assert on("2025-03-08", text.replace("2025-03-09", "2025-03-07")) == {1: "RANKED"}
    assert on("2025-03-10", text) == {1: "IN_HOSPITAL"}
    assert on("2025-03-11", text) == {1: "RANKED"}


@pytest.mark.parametrize("kind", ["acute", "untagged", "planned"])
@pytest.mark.parametrize(("day", "expected"), [("2025-05-07", "IN_HOSPITAL"), ("2025-05-08", "RANKED")])
def test_a_stay_nobody_ended_for_sixty_days_is_taken_as_over(day: str, expected: str, kind: str) -> None:
    text = IN_CARE + (
        "    stay:start    | 2025-03-08 08:00 | | |\n"
        f"    stay:{kind}   | 2025-03-08 08:00 | | |\n"
        "    visit:nursing | 2025-05-06 08:00 | | |"
    )
    assert on(day, text) == {1: expected}


WARD = IN_CARE + "    stay:start | 2025-03-08 08:00 | | |\n    stay:emergency | 2025-03-08 08:00 | | |\n"


@pytest.mark.parametrize(
    ("day", "expected"), [("2025-03-09", "IN_HOSPITAL"), ("2025-03-10", "IN_HOSPITAL"), ("2025-03-11", "RANKED")]
)
def test_a_visit_to_the_emergency_ward_nobody_ended_is_taken_as_over_after_two_days(day: str, expected: str) -> None:
    assert on(day, WARD) == {1: expected}


def test_a_bed_after_the_emergency_ward_is_a_stay_like_others() -> None:
    bed = "    stay:acute | 2025-03-08 14:00 | | |\n    visit:nursing | 2025-04-20 08:00 | | |\n"
    assert on("2025-04-25", WARD + bed) == {1: "IN_HOSPITAL"}
    assert on("2025-04-25", WARD + bed + "    stay:end | 2025-04-24 10:00 | | |") == {1: "RANKED"}
    assert on("2025-04-25", WARD + bed.replace("2025-03-08", "2025-03-09")) == {1: "IN_HOSPITAL"}


def test_who_lies_in_a_bed_does_so_after_a_visit_to_the_emergency_ward_too() -> None:
    bed = "    stay:start | 2025-03-01 08:00 | | |\n    stay:planned | 2025-03-01 08:00 | | |\n"
    assert on("2025-03-20", WARD + bed) == {1: "IN_HOSPITAL"}


@pytest.mark.parametrize(("day", "expected"), [("2025-03-23", "RANKED"), ("2025-03-24", "NO_DATA")])
def test_fourteen_days_of_silence_are_no_knowledge(day: str, expected: str) -> None:
    assert on(day, IN_CARE) == {1: expected}


def _silent() -> list[str]:
    """A code of every rule for facts that hold until they change, but conditions."""
    rules = [rule.code for table in STANDING for rule in RULES.get(table, ()) if table != "conditions"]
    return [re.sub("{.*}", "x", code) for code in rules]


@pytest.mark.parametrize("code", [*_silent(), "stay:emergency", "stay:end", "visit:planned"])
def test_what_stands_in_the_record_is_not_somebody_having_been_there(code: str) -> None:
    assert "RANKED" not in on("2025-03-30", IN_CARE + f"    {code} | 2025-03-29 08:00 | | |").values()


def test_a_nurse_who_phones_because_of_the_list_makes_no_silent_citizen_ranked() -> None:
    assert on("2025-03-30", IN_CARE + f"    {ACTED} | 2025-03-29 08:00 | | |") == {1: "NO_DATA"}


def test_a_condition_is_somebody_having_written() -> None:
    assert on("2025-03-30", IN_CARE + "    condition:I7.2 | 2025-03-29 08:00 | | |") == {1: "RANKED"}


def test_the_district_is_the_one_known_on_the_date() -> None:
    text = IN_CARE + (
        "    district:North | 2025-01-05 08:00 | 2025-01-05 08:00 | 2025-03-10 08:00 |\n"
        "    district:South | 2025-03-10 08:00 | 2025-03-10 08:00 |                  |"
    )
    days = [day_number(date(2025, 3, day)) for day in (10, 11)]
    places = by_row(cohort(as_events(happenings(text)), days))
    assert [district for _, district in places.values()] == ["North", "South"]


def test_a_citizen_without_a_district_is_listed_all_the_same() -> None:
    elsewhere = "    district:North | 2025-01-05 08:00 | | |"
    assert on("2025-03-10", IN_CARE) == {1: "RANKED"}
    rows = by_row(cohort(as_events(happenings(IN_CARE + elsewhere)[:2]), [day_number(date(2025, 3, 10))]))
    assert rows == {(1, date(2025, 3, 10)): ("RANKED", None)}


def test_a_code_that_only_speaks_of_a_district_is_none() -> None:
    text = IN_CARE + (
        "    district:North | 2025-01-05 08:00 | | |\n    note of district:South | 2025-03-09 08:00 | | |"
    )
    assert on("2025-03-10", text) == {1: "RANKED"}


def test_the_latest_name_of_each_citizen_is_told_as_known_on_the_date() -> None:
    text = """
        citizen | code   | occurred_at      | superseded_at
        1       | team:1 | 2025-03-01 08:00 | 2025-03-05 08:00
        1       | team:2 | 2025-03-05 08:00 |
        2       | a      | 2025-03-05 08:00 |
    """
    events, citizens = as_events(happenings(text)), np.array([1, 2, 3], dtype=np.int32)
    days = [day_number(date(2025, 3, day)) for day in (1, 5, 6)]
    told = [latest_name(events, citizens, day, "team:") for day in days]
    assert told == [["", "", ""], ["1", "", ""], ["2", "", ""]]


def test_of_nobody_there_is_no_list() -> None:
    empty = Events.of([])
    assert len(cohort(empty, [day_number(date(2025, 3, 10))])) == 0
    assert len(cohort(empty, [])) == 0


@given(st.data())
def test_the_cohort_is_the_one_the_oracle_names(data: st.DataObject) -> None:
    day = data.draw(turning_days())
    found = data.draw(histories(day, CODES))
    days = [day, day + timedelta(days=1), day + timedelta(days=7)]
    rows = by_row(cohort(as_events(found), [day_number(each) for each in days]))
    expected = {(citizen, each): place for each in days for citizen, place in listed(found, each).items()}
    assert rows == expected
    assert list(rows) == sorted(rows, key=lambda row: (row[1], row[0]))
    citizens, as_of = in_care(as_events(found), [day_number(each) for each in reversed(days)])
    assert [(int(citizen), day_of(number)) for citizen, number in zip(citizens, as_of, strict=True)] == list(rows)


@given(st.data())
def test_no_row_of_the_cohort_depends_on_anything_recorded_at_or_after_the_date(data: st.DataObject) -> None:
    day = data.draw(turning_days())
    found: list[Happening] = data.draw(histories(day, CODES))
    other = data.draw(another_future(found, midnight(day), histories(day, CODES, most=15)))
    as_of = [day_number(day)]
    assert by_row(cohort(as_events(other), as_of)) == by_row(cohort(as_events(found), as_of))
