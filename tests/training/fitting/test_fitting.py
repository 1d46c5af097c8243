from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.errors import DataWrong, RequestWrong
from models.scoring.calibration import Beta, Isotonic, Platt, probability
from models.scoring.score import tree_log_odds
from tests.training.invented_rows import FIRST, quick_settings, rows
from training.evaluation.metrics import Order, auroc
from training.fitting import additive, calibrate
from training.fitting.fit import Recipe, choose, fit
from training.fitting.trees import rounds_of
from training.matrix.rows import folds
from training.settings import read

SETTINGS = quick_settings()


def _nothing() -> None:
    """No progress is shown."""


def test_a_signal_is_found_and_noise_is_not():
    train, later = rows(seed=1), rows(seed=2)
    recipe, model = choose(train, later, SETTINGS, _nothing)
    test = rows(seed=3)
    found = auroc(Order.of(model.log_odds(test.values), test.outcome), np.ones(len(test)))
    assert 0.75 < found < 0.85
    assert recipe.rounds == rounds_of(model.boosters) >= 1
    moved = np.abs(model.contributions(test.values)[:, :3]).mean(axis=0)
    assert moved[0] > 5 * max(moved[1], moved[2])


def test_what_was_chosen_is_calibrated_on_the_later_rows():
    later = rows(seed=2)
    _, model = choose(rows(seed=1), later, SETTINGS, _nothing)
    assert model.score(later.values).mean() == pytest.approx(later.outcome.mean(), rel=0.02)


def test_fitting_twice_gives_the_same_model():
    train, recipe = rows(), Recipe(5, 100.0, 0.5)
    first, second = (fit(train, recipe, SETTINGS, _nothing) for _ in range(2))
    assert [b.model_to_string() for b in first.boosters] == [b.model_to_string() for b in second.boosters]
    np.testing.assert_array_equal(first.additives[0].coefficient, second.additives[0].coefficient)


@pytest.mark.parametrize("sign", [1, -1])
def test_trees_go_only_the_way_the_settings_allow(sign: int):
    train = rows(people=400)
    train = replace(train, values=(sign * train.values).astype(np.float32))

    def steps(**wished: tuple[str, ...]) -> np.ndarray:
        trees = SETTINGS.trees.model_copy(update={"feature_share": 1.0, **wished})
        bags = fit(train, Recipe(12, 100.0, 1.0), SETTINGS.model_copy(update={"trees": trees}), _nothing)
        line = np.column_stack([np.linspace(-3, 3, 50), np.zeros((50, 2))]).astype(np.float32)
        return sign * np.diff(tree_log_odds(bags.boosters, line))

    against, along = ("falling", "rising") if sign == 1 else ("rising", "falling")
    assert (steps() > 0).any()
    assert (steps(**{along: ("strong",)}) > 0).any()
    assert not (steps(**{against: ("noise", "stro*")}) > 0).any()


def test_a_wish_for_a_feature_nobody_knows_is_refused(tmp_path: Path):
    (tmp_path / "own.toml").write_text('[trees]\nrising = ["tobs.*", "no_such_thing"]\n', encoding="utf-8")
    with pytest.raises(RequestWrong, match="no_such_thing"):
        read(tmp_path / "own.toml")


def test_every_row_is_scored_by_a_bag_that_never_saw_its_citizen():
    train = rows()
    bags = fit(train, Recipe(5, 100.0, 0.5), SETTINGS, _nothing)
    said = bags.unseen_log_odds(train, 0.5, np.ones(len(train), np.bool_))
    for left_out in range(SETTINGS.trees.bags):
        mine = bags.fold == left_out
        trees = np.asarray(bags.boosters[left_out].predict(train.values[mine], raw_score=True))
        expected = 0.5 * trees + 0.5 * bags.additives[left_out].log_odds(train.values[mine])
        np.testing.assert_allclose(said[mine], expected, atol=1e-12)
    assert not set(train.citizen[bags.fold == 0]) & set(train.citizen[bags.fold == 1])


def test_without_trees_the_additive_part_stands_alone():
    train = rows()
    bags = fit(train, Recipe(0, 100.0, 0.5), SETTINGS, _nothing)
    model = bags.model(train.names, 0.5, Platt(1.0, 0.0))
    assert model.tree_weight == 0.0
    np.testing.assert_allclose(model.log_odds(train.values), model.additive.log_odds(train.values))
    assert np.isfinite(bags.unseen_log_odds(train, 0.5, np.ones(len(train), np.bool_))).all()


