"""What is used of the rows is chosen before their features are made: weeks first, then citizens."""

from collections.abc import Callable

import numpy as np
import pytest

from models.snapshot import Snapshot
from models.windows import day_number
from tests.training.invented_rows import quick_settings, rows, snapshot
from training import pipeline, tuning
from training.backtest import Asked, BackTest
from training.matrix import data, use
from training.pipeline import Trained
from training.settings import Settings

SETTINGS = quick_settings()


def bounded(**bounds: float) -> Settings:
    return SETTINGS.model_copy(update={"data": SETTINGS.data.model_copy(update=bounds)})


def silent(_words: str, _steps: int) -> Callable[[], None]:
    return lambda: None


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return snapshot(tmp_path_factory.mktemp("town"), people=120, weeks=64)


def test_few_rows_are_all_used():
    some = rows(people=50, weeks=12)
    assert use.to_learn(some, SETTINGS) is some
    assert use.to_measure(some, SETTINGS) is some


@pytest.mark.parametrize(("most", "apart"), [(300, 7), (299, 14), (150, 14), (100, 21), (75, 28), (10, 28)])
def test_of_more_every_nth_week_is_left_the_latest_among_them(most: int, apart: int):
    some = rows(people=25, weeks=12)
    days = np.unique(use.to_learn(some, bounded(most_rows=most)).as_of)
    assert days[-1] == some.as_of.max()
    assert set(np.diff(days).tolist()) == {apart}


def test_of_still_more_a_sample_of_the_citizens_is_left_in_every_week():
    some = rows(people=200, weeks=12)
    kept = use.to_measure(some, bounded(most_measured=150))
    assert len(kept) <= 150
    assert np.unique(np.diff(np.unique(kept.as_of))).tolist() == [28]
    weeks = [kept.citizen[kept.as_of == day].tolist() for day in np.unique(kept.as_of)]
    assert all(week == weeks[0] for week in weeks)
    again = use.to_measure(some, bounded(most_measured=150))
    np.testing.assert_array_equal(kept.citizen, again.citizen)


def test_rows_without_admission_may_be_left_out_of_learning_alone():
    some = rows(people=200, weeks=12)
    kept = use.to_learn(some, bounded(negatives=0.25))
    assert kept.outcome.sum() == some.outcome.sum()
    assert np.mean(kept.outcome == 0) * len(kept) == pytest.approx(0.25 * np.sum(some.outcome == 0), rel=0.1)
    assert len(use.to_measure(some, bounded(negatives=0.25))) == len(some)


def test_the_features_of_chosen_rows_are_those_among_all(town: Snapshot):
    covered = data.span(town, None)
    everyone = data.labelled(town, covered, SETTINGS.data, lambda _: None)
    whole = data.rows(town, covered, SETTINGS.data, lambda _: None)
    days = np.unique(everyone.as_of)
    parts = [everyone.on(days[:9:4].tolist()), everyone.on(days[20:22].tolist())]
    for part in data.featured(town, parts, lambda _: None):
        np.testing.assert_array_equal(part.values, whole.on(np.unique(part.as_of).tolist()).values)
        assert part.names == whole.names


def test_neighbouring_rows_are_looked_at_and_not_copied():
    some = rows(people=20, weeks=8)
    days = np.unique(some.as_of).tolist()
    assert some.on(days[2:5]).values.base is not None
    assert np.shares_memory(some.on(days[2:5]).values, some.values)
    assert not np.shares_memory(some.on(days[::2]).values, some.values)
    assert len(some.on([])) == 0


@pytest.mark.parametrize("large", [False, True])
def test_folds_are_of_the_same_rows_whether_features_are_held_or_made_for_them(town: Snapshot, large: bool):
    settings = bounded(most_rows=1500, most_learnt=600, most_measured=400) if large else SETTINGS
    search = tuning.Search(town, settings, None, silent)
    chosen = {name: float(getattr(SETTINGS.trees, name)) for name in tuning.SPACE}
    assert search.value(chosen, lambda _number, _value: True) is not None
    tested = next(BackTest(town, settings, None, Asked(1, 4, held_out=False), silent).run())
    assert tested.evaluation.weeks == (2 if large else 4)
    assert (tested.learnt_rows <= 600) == large


def test_a_training_on_part_of_the_rows_says_so_and_its_risks_are_those_of_all(town: Snapshot):
    settings = bounded(most_rows=1500, most_learnt=900, most_measured=500, negatives=0.25)
    trained = pipeline.train(town, settings, None, lambda: None, silent)
    used = trained.findings.used
    assert list(used) == list(use.SLICES)
    assert all(0 < some < every for some, every in used.values())
    assert used["learnt from"][0] <= 400
    assert trained.findings.evaluation.rows == used["measured on"][0] <= 500
    assert trained.manifest.rows > 1500
    assert all(check.passed for check in trained.findings.checks)
    latest = data.rows(town, data.span(town, None), SETTINGS.data, lambda _: None).on([trained_on(trained)])
    base = trained.findings.evaluation.base_rate
    assert 0.5 * base < trained.model.score(latest.values).mean() < 2.0 * base


def trained_on(trained: Trained) -> int:
    """The last day the model learnt from."""
    return day_number(trained.manifest.last_as_of)
