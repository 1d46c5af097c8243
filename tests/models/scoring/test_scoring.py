import numpy as np
import pytest

from models.scoring.calibration import Platt, probability
from models.scoring.score import FEW_ROWS, chunks, tree_log_odds
from tests.models import fitted

NOTHING = np.zeros((0, len(fitted.NAMES)), dtype=np.float32)


@pytest.mark.parametrize(("tree_weight", "count"), [(0.4, 2), (1.0, 1), (0.0, 2), (0.0, 0)])
def test_contributions_sum_to_the_log_odds(tree_weight: float, count: int):
    model, values = fitted.model(tree_weight=tree_weight, count=count), fitted.rows()
    np.testing.assert_allclose(model.contributions(values).sum(axis=1), model.log_odds(values), atol=1e-9)


def test_the_log_odds_are_the_weighted_mean_of_the_two_parts():
    model, values = fitted.model(tree_weight=0.25), fitted.rows()
    trees = sum(np.asarray(booster.predict(values, raw_score=True)) for booster in model.boosters) / 2
    expected = 0.25 * trees + 0.75 * model.additive.log_odds(values)
    np.testing.assert_allclose(model.log_odds(values), expected, atol=1e-12)


def test_the_score_is_the_calibrated_probability():
    model, values = fitted.model(Platt(0.5, -1.0)), fitted.rows()
    np.testing.assert_array_equal(model.score(values), probability(-1.0 + 0.5 * model.log_odds(values)))
    assert np.all((model.score(values) > 0) & (model.score(values) < 1))


def test_a_row_scores_the_same_alone_and_among_many():
    model, values = fitted.model(), fitted.rows(FEW_ROWS + 50)
    alone = np.concatenate([model.score(values[[row]]) for row in range(0, len(values), 17)])
    np.testing.assert_array_equal(alone, model.score(values)[::17])


def test_what_is_missing_adds_what_missing_was_found_to_mean():
    terms = fitted.additive().terms(np.array([[1.0, 30.0, np.nan, 0.0]], dtype=np.float32))
    assert terms[0, 2] == 0.4


def test_beyond_the_limit_a_value_says_no_more():
    curve = fitted.additive()
    far, farther = (curve.log_odds(np.array([[x, 1.0, 70.0, 0.0]], dtype=np.float32)) for x in (1e6, 1e9))
    assert far == farther


def test_nobody_to_score_is_no_scores():
    model = fitted.model()
    assert model.score(NOTHING).shape == (0,)
    assert model.contributions(NOTHING).shape == (0, 5)
    assert tree_log_odds((), fitted.rows(3)).tolist() == [0, 0, 0]


def test_the_stretches_of_many_rows_are_all_of_them_once():
    places = np.concatenate([np.arange(40_000)[part] for part in chunks(40_000)])
    np.testing.assert_array_equal(places, np.arange(40_000))