@pytest.mark.parametrize("told", [0, 1])
def test_one_outcome_only_cannot_be_learnt_from(told: int):
    train = rows()
    with pytest.raises(DataWrong, match="weeks to learn from hold"):
        choose(replace(train, outcome=np.full(len(train), told, np.int8)), rows(seed=2), SETTINGS, _nothing)


def test_a_later_slice_without_admissions_is_no_reason_to_stop():
    later = rows(seed=2)
    none = replace(later, outcome=np.zeros(len(later), np.int8))
    recipe, model = choose(rows(), none, SETTINGS, _nothing)
    assert recipe.tree_weight == 0.5
    assert model.score(none.values).mean() < 0.001


def test_a_bag_whose_citizens_have_no_admission_still_scores():
    train = rows(people=8, weeks=3)
    alone = (train.citizen == 0) & (train.as_of == FIRST)
    bags = fit(replace(train, outcome=alone.astype(np.int8)), Recipe(3, 100.0, 0.5), SETTINGS, _nothing)
    assert np.isfinite(bags.unseen_log_odds(train, 0.5, np.ones(len(train), np.bool_))).all()


def test_a_stronger_penalty_says_less():
    train = rows()
    scale = additive.Scale.of(train.values, 3.5)
    strong, weak = additive.fit(scale, additive.Design.of(scale, train.values), train.outcome, (1.0, 1e5))
    assert np.abs(strong.coefficient).sum() < np.abs(weak.coefficient).sum()
    middle = additive.average([strong, weak])
    values = train.values[:50]
    np.testing.assert_allclose(middle.log_odds(values), (strong.log_odds(values) + weak.log_odds(values)) / 2)


def test_folds_keep_citizens_whole_and_even():
    fold = folds(rows().citizen, 4, seed=1)
    sizes = np.bincount(fold)
    assert sizes.max() - sizes.min() <= 20


class TestCalibration:
    @pytest.mark.parametrize("form", [Platt(0.8, -0.5), Beta(0.9, 1.2, 0.1), Isotonic((-5.0, 0.0), (-6.0, 0.5), 1.0)])
    def test_leaving_out_rows_without_admission_is_undone(self, form: Platt | Beta | Isotonic):
        raw = np.linspace(-8.0, 3.0, 40)
        odds = np.exp(form.log_odds(raw))
        found = np.exp(calibrate.undone(form, 0.25).log_odds(raw))
        # Four times as many without an admission: a quarter of the odds.
        np.testing.assert_allclose(found, odds / 4)

    def _scores(self, count: int = 60_000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        generator = np.random.default_rng(0)
        return generator.normal(-3.0, 1.0, count), generator.random(count), np.arange(count, dtype=np.int32) // 20

    def test_a_line_is_found_and_preferred_when_a_line_is_enough(self):
        raw, luck, citizen = self._scores()
        outcome = (luck < probability(0.7 * raw - 0.5)).astype(np.int8)
        found = calibrate.calibrate(raw, outcome, citizen, 1)
        assert isinstance(found, Platt)
        assert (found.slope, found.intercept) == (pytest.approx(0.7, abs=0.05), pytest.approx(-0.5, abs=0.15))

    def test_a_bend_is_followed_when_there_is_one(self):
        raw, luck, citizen = self._scores()
        outcome = (luck < probability(np.where(raw > -2.5, 2.0 * (raw + 2.5) - 1.5, -4.0))).astype(np.int8)
        assert isinstance(calibrate.calibrate(raw, outcome, citizen, 1), Beta | Isotonic)

    def test_few_admissions_set_only_the_level(self):
        raw, _, citizen = self._scores(300)
        outcome = np.zeros(300, np.int8)
        outcome[:10] = 1
        found = calibrate.calibrate(raw, outcome, citizen, 1)
        assert isinstance(found, Platt)
        assert found.slope == 1.0
        assert probability(found.log_odds(raw)).mean() == pytest.approx(10.5 / 301, rel=1e-6)

    def test_a_score_that_points_the_wrong_way_is_not_turned_around(self):
        raw, luck, citizen = self._scores(20_000)
        outcome = (luck < probability(-raw - 6.0)).astype(np.int8)
        found = calibrate.calibrate(raw, outcome, citizen, 1)
        assert isinstance(found, Platt)
        assert found.slope == 1.0


def test_several_penalties_say_together_what_each_says_alone():
    train = rows(people=400)
    train.values[::7, 1] = np.nan
    scale = additive.Scale.of(train.values, 3.5)
    curves = additive.fit(scale, additive.Design.of(scale, train.values), train.outcome, (300.0, 1000.0))
    together = additive.log_odds_of(curves, train.values)
    assert [said.tobytes() for said in together] == [curve.log_odds(train.values).tobytes() for curve in curves]
