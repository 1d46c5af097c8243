"""What each notification is said to have done: every case a hospital's messages can be in has its name here."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.truth.message_account import deeds
from models.truth.notifications import Message, messages_of
from models.windows import instant
from tests.models.happenings import moment
from tests.models.invented import turning_days
from tests.models.notices import as_rows, messages, notices
from tests.models.oracle.stays import believed
from tests.models.oracle.times import midnight

LONG_AFTER = "2026-01-01 00:00"


def done(text: str, known_before: str = LONG_AFTER) -> list[str]:
    """What each message of the drawn table did, as `did: why`."""
    told = deeds(messages_of(as_rows(notices(text))), instant(moment(known_before)))
    return [f"{deed.did}: {deed.why}" for deed in told]


@pytest.mark.parametrize(
    ("planned", "kind"),
    [
        ("", "not tagged: stay:untagged"),
        ("true", "tagged as planned: stay:planned"),
        ("false", "tagged as not planned: stay:acute"),
    ],
)
def test_an_inpatient_admission_alone_with_and_without_a_tag(planned: str, kind: str) -> None:
    text = f"""
        activity                 | occurred_at      | planned
        admit-inpatient          | 2025-03-03 10:00 | {planned}
        discharge-inpatient-home | 2025-03-05 10:00 |
    """
    assert done(text) == [f"opened: the inpatient admission, {kind}", "ended: it ends the stay"]


def test_the_emergency_ward_and_then_a_bed() -> None:
    text = """
        activity                 | occurred_at
        admit-emergency          | 2025-03-03 10:00
        discharge-emergency-home | 2025-03-03 12:00
        admit-inpatient          | 2025-03-03 13:00
        admit-emergency          | 2025-03-04 13:00
    """
    assert done(text) == [
        "opened: the emergency ward within a day before the inpatient admission makes it acute",
        "ignored: it lies before the admission, or a later message ends the stay",
        "opened: the inpatient admission, not tagged: stay:acute",
        "ignored: the emergency ward, but not within the day before the inpatient admission",
    ]


def test_the_emergency_ward_alone() -> None:
    text = "activity | occurred_at\nadmit-emergency | 2025-03-03 10:00"
    assert done(text) == ["opened: the emergency ward, without an inpatient admission: stay:emergency"]


def test_leave_is_not_discharge_and_death_ends_a_stay() -> None:
    text = """
        activity              | occurred_at
        admit-inpatient       | 2025-03-03 10:00
        start-leave-inpatient | 2025-03-04 10:00
        end-leave-inpatient   | 2025-03-05 10:00
        deceased              | 2025-03-06 10:00
    """
    assert done(text)[1:] == [
        "ignored: leave is not discharge",
        "ignored: leave is not discharge",
        "ended: death ends the stay",
    ]


def test_what_is_revised_and_cancelled() -> None:
    text = """
        activity               | occurred_at      | recorded_at
        cancel-admit-inpatient | 2025-03-01 10:00 | 2025-03-01 10:00
        admit-inpatient        | 2025-03-03 10:00 | 2025-03-03 10:00
        revise-admit-inpatient | 2025-03-02 10:00 | 2025-03-05 10:00
        cancel-admit-inpatient | 2025-03-02 10:00 | 2025-03-07 10:00
        start-leave-inpatient  | 2025-03-08 10:00 | 2025-03-08 10:00
        discharge-inpatient-home | 2025-03-09 10:00 | 2025-03-09 10:00
    """
    revised = "revised: it takes the place of 1 earlier reports of this activity"
    undone = "ignored: a later message revised or cancelled it"
    nothing = "ignored: nothing of this activity stood that it could cancel"
    assert done(text, "2025-03-06 00:00")[:3] == [nothing, undone, revised]
    assert done(text) == [
        nothing,
        undone,
        undone,
        "cancelled: it takes the report of its time away",
        "ignored: leave is not discharge",
        "ignored: no admission of the episode stands",
    ]


def test_a_cancellation_of_no_time_that_was_reported() -> None:
    text = """
        activity               | occurred_at      | recorded_at
        admit-inpatient        | 2025-03-03 10:00 | 2025-03-03 10:00
        cancel-admit-inpatient | 2025-03-04 10:00 | 2025-03-05 10:00
    """
    assert done(text)[1] == "cancelled: no report is of its time, so it takes all of this activity away"


def test_a_transfer_between_hospitals_in_one_episode() -> None:
    text = """
        activity                 | occurred_at
        admit-inpatient          | 2025-03-03 10:00
        admit-inpatient          | 2025-03-04 10:00
        discharge-inpatient-home | 2025-03-05 10:00
        discharge-inpatient-home | 2025-03-06 10:00
    """
    assert done(text) == [
        "opened: the inpatient admission, not tagged: stay:untagged",
        "ignored: reported again, as by the next hospital: the earliest report holds",
        "ignored: of several reports of this activity the one written last holds",
        "ended: it ends the stay",
    ]


def test_what_was_not_known_or_did_not_stand_or_came_twice() -> None:
    text = """
        activity        | occurred_at      | recorded_at      | superseded_at
        admit-inpatient | 2025-03-03 10:00 | 2025-03-03 10:00 | 2025-03-04 10:00
        admit-inpatient | 2025-03-03 11:00 | 2025-03-04 10:00 |
        admit-inpatient | 2025-03-03 11:00 | 2025-03-04 10:00 |
        deceased        | 2025-03-09 10:00 | 2025-03-09 10:00 |
    """
    told = done(text, "2025-03-08 00:00")
    assert told[0] == "ignored: a later version of it, or its retraction, took its place"
    assert sorted(told[1:3]) == [
        "ignored: it says the same as another message",
        "opened: the inpatient admission, not tagged: stay:untagged",
    ]
    assert told[3] == "ignored: it was not known yet"


@given(st.data())
def test_whoever_is_believed_to_have_been_in_hospital_has_a_message_that_opened_it(data: st.DataObject) -> None:
    day: date = data.draw(turning_days())
    found = data.draw(messages(day))
    cut = midnight(day)
    told = messages_of(as_rows(found))
    for citizen in {notice.citizen for notice in found}:
        own: list[Message] = [message for message in told if message.citizen == citizen]
        opened = any(deed.did in {"opened", "revised"} for deed in deeds(own, instant(cut)))
        stayed = any(who == citizen and code == "stay:start" for who, code, _, _ in believed(found, day))
        assert opened or not stayed
