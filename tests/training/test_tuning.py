"""Tuning: a search that can be stopped, looks at no test week, and writes what `omhu train` reads."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from mlflow import MlflowClient

from models.home import Home
from models.snapshot import Snapshot
from tests.training.invented_rows import quick_settings, rows, snapshot
from training import settings, tuning
from training.matrix import data
from training.matrix.splits import slices

SETTINGS = quick_settings()


def _silent(_words: str, _steps: int) -> Callable[[], None]:
    return lambda: None


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return snapshot(tmp_path_factory.mktemp("town"), people=100, weeks=72)


def test_a_search_goes_on_where_it_was_stopped(town: Snapshot, empty_registry: Path, tmp_path: Path):
    shutil.copy(empty_registry, tmp_path / "mlflow.db")
    home, out = Home.of({"OMHU_HOME": str(tmp_path)}), tmp_path / "tuned.toml"
    first = tuning.tune(home, town, SETTINGS, None, 2, out, _silent)
    more = tuning.tune(home, town, SETTINGS, None, 3, out, _silent)
    assert (first.trials, more.trials) == (2, 3)
    assert more.default == first.default
    assert more.best >= first.best >= first.default
    read = settings.read(out).trees.model_dump()
    assert {name: read[name] for name in tuning.SPACE} == pytest.approx(more.settings, abs=1e-6)
    client = MlflowClient(home.tracking_uri, home.tracking_uri)
    common = client.get_run(more.run_id)
    below = client.search_runs([common.info.experiment_id], f"tags.`mlflow.parentRunId` = '{more.run_id}'")
    assert [run.data.tags["mlflow.runName"] for run in below] == ["trial 2"]
    assert common.data.metrics["value.default"] == pytest.approx(first.default)


def test_the_test_weeks_are_not_looked_at(town: Snapshot):
    search = tuning.Search(town, SETTINGS, None, _silent)
    everyone = data.rows(town, data.span(town, None), SETTINGS.data, lambda _: None)
    kept = slices(np.unique(everyone.as_of).tolist(), SETTINGS.split).test
    assert max(day for fold in search.folds for day in fold.slices.test) + 30 <= kept[0]


def test_a_hopeless_trial_is_not_finished(town: Snapshot):
    search = tuning.Search(town, SETTINGS, None, _silent)
    asked: list[int] = []

    def never(number: int, _value: float) -> bool:
        asked.append(number)
        return False

    chosen = {name: float(getattr(SETTINGS.trees, name)) for name in tuning.SPACE}
    assert search.value(chosen, never) is None
    assert asked == [0]


def test_catching_more_is_worth_more_and_auroc_only_breaks_ties():
    some = rows(people=200, weeks=6)
    good, bad = some.values[:, 0].astype(np.float64), some.values[:, 2].astype(np.float64)
    assert tuning.value_of(good, some, (0.05, 0.1)) > tuning.value_of(bad, some, (0.05, 0.1))
    # The same list of the first tenth, and everybody below it turned around.
    turned = np.where(good >= np.quantile(good, 0.9), good, -good - 100.0)
    whole = tuning.value_of(good, some, (0.01,)) - tuning.value_of(turned, some, (0.01,))
    assert 0.0 < whole < 0.01


def test_other_data_or_settings_are_another_study(town: Snapshot):
    other = SETTINGS.model_copy(update={"seed": 7})
    assert tuning.study_name(town, SETTINGS, None) != tuning.study_name(town, other, None)
