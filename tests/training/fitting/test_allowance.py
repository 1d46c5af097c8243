"""How much each family of features may say: told by definitions, and learnt from rows."""

from dataclasses import replace

import numpy as np

from models.features.catalogue import CATALOGUE
from tests.training.invented_rows import quick_settings, rows
from training.evaluation.metrics import Order, auroc
from training.fitting import additive, allowance
from training.fitting.families import OTHER, families
from training.fitting.fit import choose, fit
from training.matrix.rows import Rows

FAMILY = dict(zip(CATALOGUE.names, families(CATALOGUE.names), strict=True))


def _many_rows(seed: int) -> Rows:
    """Age says much; two hundred short counts of concerns say nothing."""
    told = rows(people=150, weeks=12, seed=seed)
    noise = np.random.default_rng(seed + 50).normal(size=(len(told), 200)).astype(np.float32)
    silent = [name for name in CATALOGUE.names if FAMILY[name] == "concern decayed short"]
    counts = [*silent, *(name for name in CATALOGUE.names if FAMILY[name] == "concern count short")][:200]
    values = np.column_stack([told.values[:, 0], noise[:, : len(counts)]]).astype(np.float32)
    return replace(told, values=values, names=("birth.since.ever", *counts))


def test_a_feature_belongs_to_a_family_by_its_definition():
    assert FAMILY["dyspnoea.count.7d"] == FAMILY["fever.count.30d"] == "concern count short"
    assert FAMILY["dyspnoea.count.90d"] == "concern count long"
    assert FAMILY["fever.decayed.half10d"] == "concern decayed short"
    assert FAMILY["fever.decayed.half30d"] == "concern decayed long"
    assert FAMILY["pulse.mean.30d"] == FAMILY["crp.last.90d"] == "measured"
    assert FAMILY["birth.since.ever"] == "age"
    assert families(["no such feature"]) == (OTHER,)


def test_what_is_compared_and_the_season_have_families():
    ratios = {FAMILY[name] for name in CATALOGUE.names if name.startswith("fever.") and ".ratio." in name}
    assert ratios == {"concern ratio"}
    assert FAMILY["season.sin"] == FAMILY["season.cos"] == "season"


def test_a_family_that_says_much_is_given_more_room():
    train = _many_rows(1)
    scale = additive.Scale.of(train.values, 3.5)
    design = additive.Design.of(scale, train.values)
    room = allowance.learn(scale, design, train.names, train.outcome, 100.0)
    assert room["age"] > 2 * room["concern count short"]
    factors = allowance.apply(design, train.names, room).factor
    np.testing.assert_allclose(np.mean(factors**2), 1.0, rtol=1e-5)


def test_room_makes_noise_say_less():
    train, test = _many_rows(1), _many_rows(2)
    settings = quick_settings()
    settings = settings.model_copy(update={"additive": settings.additive.model_copy(update={"penalties": (30.0,)})})
    recipe, _ = choose(train, _many_rows(3), settings, lambda: None)
    once = np.ones(len(test))

    def found(with_room: bool) -> float:
        asked = replace(recipe, rounds=0) if with_room else replace(recipe, rounds=0, room={})
        curve = additive.average(fit(train, asked, settings, lambda: None).additives)
        return auroc(Order.of(curve.log_odds(test.values), test.outcome), once)

    assert found(with_room=True) > found(with_room=False)


def test_columns_without_a_family_in_the_recipe_keep_their_size():
    train = _many_rows(1)
    design = additive.Design.of(additive.Scale.of(train.values, 3.5), train.values)
    np.testing.assert_array_equal(allowance.apply(design, train.names, {}).columns, design.columns)


def test_a_factor_is_undone_in_the_model():
    train = rows()
    scale = additive.Scale.of(train.values, 3.5)
    design = additive.Design.of(scale, train.values)
    halved = design.weighed(np.full(design.place.size, 0.5, dtype=np.float32))
    # Columns half as large under a quarter of the penalty are the same problem.
    plain = additive.fit(scale, design, train.outcome, (400.0,))[0]
    same = additive.fit(scale, halved, train.outcome, (100.0,))[0]
    np.testing.assert_allclose(same.coefficient, plain.coefficient, atol=2e-3)


def test_rows_further_apart_overlap_less():
    weekly = rows(people=5, weeks=20)
    assert weekly.overlap == 30 / 7
    assert weekly.on(np.unique(weekly.as_of)[::2].tolist()).overlap == 30 / 14
    assert weekly.on(np.unique(weekly.as_of)[::6].tolist()).overlap == 1.0
    assert weekly.on([int(weekly.as_of[0])]).overlap == 1.0


def test_a_weaker_penalty_is_not_taken_by_chance():
    settings = quick_settings()
    alike = settings.additive.model_copy(update={"penalties": (99.9, 100.0, 100.1)})
    recipe, _ = choose(rows(), rows(seed=2), settings.model_copy(update={"additive": alike}), lambda: None)
    assert recipe.penalty == 100.1
