"""The back-test: folds in time and by district, on a town made in a second."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from mlflow import MlflowClient

from models.errors import DataWrong
from models.home import Home
from models.snapshot import Snapshot
from models.truth.label import POLICIES
from models.windows import day_number
from tests.training.invented_rows import FIRST, quick_settings, rows, snapshot
from training import backtesting
from training.backtest import Asked, BackTest, Said, joined
from training.evaluation.oracle import Oracle
from training.matrix import data, folds

SETTINGS = quick_settings()
DAYS = [FIRST + 7 * week for week in range(60)]


def _silent(_words: str, _steps: int) -> Callable[[], None]:
    return lambda: None


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return snapshot(tmp_path_factory.mktemp("town"), people=120, weeks=48)


class TestFolds:
    def test_each_fold_is_measured_after_the_embargo_and_right_after_the_one_before(self):
        found = folds.rolling(DAYS, SETTINGS.split, 4, 3)
        assert len(found) == 4
        for fold in found:
            parts = fold.slices
            assert parts.train[-1] + 30 <= parts.calibration[0]
            assert parts.calibration[-1] + 30 <= parts.test[0]
        measured = [day for fold in found for day in fold.slices.test]
        assert measured == DAYS[-12:]

    def test_no_fold_learns_from_next_to_nothing(self):
        found = folds.rolling(DAYS, SETTINGS.split, 100, 4)
        assert 1 < len(found) < 15
        assert min(len(fold.slices.train) for fold in found) >= 0.25 * len(DAYS)

    def test_too_few_weeks_for_one_fold_are_named(self):
        with pytest.raises(DataWrong, match="12 weeks with a known outcome are too few"):
            folds.rolling(DAYS[:12], SETTINGS.split, 3, 4)

    def test_nobody_of_a_district_held_out_is_learnt_from(self):
        everyone = rows(people=200, weeks=40)
        # One citizen has moved: in the test weeks in the other district.
        moved = (everyone.citizen == 7) & (everyone.as_of >= DAYS[36])
        everyone = replace(everyone, district=np.where(moved, 0, everyone.district).astype(np.int32))
        for fold in folds.by_district(everyone, SETTINGS.split, 5):
            learnt, later, test = fold.parts(everyone)
            assert len(learnt)
            assert len(later)
            assert set(np.unique(test.district)) == {fold.district}
            assert not set(test.citizen) & (set(learnt.citizen) | set(later.citizen))

    def test_one_district_alone_cannot_be_held_out(self):
        everyone = rows(people=50, weeks=40)
        with pytest.raises(DataWrong, match="not two districts"):
            folds.by_district(replace(everyone, district=np.zeros_like(everyone.district)), SETTINGS.split, 5)

    def test_an_admission_that_both_sides_look_forward_to_is_found(self, town: Snapshot):
        covered = data.span(town, None)
        everyone = data.rows(town, covered, SETTINGS.data, lambda _: None)
        days = np.unique(everyone.as_of).tolist()
        policy = POLICIES["acute_broad@1"]
        # A week apart, the same admissions lie ahead; after the embargo none can.
        near, far, last = (everyone.on([day]) for day in (days[-2], days[-7], days[-1]))
        both = folds.shared(town, near, last, policy, covered.known_before)
        assert both.any()
        assert set(near.citizen[both]) <= set(last.citizen[last.outcome == 1])
        assert not folds.shared(town, far, last, policy, covered.known_before).any()


class TestRunning:
    def test_a_fold_learns_what_was_known_on_its_first_day(self, town: Snapshot):
        made = BackTest(town, SETTINGS, None, Asked(1, 4, held_out=False), _silent)
        (fold,) = made.folds
        learnt, _, _ = fold.parts(made._rows)
        known = made._as_known(learnt, fold)
        assert known.as_of.max() + 33 <= fold.slices.test[0]
        too_late = made._as_known(fold.parts(made._rows)[2], fold)
        assert len(too_late) == 0

    def test_what_folds_said_is_measured_together(self):
        once = rows(people=40, weeks=4)
        first = Said(once.bare(), np.zeros(len(once)), {"a": np.zeros(len(once)), "b": np.ones(len(once))})
        second = replace(first, rivals={"b": np.zeros(len(once))})
        both = joined([first, second])
        assert len(both.rows) == 2 * len(once) == both.log_odds.size
        assert list(both.rivals) == ["b"]
        assert both.rows.values.shape == (2 * len(once), 0)

    def test_it_is_logged_fold_by_fold_below_a_common_run(self, town: Snapshot, empty_registry: Path, tmp_path: Path):
        home = Home.of({"OMHU_HOME": str(tmp_path)})
        shutil.copy(empty_registry, tmp_path / "mlflow.db")
        truth = _truth(town)
        done = backtesting.run(home, town, SETTINGS, None, Asked(2, 3, held_out=False), _silent, truth)
        client = MlflowClient(home.tracking_uri, home.tracking_uri)
        common = client.get_run(done.run_id)
        children = client.search_runs(
            [common.info.experiment_id], f"tags.`mlflow.parentRunId` = '{done.run_id}'", order_by=["start_time"]
        )
        assert [run.info.status for run in (common, *children)] == ["FINISHED"] * 3
        assert [step.step for step in client.get_metric_history(done.run_id, "fold.auroc")] == [1, 2]
        assert len(client.get_metric_history(children[0].info.run_id, "week.recall")) == 3
        assert {"auroc", "auroc.low", "auroc.high", "capture.top_5_percent"} <= set(common.data.metrics)
        assert {"auroc.low", "acute_strict_1.auroc", "top_5_percent.recall.high"} <= set(children[0].data.metrics)
        assert common.inputs is not None
        learnt_from = common.inputs.dataset_inputs[0].dataset
        assert learnt_from.digest == town.hash[:36]
        assert '"mlflow_colspec"' in str(learnt_from.schema)
        page = Path(client.download_artifacts(done.run_id, "report/backtest.html", str(tmp_path))).read_text("utf-8")
        assert "Fold by fold" in page
        assert "true risk" in page
        assert children[0].data.params["set_apart"] == "0"


def _truth(town: Snapshot) -> Oracle:
    """A truth of everybody's equal risk, on every week."""
    everyone = data.rows(town, data.span(town, None), SETTINGS.data, lambda _: None)
    assert everyone.as_of.min() > day_number(date(2024, 1, 1))
    return Oracle(everyone.citizen, everyone.as_of, np.full(len(everyone), 0.04))
