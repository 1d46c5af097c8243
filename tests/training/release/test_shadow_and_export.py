"""A challenger beside the champion in silence, and the snapshot as a standard has it."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from meds import CodeMetadataSchema, DataSchema, DatasetMetadataSchema
from mlflow import MlflowClient

from models.errors import NotFound, RequestWrong
from models.home import Home
from models.scoring.calibration import Platt
from models.snapshot import Snapshot
from models.windows import day_number
from tests.training.invented_rows import quick_settings, snapshot
from training import meds_export, pipeline
from training.fitting.fit import Recipe, fit
from training.matrix import data
from training.release import promotion, publishing, shadow
from training.release.shadow import Contender

NOW = datetime(2025, 3, 1, 8, 0, tzinfo=UTC)
LATE, EARLY = date(2024, 10, 28), date(2024, 8, 5)


def _silent(_words: str, _steps: int) -> Callable[[], None]:
    return lambda: None


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return snapshot(tmp_path_factory.mktemp("town"), people=110)


@pytest.fixture(scope="module")
def models(town: Snapshot) -> tuple[Contender, Contender]:
    """Two models of the same weeks, one with more rounds; what they learnt is taken to end where `EARLY` begins."""
    settings = quick_settings()
    rows = data.rows(town, data.span(town, None), settings.data, lambda _: None)
    made = [fit(rows, Recipe(rounds, 300.0, 0.5), settings, lambda: None) for rounds in (4, 12)]
    first, second = (bags.model(rows.names, 0.5, Platt(1.0, 0.0)) for bags in made)
    return Contender("1", first, EARLY), Contender("2", second, EARLY)


@pytest.fixture(scope="module")
def exported(town: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town as a MEDS dataset."""
    out = tmp_path_factory.mktemp("meds") / "dataset"
    assert meds_export.export(town, out, NOW, lambda: None).subjects == 110
    return out


class TestShadow:
    def test_a_model_beside_itself_agrees_in_everything(self, town: Snapshot, models: tuple[Contender, Contender]):
        one = shadow.compare(town, LATE, models[0], models[0], "acute_broad@1")
        assert one.overlap == pytest.approx(1.0)
        assert one.order == pytest.approx(1.0)
        assert set(one.overlap_by_district) <= {"Nord", "Syd"}
        assert one.mean_champion == one.mean_challenger

    def test_what_was_caught_is_told_once_the_horizon_is_over(
        self, town: Snapshot, models: tuple[Contender, Contender]
    ):
        over, not_yet = (shadow.compare(town, day, *models, "acute_broad@1") for day in (EARLY, LATE))
        assert over.caught_by_champion is not None
        assert over.caught_by_challenger is not None
        assert over.caught_by_champion.admitted == over.caught_by_challenger.admitted
        assert 0.3 < over.order < 1.0
        assert (over.untold, not_yet.untold) == (None, "not known yet")
        assert not_yet.caught_by_champion is None
        with pytest.raises(RequestWrong, match="Nobody is ranked on 2001"):
            shadow.compare(town, date(2001, 1, 1), *models, "acute_broad@1")

    def test_what_was_caught_is_told_of_no_week_that_either_learnt_from(
        self, town: Snapshot, models: tuple[Contender, Contender]
    ):
        champion, challenger = models
        newer = replace(challenger, unseen_from=EARLY + timedelta(days=1))
        one = shadow.compare(town, EARLY, champion, newer, "acute_broad@1")
        assert (one.caught_by_champion, one.caught_by_challenger) == (None, None)
        assert one.untold == "version 2 learnt from it"
        assert one.order == shadow.compare(town, EARLY, champion, challenger, "acute_broad@1").order

    def test_it_is_kept_with_the_challengers_run(self, town: Snapshot, empty_registry: Path, tmp_path: Path):
        home = Home.of({"OMHU_HOME": str(tmp_path)})
        shutil.copy(empty_registry, tmp_path / "mlflow.db")
        with pytest.raises(NotFound):
            shadow.shadow(home, town, None, [EARLY])
        trained = pipeline.train(town, quick_settings(), None, lambda: None, _silent)
        publishing.publish(home, trained, None)
        with pytest.raises(RequestWrong, match="no champion to compare"):
            shadow.shadow(home, town, None, [EARLY])
        promotion.promote(home, None, "a test", NOW)
        with pytest.raises(RequestWrong, match="the champion itself"):
            shadow.shadow(home, town, None, [EARLY])
        challenger, _ = publishing.publish(home, trained, None)
        (found,) = shadow.shadow(home, town, None, [EARLY])
        assert (found.champion, found.challenger) == ("1", "2")
        client = MlflowClient(home.tracking_uri, home.tracking_uri)
        assert client.get_metric_history(challenger.run_id, "shadow.overlap")[0].step == day_number(EARLY)
        kept = client.download_artifacts(challenger.run_id, f"shadow/{EARLY}.json", str(tmp_path))
        assert json.loads(Path(kept).read_text(encoding="utf-8"))["overlap"] == pytest.approx(1.0)
        assert (found.caught_by_challenger, found.untold) == (None, "version 1 and version 2 learnt from it")


class TestMeds:
    def test_every_file_has_the_standards_schema(self, exported: Path):
        shards = sorted((exported / "data").glob("*.parquet"))
        assert len(shards) == 8
        for shard in shards:
            DataSchema.validate(pq.read_table(shard, partitioning=None))
        CodeMetadataSchema.validate(pq.read_table(exported / "metadata" / "codes.parquet"))
        DatasetMetadataSchema.validate(json.loads((exported / "metadata" / "dataset.json").read_text("utf-8")))

    def test_a_subject_lies_in_one_file_in_order_of_time(self, exported: Path):
        seen: set[int] = set()
        for shard in (exported / "data").glob("*.parquet"):
            table = pq.read_table(shard, partitioning=None)
            subject, time = table["subject_id"].to_numpy(), table["time"].cast(pa.int64()).to_numpy()
            assert not seen & set(subject.tolist())
            seen |= set(subject.tolist())
            same = np.diff(subject) == 0
            assert np.all(np.diff(subject) >= 0)
            assert np.all(np.diff(time)[same] >= 0)
        assert len(seen) == 110

    def test_every_event_that_stands_is_there_once(self, exported: Path, town: Snapshot):
        whole = sum(pc.sum(pc.is_null(town.table(file)["superseded_at"])).as_py() for file in town.manifest.files)
        tables = [pq.read_table(shard, partitioning=None) for shard in (exported / "data").glob("*.parquet")]
        assert sum(table.num_rows for table in tables) == whole
        codes = set(pa.concat_tables(tables)["code"].to_pylist())
        assert "MEDS_BIRTH" in codes
        assert codes == set(pq.read_table(exported / "metadata" / "codes.parquet")["code"].to_pylist())

    def test_nothing_is_written_over(self, exported: Path, town: Snapshot):
        with pytest.raises(RequestWrong, match="something in dataset already"):
            meds_export.export(town, exported, NOW, lambda: None)
