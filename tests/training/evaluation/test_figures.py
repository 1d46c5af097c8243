"""Every figure against its definition written out slowly, ties and weights included."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.scoring.calibration import probability
from training.evaluation import metrics
from training.evaluation.capacity import Capacity, Capture, WeeklyOrder
from training.evaluation.metrics import Order
from training.evaluation.resampling import Draws

ranked = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 4), st.integers(0, 1), st.integers(0, 3)), min_size=1, max_size=25
)


def _columns(
    drawn: list[tuple[int, int, int, int]],
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int8], NDArray[np.float64]]:
    week, score, outcome, weight = (np.array(column) for column in zip(*drawn, strict=True))
    return week.astype(np.int32), score.astype(np.float64), outcome.astype(np.int8), weight.astype(np.float64)


@given(ranked)
def test_auroc_is_the_share_of_pairs_in_the_right_order(drawn: list[tuple[int, int, int, int]]):
    _, score, outcome, weight = _columns(drawn)
    right = pairs = 0.0
    for i in np.flatnonzero(outcome == 1):
        for j in np.flatnonzero(outcome == 0):
            pairs += weight[i] * weight[j]
            right += weight[i] * weight[j] * (0.5 if score[i] == score[j] else float(score[i] > score[j]))
    found = metrics.auroc(Order.of(score, outcome), weight)
    assert np.isnan(found) if pairs == 0 else found == pytest.approx(right / pairs)


@given(ranked)
def test_a_weight_of_three_is_a_row_that_stands_there_three_times(drawn: list[tuple[int, int, int, int]]):
    week, score, outcome, weight = _columns(drawn)
    times = np.repeat(np.arange(week.size), weight.astype(int))
    if not times.size:
        return
    once = np.ones(times.size)
    for figure in (metrics.auroc, metrics.average_precision):
        weighted, repeated = (
            figure(Order.of(score, outcome), weight),
            figure(Order.of(score[times], outcome[times]), once),
        )
        assert weighted == pytest.approx(repeated, nan_ok=True)
    several = WeeklyOrder.of(week[times], score[times], outcome[times]).cut(Capacity(citizens=3), once)
    assert WeeklyOrder.of(week, score, outcome).cut(Capacity(citizens=3), weight).expected == pytest.approx(
        several.expected
    )


@given(ranked, st.integers(1, 6), st.integers(0, 50))
@settings(max_examples=60)
def test_a_cut_among_equals_lies_between_worst_and_best_luck(
    drawn: list[tuple[int, int, int, int]], places: int, seed: int
):
    week, score, outcome, _ = _columns(drawn)
    cut = WeeklyOrder.of(week, score, outcome).cut(Capacity(citizens=places), np.ones(week.size))
    luck = np.random.default_rng(seed).random(week.size)
    listed = caught = 0
    for each in np.unique(week):
        mine = np.flatnonzero(week == each)
        chosen = mine[np.lexsort((luck[mine], -score[mine]))][:places]
        listed, caught = listed + chosen.size, caught + int(outcome[chosen].sum())
    assert cut.listed == pytest.approx(listed)
    assert cut.worst - 1e-9 <= caught <= cut.best + 1e-9
    assert cut.worst - 1e-9 <= cut.expected <= cut.best + 1e-9


def test_the_expectation_of_a_cut_among_equals_is_exact():
    cut = WeeklyOrder.of(np.zeros(4, np.int32), np.array([9.0, 1.0, 1.0, 1.0]), np.array([1, 1, 0, 0], np.int8)).cut(
        Capacity(citizens=2), np.ones(4)
    )
    assert (cut.expected, cut.worst, cut.best) == (pytest.approx(4 / 3), 1.0, 2.0)
    assert (cut.precision, cut.recall, cut.lift) == (pytest.approx(2 / 3), pytest.approx(2 / 3), pytest.approx(4 / 3))


def test_who_is_on_the_list_adds_up_to_its_places():
    generator = np.random.default_rng(1)
    week = np.repeat(np.arange(5, dtype=np.int32), 40)
    weekly = WeeklyOrder.of(week, generator.integers(0, 9, 200).astype(float), np.zeros(200, np.int8))
    inside = weekly.inside(Capacity(share=0.05), np.ones(200))
    np.testing.assert_allclose(np.bincount(week, inside), 2.0)


@given(ranked, st.sampled_from([Capacity(citizens=2), Capacity(share=0.05), Capacity(share=0.4)]))
@settings(max_examples=60)
def test_what_a_list_catches_is_what_its_rows_are(drawn: list[tuple[int, int, int, int]], capacity: Capacity):
    week, score, outcome, weight = _columns(drawn)
    weekly = WeeklyOrder.of(week, score, outcome)
    inside, cut = weekly.inside(capacity, weight) * weight, weekly.cut(capacity, weight)
    assert cut.listed == pytest.approx(inside.sum())
    assert cut.expected == pytest.approx((inside * outcome).sum())


def test_a_list_of_nobody_admitted_has_no_recall():
    cut = WeeklyOrder.of(np.zeros(3, np.int32), np.arange(3.0), np.zeros(3, np.int8)).cut(
        Capacity(citizens=1), np.ones(3)
    )
    assert np.isnan(cut.recall)
    assert np.isnan(cut.lift)


def test_true_probabilities_have_slope_one_and_intercept_nought():
    generator = np.random.default_rng(0)
    log_odds = generator.normal(-2, 1, 200_000)
    outcome = (generator.random(log_odds.size) < probability(log_odds)).astype(np.int8)
    once = np.ones(log_odds.size)
    slope, intercept = metrics.calibration_line(log_odds, outcome, once)
    assert (slope, intercept) == (pytest.approx(1.0, abs=0.03), pytest.approx(0.0, abs=0.06))
    assert metrics.calibration_line(2 * log_odds, outcome, once)[0] == pytest.approx(slope / 2)
    assert metrics.calibration_in_the_large(probability(log_odds), outcome, once) == pytest.approx(1.0, abs=0.03)
    assert metrics.expected_calibration_error(probability(log_odds), outcome) < 0.005
    assert metrics.brier_skill(probability(log_odds), outcome, once) > 0.1


def test_one_outcome_only_leaves_figures_untold_and_nothing_breaks():
    log_odds, none, once = np.arange(5.0), np.zeros(5, np.int8), np.ones(5)
    order = Order.of(log_odds, none)
    told = [metrics.auroc(order, once), metrics.average_precision(order, once)]
    told += [*metrics.calibration_line(log_odds, none, once), metrics.brier_skill(probability(log_odds), none, once)]
    assert np.all(np.isnan(told))
    assert np.isnan(metrics.expected_calibration_error(np.zeros(0), np.zeros(0, np.int8)))
    assert np.isnan(metrics.auroc(Order.of(np.zeros(0), np.zeros(0, np.int8)), np.zeros(0)))


def test_the_oracle_captures_everything_and_the_opposite_next_to_nothing():
    generator = np.random.default_rng(4)
    risk, week = generator.gamma(0.5, 1.0, 4000), np.repeat(np.arange(4, dtype=np.int32), 1000)
    top, once = Capacity(share=0.05), np.ones(4000)
    assert Capture.of(week, risk, risk).at((top,), once)[0] == pytest.approx(1.0)
    assert Capture.of(week, -risk, risk).at((top,), once)[0] < 0.01
    nothing = np.zeros(4000)
    assert np.isnan(Capture.of(week, risk, nothing).at((top,), once)[0])


def test_of_two_weeks_each_has_a_list_of_its_own():
    week = np.array([0, 0, 1, 1], np.int32)
    risk, score = np.array([0.4, 0.1, 0.05, 0.2]), np.array([9.0, 8.0, 7.0, 1.0])
    assert Capture.of(week, score, risk).at((Capacity(citizens=1),), np.ones(4))[0] == pytest.approx(0.45 / 0.6)


def test_an_interval_by_citizen_is_wider_than_one_by_row():
    generator = np.random.default_rng(5)
    citizen = np.repeat(np.arange(100, dtype=np.int32), 20)
    lasting = np.repeat(generator.normal(size=100), 20)
    by_citizen = Draws.of(citizen, 200, 1).intervals({"mean": lambda w: float(np.average(lasting, weights=w))})["mean"]
    by_row = Draws.of(np.arange(2000, dtype=np.int32), 200, 1).intervals(
        {"mean": lambda w: float(np.average(lasting, weights=w))}
    )["mean"]
    assert by_citizen.high - by_citizen.low > 3 * (by_row.high - by_row.low)
    assert by_citizen.low < by_citizen.value < by_citizen.high


def test_a_figure_that_cannot_be_told_says_so():
    untold = Draws.of(np.arange(5, dtype=np.int32), 20, 1).intervals({"x": lambda _: float("nan")})["x"]
    assert not untold.told
    assert str(untold) == "cannot be told"
