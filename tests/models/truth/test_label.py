"""The outcome: which stays count, within which days, and when it can be told at all."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.truth.label import DEFAULT_POLICY, POLICIES, UNTOLD, LabelPolicy, label, last_told
from models.windows import day_number
from tests.models.happenings import Happening, as_events, happenings
from tests.models.invented import another_future, histories, turning_days
from tests.models.oracle.people import outcome
from tests.models.oracle.times import midnight

BROAD, STRICT = POLICIES["acute_broad@1"], POLICIES["acute_strict@1"]
CENSORED = replace(BROAD, name="censored", competing_is_negative=False)
SHORT = LabelPolicy("short", 1, ("stay:acute",), True, horizon_days=3, settled_days=0)
CODES = (
    *("stay:acute", "stay:untagged", "stay:planned", "stay:emergency", "stay:start", "stay:end", "stay:death"),
    *("citizen:care_end", "citizen:death", "visit:nursing"),
)


def labels(found: list[Happening], rows: list[tuple[int, date]], policy: LabelPolicy, known_before: date) -> list[int]:
    """The label of each row."""
    citizen = np.array([citizen for citizen, _ in rows], dtype=np.int32)
    as_of = np.array([day_number(day) for _, day in rows], dtype=np.int32)
    return label(as_events(found), citizen, as_of, policy, day_number(known_before)).tolist()


def label_of(
    text: str, as_of: str = "2025-03-10", known_before: str = "2026-01-01", policy: LabelPolicy = BROAD
) -> int:
    """The label of citizen 1 on a day."""
    return labels(happenings(text), [(1, date.fromisoformat(as_of))], policy, date.fromisoformat(known_before))[0]


@pytest.mark.parametrize(
    ("admitted", "expected"),
    [
        ("2025-03-09 23:59:59.999999", 0),
        ("2025-03-10 00:00", 1),
        ("2025-04-08 23:59:59.999999", 1),
        ("2025-04-09 00:00", 0),
    ],
)
def test_the_horizon_begins_with_the_date_and_is_over_after_thirty_days(admitted: str, expected: int) -> None:
    assert label_of(f"code | occurred_at\nstay:acute | {admitted}") == expected


@pytest.mark.parametrize(
    ("code", "broad", "strict"),
    [
        ("stay:acute", 1, 1),
        ("stay:untagged", 1, 0),
        ("stay:planned", 0, 0),
        ("stay:emergency", 0, 0),
        ("stay:start", 0, 0),
    ],
)
def test_which_stays_count_is_the_policy(code: str, broad: int, strict: int) -> None:
    text = f"code | occurred_at\n{code} | 2025-03-12 10:00"
    assert (label_of(text, policy=BROAD), label_of(text, policy=STRICT)) == (broad, strict)


def test_a_policy_is_known_by_name_and_version() -> None:
    assert {policy.id: policy for policy in POLICIES.values()} == POLICIES
    assert DEFAULT_POLICY.id == "acute_broad@1"


@pytest.mark.parametrize(("known_before", "expected"), [("2025-04-11", UNTOLD), ("2025-04-12", 1)])
def test_a_label_is_told_when_the_horizon_is_over_and_the_messages_are_in(known_before: str, expected: int) -> None:
    text = "code | occurred_at\nstay:acute | 2025-03-12 10:00"
    assert label_of(text, known_before=known_before) == expected


def test_the_last_date_that_can_be_told_is_told() -> None:
    known_before = day_number(date(2025, 4, 12))
    assert last_told(BROAD, known_before) == day_number(date(2025, 3, 10))


def test_a_cancelled_admission_counts_until_the_cancellation_is_known() -> None:
    text = "code | occurred_at | superseded_at\nstay:acute | 2025-03-12 10:00 | 2025-06-01 00:00"
    assert label_of(text, known_before="2025-06-01") == 1
    assert label_of(text, known_before="2025-06-02") == 0


@pytest.mark.parametrize("code", ["citizen:care_end", "citizen:death", "stay:death"])
def test_what_ends_care_is_a_negative_or_untold_as_the_policy_says(code: str) -> None:
    text = f"code | occurred_at\n{code} | 2025-03-20 00:00"
    assert (label_of(text, policy=BROAD), label_of(text, policy=CENSORED)) == (0, UNTOLD)
    assert label_of(f"{text}\nstay:acute | 2025-03-12 10:00", policy=CENSORED) == 1


def test_another_citizens_admission_is_not_ones_own() -> None:
    text = "citizen | code | occurred_at\n2 | stay:acute | 2025-03-12 10:00"
    rows = [(citizen, date(2025, 3, 10)) for citizen in (1, 2, 3)]
    assert labels(happenings(text), rows, BROAD, date(2026, 1, 1)) == [0, 1, 0]


@given(st.data())
def test_labels_are_those_the_oracle_names(data: st.DataObject) -> None:
    day = data.draw(turning_days())
    found = data.draw(histories(day, CODES))
    policy = data.draw(st.sampled_from([BROAD, STRICT, CENSORED, SHORT]))
    rows = [(citizen, day - timedelta(days=back)) for back in (0, 1, 8, 29, 30, 31, 40) for citizen in (1, 2, 3)]
    known_before = day + timedelta(days=data.draw(st.integers(-5, 40)))
    expected = [outcome(found, *row, policy, known_before) for row in rows]
    assert labels(found, rows, policy, known_before) == [UNTOLD if told is None else told for told in expected]


@given(st.data())
def test_no_label_depends_on_anything_known_at_or_after_its_telling(data: st.DataObject) -> None:
    day = data.draw(turning_days())
    found = data.draw(histories(day, CODES))
    other = data.draw(another_future(found, midnight(day), histories(day, CODES, most=15)))
    rows = [(citizen, day - timedelta(days=back)) for back in (3, 12, 33, 40) for citizen in (1, 2, 3)]
    for policy in (CENSORED, SHORT):
        assert labels(other, rows, policy, day) == labels(found, rows, policy, day)
