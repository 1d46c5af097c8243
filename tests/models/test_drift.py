"""Drift's arithmetic against its definitions written out slowly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import drift

numbers = st.lists(st.integers(-3, 6).map(float), min_size=1, max_size=40)


@given(numbers, numbers)
def test_the_distance_is_kolmogorov_and_smirnovs(before: list[float], now: list[float]):
    earlier, later = np.array(before), np.array(now)
    expected = max(abs(float((earlier <= value).mean() - (later <= value).mean())) for value in (*before, *now))
    assert drift.ks(earlier, later) == pytest.approx(expected)


@given(numbers)
def test_what_did_not_change_has_not_drifted(values: list[float]):
    rows = np.array(values, np.float32)[:, np.newaxis]
    found = drift.columns(rows, rows)
    assert found.psi[0] == pytest.approx(0.0)
    assert found.ks[0] == pytest.approx(0.0, abs=1e-9)


def test_the_index_is_its_definition_over_tenths_and_the_missing():
    before = np.r_[np.arange(100.0), np.full(25, np.nan)]
    now = np.r_[np.full(60, 95.0), np.full(40, np.nan)]
    found = drift.columns(before[:, np.newaxis], now[:, np.newaxis])
    shares = np.r_[np.full(9, 10.0), 10.0, 25.0] / 125
    later = np.maximum(np.r_[np.zeros(9), 60.0, 40.0] / 100, 1e-4)
    assert found.psi[0] == pytest.approx(((later - shares) * np.log(later / shares)).sum(), rel=0.02)
    assert (found.missing_before[0], found.missing_now[0]) == pytest.approx((0.2, 0.4))


def test_a_feature_that_was_never_there_and_one_that_is_gone_have_drifted():
    there, gone = np.ones((50, 1)), np.full((50, 1), np.nan)
    for before, now in ((there, gone), (gone, there)):
        found = drift.columns(before, now)
        assert found.psi[0] > 5.0
        assert found.ks[0] == pytest.approx(0.0, abs=1e-9)
    assert drift.columns(gone, gone).psi[0] == 0.0
    assert drift.columns(np.empty((0, 1)), there).psi[0] == 0.0
    assert drift.columns(np.empty((4, 0)), np.empty((4, 0))).psi.shape == (0,)


def test_chance_alone_stays_below_what_is_said_of_chance():
    generator = np.random.default_rng(1)
    before, now = generator.normal(size=(800, 300)), generator.normal(size=(500, 300))
    limit = drift.psi_by_chance(800, 500, bins=drift.BINS)
    above = int((drift.columns(before, now).psi > limit).sum())
    assert above <= 4
    assert limit < 0.12
    assert drift.psi_by_chance(0, 500) == float("inf")
    # What has moved by half a standard deviation is seen.
    assert (drift.columns(before, now + 0.5).psi > limit).all()


def test_rates_are_compared_over_their_exposures():
    change = drift.rates(np.array([100.0, 100.0, 0.0]), np.array([100.0, 50.0, 0.0]), 1000.0, 500.0)
    assert change.ratio == pytest.approx([2.0, 1.0, 2.0], rel=0.02)
    assert change.z[0] > 4.5
    assert abs(change.z[1]) < 0.1
    assert abs(change.z[2]) < 1.0
    nobody = drift.rates(np.array([1.0]), np.array([1.0]), 0.0, 10.0)
    assert (nobody.ratio[0], nobody.z[0]) == (1.0, 0.0)


def test_lateness_is_told_in_five_stretches():
    assert drift.late_shares(np.array([-1, 0, 1, 2, 3, 4, 7, 8, 90], np.int32)).tolist() == [2, 1, 2, 2, 2]


def test_empty_samples_are_no_distance():
    assert drift.ks(np.empty(0), np.ones(3)) == 0.0
