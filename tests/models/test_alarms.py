"""Alarms: they take two to ring, two to fall silent, and do not flutter in between."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.alarms import Limits, State, raised, step, steps

LIMITS = Limits(low=1.0, high=2.0)
FIRST = date(2026, 1, 5)


def _after(values: list[float], limits: Limits = LIMITS) -> State:
    state: State | None = None
    for week, value in enumerate(values):
        state = step(state, FIRST + timedelta(weeks=week), value, limits)
    if state is None:
        raise ValueError("no values")
    return state


@pytest.mark.parametrize(
    ("values", "rings"),
    [
        ([3.0], False),
        ([3.0, 3.0], True),
        ([3.0, 0.0, 3.0], False),
        ([2.0, 2.0], True),
        ([3.0, 3.0, 1.5, 1.5, 1.5], True),
        ([3.0, 3.0, 0.5], True),
        ([3.0, 3.0, 0.5, 0.5], False),
        ([3.0, 3.0, 0.5, 1.5, 0.5], True),
        ([3.0, 3.0, 1.0, 1.0, 3.0], False),
    ],
)
def test_an_alarm_rings_after_two_and_falls_silent_after_two(values: list[float], rings: bool):
    assert _after(values).raised is rings


def test_since_when_is_kept_while_it_rings():
    assert _after([3.0, 3.0, 1.5]).since == FIRST + timedelta(weeks=1)
    assert _after([3.0, 3.0, 0.0, 0.0]).since is None
    assert _after([3.0]).since is None


def test_the_same_date_measured_again_changes_nothing():
    once = step(None, FIRST, 3.0, LIMITS)
    assert step(once, FIRST, 3.0, LIMITS) == once
    assert step(once, FIRST - timedelta(days=7), 3.0, LIMITS) == once


@given(st.lists(st.floats(1.01, 1.99), min_size=1, max_size=20), st.booleans())
def test_between_the_limits_nothing_ever_changes(values: list[float], rings: bool):
    state = State(rings, FIRST if rings else None, 0, FIRST, 1.5)
    for week, value in enumerate(values, start=1):
        state = step(state, FIRST + timedelta(weeks=week), value, LIMITS)
        assert state.raised is rings


def test_several_are_kept_by_name():
    high, low = (3.0, Limits(1.0, 2.0, patience=1)), (0.0, LIMITS)
    first = steps({}, FIRST, {"b": high, "a": high, "c": low})
    assert raised(first) == ("a", "b")
    second = steps(first, FIRST + timedelta(weeks=1), {"a": (0.0, Limits(1.0, 2.0, patience=1))})
    assert raised(second) == ("b",)
    assert second["c"] == first["c"]


@pytest.mark.parametrize(("low", "high", "patience"), [(2.0, 1.0, 1), (1.0, 2.0, 0)])
def test_limits_that_make_no_sense_cannot_be_made(low: float, high: float, patience: int):
    with pytest.raises(ValueError, match="must not cross"):
        Limits(low, high, patience)
