"""Notifications to stays: what is believed on each date, from the messages that had come by then."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.truth import episodes
from models.truth.episodes import stays
from models.windows import ZONE
from tests.models.happenings import moment
from tests.models.invented import turning_days
from tests.models.notices import another_future, as_rows, messages, notices
from tests.models.oracle.stays import Notice, believed, told

ADMISSIONS = (episodes.ADMITTED_ACUTE, episodes.ADMITTED_PLANNED, episodes.ADMITTED_UNTAGGED)


def believed_on(day: str, text: str) -> list[str]:
    """What a list of the day believes of citizen 1: code and local time, oldest first; the oracle must agree."""
    found, as_of = notices(text), date.fromisoformat(day)
    facts = told(stays(as_rows(found)), as_of)
    assert facts == believed(found, as_of)
    return [code for _, code, _, _ in sorted(facts, key=lambda fact: (fact[2], fact[1]))]


def test_an_inpatient_stay_begins_and_ends() -> None:
    text = """
        activity                 | occurred_at
        admit-inpatient          | 2025-03-03 10:00
        discharge-inpatient-home | 2025-03-05 22:00
    """
    assert believed_on("2025-03-03", text) == []
    assert believed_on("2025-03-04", text) == ["stay:start", "stay:untagged"]
    assert believed_on("2025-03-06", text) == ["stay:start", "stay:untagged", "stay:end"]


@pytest.mark.parametrize(
    "order", [("admit-inpatient", "cancel-admit-inpatient"), ("cancel-admit-inpatient", "admit-inpatient")]
)
def test_a_cancellation_written_in_the_same_moment_cancels_whichever_came_first(order: tuple[str, str]) -> None:
    text = "\n".join(["activity | occurred_at", *(f"{activity} | 2025-03-03 10:00" for activity in order)])
    assert believed_on("2025-03-04", text) == []


def test_the_end_of_a_stay_tells_how_many_days_it_lasted() -> None:
    text = """
        activity                 | occurred_at
        admit-inpatient          | 2025-03-03 10:00
        discharge-inpatient-home | 2025-03-05 22:00
    """
    facts = told(stays(as_rows(notices(text))), date(2025, 3, 10))
    assert (1, "stay:end", moment("2025-03-05 22:00"), 2.5) in facts


@pytest.mark.parametrize(
    ("planned", "emergency_at", "expected"),
    [
        ("", "", episodes.ADMITTED_UNTAGGED),
        ("true", "", episodes.ADMITTED_PLANNED),
        ("false", "", episodes.ADMITTED_ACUTE),
        ("", "2025-03-03 08:00", episodes.ADMITTED_ACUTE),
        ("true", "2025-03-03 08:00", episodes.ADMITTED_ACUTE),
        ("", "2025-03-02 10:00", episodes.ADMITTED_ACUTE),
        ("", "2025-03-02 09:59", episodes.ADMITTED_UNTAGGED),
        ("true", "2025-03-03 10:01", episodes.ADMITTED_PLANNED),
    ],
)
def test_how_an_admission_is_known_to_be_acute(planned: str, emergency_at: str, expected: str) -> None:
    text = f"activity | occurred_at | planned\nadmit-inpatient | 2025-03-03 10:00 | {planned}"
    text += f"\nadmit-emergency | {emergency_at} |" if emergency_at else ""
    assert expected in believed_on("2025-03-10", text)


def test_a_visit_to_the_emergency_ward_alone_is_no_admission() -> None:
    text = """
        activity                 | occurred_at
        admit-emergency          | 2025-03-03 10:00
        discharge-emergency-home | 2025-03-03 16:00
    """
    assert believed_on("2025-03-10", text) == ["stay:emergency", "stay:start", "stay:end"]


def test_leaving_the_emergency_ward_for_a_bed_ends_nothing() -> None:
    text = """
        activity                 | occurred_at
        admit-emergency          | 2025-03-03 10:00
        discharge-emergency-home | 2025-03-03 16:00
        admit-inpatient          | 2025-03-03 16:00
    """
    assert believed_on("2025-03-10", text) == ["stay:start", "stay:acute"]


def test_leave_is_no_discharge_and_death_ends_a_stay() -> None:
    text = """
        activity              | occurred_at
        admit-inpatient       | 2025-03-03 10:00
        start-leave-inpatient | 2025-03-04 10:00
        end-leave-inpatient   | 2025-03-05 10:00
        deceased              | 2025-03-06 10:00
    """
    assert believed_on("2025-03-06", text) == ["stay:start", "stay:untagged"]
    assert believed_on("2025-03-07", text) == ["stay:start", "stay:untagged", "stay:death", "stay:end"]


def test_a_message_that_comes_late_changes_only_later_lists() -> None:
    text = """
        activity                 | occurred_at      | recorded_at
        admit-inpatient          | 2025-03-03 10:00 | 2025-03-03 11:00
        discharge-inpatient-home | 2025-03-05 10:00 | 2025-03-09 00:00
    """
    assert believed_on("2025-03-09", text) == ["stay:start", "stay:untagged"]
    assert believed_on("2025-03-10", text) == ["stay:start", "stay:untagged", "stay:end"]


def test_a_revision_moves_a_stay_and_a_cancellation_takes_it_away() -> None:
    text = """
        activity               | occurred_at      | recorded_at
        admit-inpatient        | 2025-03-03 10:00 | 2025-03-03 10:00
        revise-admit-inpatient | 2025-03-02 10:00 | 2025-03-05 10:00
        cancel-admit-inpatient | 2025-03-02 10:00 | 2025-03-07 10:00
    """
    rows = stays(as_rows(notices(text)))
    assert told(rows, date(2025, 3, 5)) >= {(1, "stay:start", moment("2025-03-03 10:00"), None)}
    assert told(rows, date(2025, 3, 6)) >= {(1, "stay:start", moment("2025-03-02 10:00"), None)}
    assert [believed_on(day, text) for day in ("2025-03-05", "2025-03-06", "2025-03-08")] == [
        ["stay:start", "stay:untagged"],
        ["stay:start", "stay:untagged"],
        [],
    ]


def test_a_message_after_a_cancellation_stands_again() -> None:
    text = """
        activity               | occurred_at      | recorded_at
        admit-inpatient        | 2025-03-03 10:00 | 2025-03-03 10:00
        cancel-admit-inpatient | 2025-03-03 10:00 | 2025-03-04 10:00
        admit-inpatient        | 2025-03-03 12:00 | 2025-03-05 10:00
    """
    assert believed_on("2025-03-05", text) == []
    assert believed_on("2025-03-06", text) == ["stay:start", "stay:untagged"]


def test_a_corrected_row_counts_as_it_stood_on_each_date() -> None:
    text = """
        activity        | occurred_at      | recorded_at      | superseded_at    | planned
        admit-inpatient | 2025-03-03 10:00 | 2025-03-03 10:00 | 2025-03-06 10:00 | true
        admit-inpatient | 2025-03-03 10:00 | 2025-03-06 10:00 |                  | false
    """
    assert believed_on("2025-03-06", text) == ["stay:planned", "stay:start"]
    assert believed_on("2025-03-07", text) == ["stay:acute", "stay:start"]


def admitted_at(day: str, text: str) -> list[str]:
    """When the admissions believed on the day began, by local time."""
    believed_on(day, text)
    facts = told(stays(as_rows(notices(text))), date.fromisoformat(day))
    return sorted(str(at.astimezone(ZONE))[:16] for _, code, at, _ in facts if code in ADMISSIONS)


def test_a_second_report_of_an_admission_is_a_transfer_to_another_hospital_and_the_earliest_holds() -> None:
    text = """
        activity                 | occurred_at
        admit-inpatient          | 2025-03-03 10:00
        admit-inpatient          | 2025-03-04 15:00
        discharge-inpatient-home | 2025-03-06 12:00
    """
    assert believed_on("2025-03-10", text) == ["stay:start", "stay:untagged", "stay:end"]
    assert admitted_at("2025-03-10", text) == ["2025-03-03 10:00"]


def test_the_earliest_report_holds_also_when_it_comes_last() -> None:
    text = """
        activity        | occurred_at      | recorded_at
        admit-inpatient | 2025-03-04 15:00 | 2025-03-04 15:00
        admit-inpatient | 2025-03-03 10:00 | 2025-03-07 08:00
    """
    assert admitted_at("2025-03-07", text) == ["2025-03-04 15:00"]
    assert admitted_at("2025-03-08", text) == ["2025-03-03 10:00"]


def test_a_revision_takes_the_place_of_every_report_before_it() -> None:
    text = """
        activity               | occurred_at      | recorded_at
        admit-inpatient        | 2025-03-03 10:00 | 2025-03-03 10:00
        admit-inpatient        | 2025-03-04 15:00 | 2025-03-04 15:00
        revise-admit-inpatient | 2025-03-04 09:00 | 2025-03-05 10:00
        admit-inpatient        | 2025-03-06 08:00 | 2025-03-06 08:00
    """
    assert admitted_at("2025-03-06", text) == ["2025-03-04 09:00"]
    assert admitted_at("2025-03-10", text) == ["2025-03-04 09:00"]


@pytest.mark.parametrize(
    ("cancelled", "left"),
    [("2025-03-04 15:00", ["2025-03-03 10:00"]), ("2025-03-03 10:00", ["2025-03-04 15:00"]), ("2025-03-05 00:00", [])],
)
def test_a_cancellation_takes_the_report_of_its_time_away_or_all_when_none_is_of_it(
    cancelled: str, left: list[str]
) -> None:
    text = f"""
        activity               | occurred_at      | recorded_at
        admit-inpatient        | 2025-03-03 10:00 | 2025-03-03 10:00
        admit-inpatient        | 2025-03-04 15:00 | 2025-03-04 15:00
        cancel-admit-inpatient | {cancelled}      | 2025-03-05 10:00
    """
    assert admitted_at("2025-03-10", text) == left


def test_a_cancellation_sent_twice_cancels_once() -> None:
    text = """
        activity               | occurred_at      | recorded_at
        admit-inpatient        | 2025-03-03 10:00 | 2025-03-03 10:00
        admit-inpatient        | 2025-03-04 15:00 | 2025-03-04 15:00
        cancel-admit-inpatient | 2025-03-04 15:00 | 2025-03-05 10:00
        cancel-admit-inpatient | 2025-03-04 15:00 | 2025-03-05 10:00
    """
    assert admitted_at("2025-03-10", text) == ["2025-03-03 10:00"]


def test_a_discharge_said_to_have_happened_before_the_citizen_came_ends_nothing() -> None:
    text = """
        activity                 | occurred_at
        discharge-emergency-home | 2025-03-03 08:00
        admit-emergency          | 2025-03-03 10:00
    """
    assert believed_on("2025-03-10", text) == ["stay:emergency", "stay:start"]


def test_an_admission_after_the_episodes_discharge_is_a_stay_of_its_own() -> None:
    text = """
        activity                 | occurred_at
        admit-inpatient          | 2025-03-03 10:00
        discharge-inpatient-home | 2025-03-05 10:00
        admit-inpatient          | 2025-03-08 10:00
        discharge-inpatient-home | 2025-03-09 10:00
    """
    assert believed_on("2025-03-10", text) == ["stay:start", "stay:untagged", "stay:end"] * 2
    cancelled = f"{text.rstrip()}\n cancel-admit-inpatient | 2025-03-08 10:00"
    assert admitted_at("2025-03-10", cancelled) == ["2025-03-03 10:00"]


def test_a_bed_within_a_day_of_the_emergency_ward_is_the_same_stay_and_a_later_one_is_not() -> None:
    text = """
        activity                 | occurred_at
        admit-emergency          | 2025-03-03 10:00
        discharge-emergency-home | 2025-03-03 12:00
        admit-inpatient          | 2025-03-04 {hour}
    """
    assert believed_on("2025-03-10", text.format(hour="10:00")) == ["stay:start", "stay:acute"]
    alone = ["stay:emergency", "stay:start", "stay:end", "stay:start", "stay:untagged"]
    assert believed_on("2025-03-10", text.format(hour="10:01")) == alone


def test_a_second_visit_to_the_emergency_ward_in_one_episode_is_not_lost() -> None:
    text = """
        activity                 | occurred_at
        admit-emergency          | 2025-03-01 10:00
        discharge-emergency-home | 2025-03-01 12:00
        admit-emergency          | 2025-03-05 10:00
        admit-inpatient          | 2025-03-05 14:00
    """
    assert believed_on("2025-03-10", text) == ["stay:emergency", "stay:start", "stay:end", "stay:start", "stay:acute"]


def test_a_report_written_after_a_death_begins_no_new_stay() -> None:
    text = """
        activity        | occurred_at
        admit-inpatient | 2025-03-01 10:00
        deceased        | 2025-03-03 10:00
        admit-inpatient | 2025-03-04 10:00
    """
    assert believed_on("2025-03-10", text) == ["stay:start", "stay:untagged", "stay:death", "stay:end"]


def test_an_episode_nobody_has_ended_stays_open() -> None:
    text = "activity | occurred_at\nadmit-emergency | 2025-03-03 10:00\nadmit-inpatient | 2025-03-03 16:00"
    assert believed_on("2026-03-03", text) == ["stay:start", "stay:acute"]


@pytest.mark.parametrize("repeated", [1, 3])
def test_messages_written_in_one_moment_say_the_same_in_whichever_order_they_came(repeated: int) -> None:
    rows = [
        ("admit-inpatient", "2025-03-03 10:00", "true"),
        ("admit-inpatient", "2025-03-03 10:00", "false"),
        ("discharge-inpatient-home", "2025-03-05 10:00", ""),
        ("discharge-inpatient-home", "2025-03-06 10:00", ""),
        ("cancel-admit-inpatient", "2025-03-09 10:00", ""),
        ("admit-emergency", "2025-03-03 09:00", ""),
    ]
    found = {
        tuple(believed_on("2025-03-20", _one_moment([row for row in order for _ in range(repeated)])))
        for order in permutations(rows)
    }
    assert found == {("stay:emergency", "stay:start", "stay:end")}


def _one_moment(rows: list[tuple[str, str, str]]) -> str:
    told = [f"{activity} | {at} | 2025-03-10 10:00 | {planned}" for activity, at, planned in rows]
    return "\n".join(["activity | occurred_at | recorded_at | planned", *told])


@pytest.mark.parametrize(("second", "stays_believed"), [("2025-03-05 14:00", 1), ("2025-03-05 14:01", 2)])
def test_a_stay_within_four_hours_of_another_is_a_transfer(second: str, stays_believed: int) -> None:
    text = f"""
        episode | activity                 | occurred_at
        e1      | admit-inpatient          | 2025-03-03 10:00
        e1      | discharge-inpatient-home | 2025-03-05 10:00
        e2      | admit-inpatient          | {second}
        e2      | discharge-inpatient-home | 2025-03-07 10:00
    """
    assert believed_on("2025-03-10", text).count("stay:start") == stays_believed
    assert believed_on("2025-03-10", text).count("stay:end") == stays_believed


def test_an_emergency_contact_while_transferred_does_not_make_a_planned_stay_acute() -> None:
    text = """
        episode | activity                 | occurred_at      | planned
        e1      | admit-inpatient          | 2025-03-03 10:00 | true
        e1      | discharge-inpatient-home | 2025-03-05 10:00 |
        e2      | admit-emergency          | 2025-03-05 11:00 |
    """
    assert believed_on("2025-03-10", text) == ["stay:planned", "stay:start"]


def test_the_emergency_contact_nearest_the_admission_tells_how_it_began() -> None:
    text = """
        episode | activity                 | occurred_at
        e1      | admit-emergency          | 2025-03-03 00:00
        e1      | discharge-emergency-home | 2025-03-03 20:00
        e2      | admit-emergency          | 2025-03-03 22:00
        e2      | discharge-emergency-home | 2025-03-04 06:00
        e3      | admit-inpatient          | 2025-03-04 07:00
    """
    assert believed_on("2025-03-10", text) == ["stay:start", "stay:acute"]


def test_a_stay_within_another_does_not_shorten_it() -> None:
    text = """
        episode | activity                 | occurred_at
        e1      | admit-inpatient          | 2025-03-01 10:00
        e1      | discharge-inpatient-home | 2025-03-08 10:00
        e2      | admit-inpatient          | 2025-03-02 10:00
        e2      | discharge-inpatient-home | 2025-03-04 10:00
    """
    facts = told(stays(as_rows(notices(text))), date(2025, 3, 10))
    assert {(code, at) for _, code, at, _ in facts} >= {("stay:end", moment("2025-03-08 10:00"))}
    assert believed_on("2025-03-10", text) == ["stay:start", "stay:untagged", "stay:end"]


def test_a_death_is_not_forgotten_in_a_transfer() -> None:
    text = """
        episode | activity        | occurred_at
        e1      | admit-inpatient | 2025-03-01 10:00
        e1      | deceased        | 2025-03-03 10:00
        e2      | admit-inpatient | 2025-03-03 11:00
    """
    assert "stay:death" in believed_on("2025-03-10", text)


def test_without_messages_there_are_no_stays() -> None:
    assert stays(as_rows([])).num_rows == 0


@given(st.data())
def test_what_is_believed_on_each_date_is_what_the_messages_of_that_date_say(data: st.DataObject) -> None:
    day = data.draw(turning_days())
    found = data.draw(messages(day))
    events = stays(as_rows(found))
    for days in range(-12, 30, 3):
        as_of = day + timedelta(days=days)
        assert told(events, as_of) == believed(found, as_of)


@given(st.data())
def test_the_order_messages_lie_in_changes_no_stay(data: st.DataObject) -> None:
    found = data.draw(messages(data.draw(turning_days())))
    assert stays(as_rows(data.draw(st.permutations(found)))).equals(stays(as_rows(found)))


@given(st.data())
def test_messages_sent_again_and_in_another_order_say_the_same(data: st.DataObject) -> None:
    day = data.draw(turning_days())
    found = data.draw(messages(day))
    again = data.draw(st.lists(st.sampled_from(found), max_size=6)) if found else []
    sent = [renumbered(notice, place) for place, notice in enumerate(data.draw(st.permutations([*found, *again])))]
    assert stays(as_rows(sent)).equals(stays(as_rows(found)))


def renumbered(notice: Notice, place: int) -> Notice:
    """The notice as it comes in another order."""
    return replace(notice, sequence=place)


@given(st.data())
def test_no_message_that_came_at_or_after_a_date_changes_what_is_believed_on_it(data: st.DataObject) -> None:
    day = data.draw(turning_days())
    found = data.draw(messages(day))
    other = data.draw(another_future(found, day))
    assert told(stays(as_rows(other)), day) == told(stays(as_rows(found)), day)


@given(st.data())
def test_each_belief_has_one_stretch_of_knowledge_at_a_time(data: st.DataObject) -> None:
    rows = stays(as_rows(data.draw(messages(data.draw(turning_days()))))).to_pylist()
    for row in rows:
        assert row["superseded_at"] is None or row["known_from"] < row["superseded_at"]
