"""The account of a label: what it is, why, with every boundary, as the functions that make it decide."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.cohort import Status, cohort
from models.truth.label import POLICIES, UNTOLD, LabelPolicy, label
from models.truth.label_account import LabelAccount, label_account
from models.windows import day_number
from tests.models.happenings import as_events, happenings
from tests.models.invented import histories, turning_days

BROAD = POLICIES["acute_broad@1"]
CENSORED = replace(BROAD, name="censored", competing_is_negative=False)
IN_CARE = """
    code               | occurred_at
    citizen:care_start | 2025-01-01 00:00
    visit:nursing      | 2025-03-08 10:00
"""


def account(
    told: str = "", day: str = "2025-03-10", known_before: str = "2025-08-01", policy: LabelPolicy = BROAD
) -> LabelAccount:
    """The account of citizen 1, in care since January and visited just before, of whom more is told."""
    events = as_events(happenings(IN_CARE.rstrip() + "\n" + told))
    return label_account(
        events, 1, day_number(date.fromisoformat(day)), policy, day_number(date.fromisoformat(known_before))
    )


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ("stay:acute | 2025-03-10 00:00", "1"),
        ("stay:untagged | 2025-04-08 23:59", "1"),
        ("stay:acute | 2025-04-09 00:00", "0"),
        ("stay:planned | 2025-03-12 10:00", "0"),
        ("stay:emergency | 2025-03-12 10:00", "0"),
        ("stay:death | 2025-03-20 10:00", "0"),
        ("citizen:death | 2025-03-20 00:00", "0"),
        ("citizen:care_end | 2025-03-20 00:00", "0"),
    ],
    ids=[
        "admitted on the date itself",
        "admitted on the last day, untagged",
        "admitted when the horizon is over",
        "planned",
        "emergency ward only",
        "died in hospital",
        "died at home",
        "moved away or care ended",
    ],
)
def test_the_label_and_what_was_looked_at(told: str, outcome: str) -> None:
    found = account(told)
    assert found.outcome == outcome
    assert told.split(" | ", maxsplit=1)[0] in [fact.code for fact in found.facts]


def test_every_end_of_every_window_is_stated() -> None:
    found = account()
    assert (found.horizon_first, found.horizon_end) == (date(2025, 3, 10), date(2025, 4, 9))
    assert (found.told_from, found.known_before) == (date(2025, 4, 12), date(2025, 8, 1))
    assert (found.policy, found.counted) == ("acute_broad@1", ("stay:acute", "stay:untagged"))


def test_what_each_fact_meant() -> None:
    told = """stay:start | 2025-03-12 10:00
    stay:acute         | 2025-03-12 10:00
    stay:planned       | 2025-03-20 10:00
    stay:death         | 2025-03-25 10:00"""
    meant = {fact.code: fact.meant for fact in account(told).facts}
    assert meant == {
        "citizen:care_start": "outside the horizon",
        "stay:start": "no outcome by itself",
        "stay:acute": "counts",
        "stay:planned": "not counted by acute_broad@1",
        "stay:death": "no admission",
    }
    assert account(told, policy=CENSORED).facts[-1].meant == "leaves the row out"


@pytest.mark.parametrize(
    ("told", "day", "why"),
    [
        ("", "2024-12-01", "Not in home care: no start of home care was known before the date."),
        ("citizen:care_end | 2025-03-01 00:00", "2025-03-10", "Not in home care: home care had ended by the date."),
        ("stay:death | 2025-03-01 00:00", "2025-03-10", "Not in home care: the citizen had died before the date."),
        ("stay:start | 2025-03-09 10:00", "2025-03-10", "In home care but not ranked: in hospital on the date."),
        ("", "2025-03-24", "In home care but not ranked: nothing was written about the citizen for 14 days."),
    ],
)
def test_why_a_citizen_is_not_in_the_cohort(told: str, day: str, why: str) -> None:
    found = account(told, day)
    assert (found.outcome, found.why) == ("not in cohort", why)


def test_who_is_terminal_or_whose_care_begins_later_is_not_in_the_cohort() -> None:
    later = "code | occurred_at | recorded_at\ncitizen:care_start | 2025-04-01 00:00 | 2025-02-01 00:00"
    events = as_events(happenings(later))
    assert label_account(events, 1, day_number(date(2025, 3, 10)), BROAD, 30_000).why.endswith("begins after the date.")
    text = (
        "code | occurred_at | value\ncitizen:care_start | 2025-01-01 00:00 |\ncitizen:terminal | 2025-02-01 00:00 | 1"
    )
    events = as_events(happenings(text))
    assert "declared terminal" in label_account(events, 1, day_number(date(2025, 3, 10)), BROAD, 30_000).why


def test_an_outcome_that_cannot_be_told_yet_is_censored_and_says_from_when_it_can() -> None:
    found = account("stay:acute | 2025-03-12 10:00", known_before="2025-04-11")
    assert found.outcome == "censored"
    assert "2025-04-12" in found.why
    assert account("stay:acute | 2025-03-12 10:00", known_before="2025-04-12").outcome == "1"


def test_under_a_policy_that_leaves_deaths_out_they_are_censored() -> None:
    found = account("stay:death | 2025-03-20 10:00", policy=CENSORED)
    assert found.outcome == "censored"
    assert "leaves such rows out" in found.why


@given(st.data())
def test_the_account_says_what_the_label_and_the_cohort_say(data: st.DataObject) -> None:
    codes = ("stay:acute", "stay:planned", "stay:start", "stay:end", "citizen:care_start", "citizen:care_end")
    day = data.draw(turning_days())
    events = as_events(data.draw(histories(day, (*codes, "citizen:death", "visit:nursing", "citizen:terminal"))))
    as_of = day_number(day) - data.draw(st.integers(0, 40))
    policy = data.draw(st.sampled_from([BROAD, CENSORED]))
    rows = cohort(events, [as_of])
    ranked = set(rows.citizen[rows.status == Status.RANKED].tolist())
    for citizen in (1, 2, 3):
        found = label_account(events, citizen, as_of, policy, day_number(day))
        told = label(events, np.array([citizen], np.int32), np.array([as_of], np.int32), policy, day_number(day))
        expected = {UNTOLD: "censored", 0: "0", 1: "1"}[int(told[0])]
        assert found.outcome == (expected if citizen in ranked else "not in cohort")
