"""What became of a list: counts that add up, shares with intervals, and what is not told of too few."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.outcomes import (
    LEAST_GROUP,
    Estimate,
    Figures,
    Place,
    Side,
    Tally,
    calibration,
    capture,
    expected_admissions,
    expected_precision,
    expected_recall,
    precision,
    recall,
    share,
)


def place(probability: float = 0.2, *, listed: bool = True, acted: bool = False, admitted: bool | None = None) -> Place:
    return Place(probability, "high" if listed else "usual", listed, acted, admitted)


def told_list() -> list[Place]:
    """Ten listed, three of them admitted; thirty below, two of them admitted."""
    listed = [place(0.3, acted=at < 5, admitted=at in {1, 7, 8}) for at in range(10)]
    return listed + [place(0.05, listed=False, admitted=at < 2) for at in range(30)]


def places() -> st.SearchStrategy[list[Place]]:
    return st.lists(
        st.builds(
            Place,
            st.floats(0, 1),
            st.sampled_from(["usual", "high"]),
            st.booleans(),
            st.booleans(),
            st.booleans(),
        ),
        max_size=12,
    )


def value(estimate: Estimate | None) -> float:
    assert estimate is not None
    assert estimate.low <= estimate.value <= estimate.high
    return estimate.value


def test_precision_recall_capture_and_calibration_of_a_told_list():
    side = Figures.of(told_list(), told=True).everyone
    assert value(precision(side)) == pytest.approx(3 / 10)
    assert value(recall(side)) == pytest.approx(3 / 5)
    assert value(capture(side)) == pytest.approx(3 / 5)
    assert value(calibration(side.ranked)) == pytest.approx(5 / 4.5)
    assert {band: (one.citizens, one.admitted) for band, one in side.bands.items()} == {
        "high": (10, 3),
        "usual": (30, 2),
    }


def test_a_list_shorter_than_the_admitted_is_measured_against_what_it_could_hold():
    short = [place(admitted=True), place(admitted=False), *(place(listed=False, admitted=True) for _ in range(5))]
    side = Side.of(short)
    assert value(recall(side)) == pytest.approx(1 / 6)
    assert value(capture(side)) == pytest.approx(1 / 2)


def test_those_acted_on_are_left_out_of_the_other_side():
    figures = Figures.of(told_list(), told=True)
    assert (figures.acted, figures.unacted.listed.citizens) == (5, 5)
    assert value(precision(figures.unacted)) == pytest.approx(2 / 5)
    assert figures.may_be_split


@pytest.mark.parametrize(("acted", "of"), [(LEAST_GROUP - 1, 20), (17, 20)])
def test_too_few_acted_on_or_too_few_left_are_not_told_of_apart(acted: int, of: int):
    few = [place(acted=at < acted, admitted=False) for at in range(of)]
    assert not Figures.of(few, told=True).may_be_split


def test_who_has_no_outcome_is_left_out_of_a_told_list_and_kept_in_one_that_is_not():
    mixed = [place(admitted=True), place(admitted=None)]
    assert Side.of(mixed).listed.citizens == 1
    assert Side.of([place(), place()]).listed.citizens == 2


@given(places(), places())
def test_adding_figures_is_counting_together(one: list[Place], other: list[Place]):
    first, second = Figures.of(one, told=True), Figures.of(other, told=True)
    together = first.after(second)
    assert together.lists == 2
    assert first.beside(second).lists == 1
    assert first.beside(second).everyone == together.everyone
    counted = Tally.of([*one, *other])
    assert together.everyone.ranked.citizens == counted.citizens
    assert together.everyone.ranked.admitted == counted.admitted
    assert together.everyone.ranked.expected == pytest.approx(counted.expected)
    assert sum(band.citizens for band in together.everyone.bands.values()) == counted.citizens
    assert together.everyone.possible <= together.everyone.listed.citizens


def test_before_the_horizon_has_passed_the_scores_say_what_to_expect():
    side = Figures.of(
        [place(0.2) for _ in range(20)] + [place(0.05, listed=False) for _ in range(80)], told=False
    ).everyone
    admissions = expected_admissions(side.listed)
    assert (admissions.value, admissions.low, admissions.high) == (pytest.approx(4.0), 0.0, 8.0)
    found = expected_precision(side)
    assert found is not None
    assert (found.value, found.low, found.high) == (pytest.approx(0.2), 0.0, 0.4)
    assert value(expected_recall(side)) == pytest.approx(0.5)


def test_nothing_is_told_of_nobody():
    nobody = Side()
    assert (precision(nobody), recall(nobody), capture(nobody), expected_precision(nobody)) == (None,) * 4
    assert expected_recall(nobody) is None
    assert calibration(Tally()) is None
    assert calibration(Tally(citizens=3)) is None
    assert share(0, 0) is None


def test_wilsons_interval_is_the_published_one():
    found = share(3, 10)
    assert found is not None
    assert (round(found.low, 3), round(found.high, 3)) == (0.108, 0.603)


@given(st.integers(1, 200), st.integers(1, 52), st.data())
def test_an_interval_holds_its_share_and_lists_that_overlap_never_narrow_it_as_fast_as_their_number(
    of: int, lists: int, data: st.DataObject
):
    count = data.draw(st.integers(0, of))
    alone, several = share(count, of), share(count * lists, of * lists, lists)
    assert alone is not None
    assert several is not None
    assert 0 <= several.low <= several.value + 1e-12
    assert several.value - 1e-12 <= several.high <= 1
    naive = share(count * lists, of * lists)
    assert naive is not None
    assert several.high - several.low >= naive.high - naive.low - 1e-12
    assert math.isclose(alone.value, several.value)
