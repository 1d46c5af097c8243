"""From a snapshot to a champion the service can score with, on a town made in a second."""

import json
import re
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from html import escape
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from models.errors import BundleRefused, DataWrong, GateRefused, NotFound, OmhuError, RequestWrong
from models.home import Home
from models.scoring import bundle
from models.snapshot import Manifest, Snapshot
from models.snapshot_change import SnapshotChange
from service import registry
from tests.training.invented_rows import FIRST, quick_settings, rows, snapshot
from training import cli, pipeline, tracking
from training.evaluation import findings, honesty
from training.matrix import data
from training.matrix.splits import slices
from training.pipeline import Trained
from training.release import gate, promotion, publishing
from training.report import report
from training.report.card import card

FIRST_KEY = 731_049_600
"""Keys of the town's citizens are nine digits nothing else would write, so that they can be searched for."""
NOW = datetime(2025, 3, 1, 8, 0, tzinfo=UTC)


def _silent(_words: str, _steps: int) -> Callable[[], None]:
    return lambda: None


def _train(town: Snapshot, until: date | None = None) -> Trained:
    return pipeline.train(town, quick_settings(), until, lambda: None, _silent)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return snapshot(tmp_path_factory.mktemp("town"), first_key=FIRST_KEY)


@pytest.fixture(scope="module")
def trained(town: Snapshot) -> Trained:
    return _train(town)


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory, empty_registry: Path, trained: Trained) -> tuple[Home, str]:
    """A home with one registered run; MLflow's database is made once and copied, because making it takes seconds."""
    home = Home.of({"OMHU_HOME": str(tmp_path_factory.mktemp("home"))})
    shutil.copy(empty_registry, home.folder / "mlflow.db")
    version, _ = publishing.publish(home, trained, None)
    return home, version.run_id


class TestTraining:
    def test_the_honesty_checks_hold(self, trained: Trained):
        assert {check.name: check.passed for check in trained.findings.checks} == {
            "future": True,
            "canary": True,
            "shuffle": True,
            "embargo": True,
        }

    def test_the_slices_follow_each_other_in_time(self, trained: Trained):
        dates = trained.findings.dates
        ends = [*dates.train, *dates.calibration, *dates.test, dates.known_before]
        assert ends == sorted(ends)
        assert trained.manifest.last_as_of.isoformat() == dates.test[1]

    def test_training_twice_gives_the_same_bytes(self, town: Snapshot, trained: Trained, tmp_path: Path):
        for name, one in (("first", trained), ("second", _train(town))):
            bundle.write(tmp_path / name, one.manifest, one.model, one.reference, "card")
        first, second = ({f.name: f.read_bytes() for f in (tmp_path / n).iterdir()} for n in ("first", "second"))
        assert first == second

    def test_reference_rows_are_nobodys(self, town: Snapshot, trained: Trained):
        everyone = data.rows(town, data.span(town, None), quick_settings().data, lambda _: None)
        real = {row.tobytes() for row in everyone.values}
        assert not any(row.tobytes() in real for row in trained.reference)

    def test_nothing_known_from_until_on_is_used(self, town: Snapshot):
        until = date(2024, 10, 15)
        cut = honesty.Truncated(town, int((until - date(1970, 1, 1)).days))
        settings = quick_settings().data
        whole = data.rows(town, data.span(town, until), settings, lambda _: None)
        known = data.rows(cut, data.span(town, until), settings, lambda _: None)
        np.testing.assert_array_equal(whole.values, known.values)
        np.testing.assert_array_equal(whole.outcome, known.outcome)
        assert whole.as_of.max() + 33 <= (until - date(1970, 1, 1)).days

    def test_findings_survive_being_written_down(self, trained: Trained, tmp_path: Path):
        (tmp_path / "findings.json").write_text(trained.findings.text(), encoding="utf-8")
        assert findings.read(tmp_path / "findings.json").text() == trained.findings.text()
        json.loads(trained.findings.text())
        with pytest.raises(DataWrong, match="no findings"):
            findings.read(tmp_path / "none.json")

    def test_too_few_weeks_are_named_with_what_is_needed(self, town: Snapshot):
        with pytest.raises(DataWrong, match="weeks with a known outcome are too few"):
            _train(town, date(2024, 6, 1))
        with pytest.raises(DataWrong, match="no week's outcome is known yet"):
            _train(town, date(2024, 1, 20))
        with pytest.raises(RequestWrong, match="Nothing was known before 2023-01-01"):
            _train(town, date(2023, 1, 1))

    def test_an_empty_snapshot_cannot_be_trained_on(self, tmp_path: Path):
        empty = SnapshotChange(tmp_path, Manifest()).commit()
        with pytest.raises(DataWrong, match="holds no visits"):
            _train(empty)


class TestHonesty:
    def test_a_row_that_saw_the_future_is_found(self, town: Snapshot, trained: Trained):
        found = data.rows(town, data.span(town, None), quick_settings().data, lambda _: None)
        day = int(found.as_of.min())
        assert honesty.future_changes_nothing(town, [found.on([day])]).passed
        found.values[found.as_of == day, 0] += 1.0
        assert not honesty.future_changes_nothing(town, [found.on([day])]).passed

    def test_a_feature_that_is_the_outcome_is_found(self):
        leaking = rows(people=600)
        leaking.values[:, 2] = leaking.outcome
        check = honesty.no_feature_is_the_outcome(leaking)
        assert not check.passed
        assert "noise alone has an AUROC of 1.00" in check.words

    def test_slices_without_embargo_are_found(self):
        days = [FIRST + 7 * week for week in range(40)]
        parts = slices(days, quick_settings().split)
        assert honesty.slices_apart(parts, 30).passed
        assert not honesty.slices_apart(parts, 60).passed


def _copied(registered: tuple[Home, str], folder: Path) -> Home:
    """The registered home under another name; its artifacts stay where they are."""
    home = Home.of({"OMHU_HOME": str(folder)})
    folder.mkdir(exist_ok=True)
    shutil.copy(registered[0].folder / "mlflow.db", folder / "mlflow.db")
    return home


class TestRegistry:
    def test_promoted_loaded_rolled_back(self, registered: tuple[Home, str], trained: Trained, tmp_path: Path):
        home = _copied(registered, tmp_path / "home")
        with pytest.raises(NotFound, match="No model was promoted yet"):
            registry.load_champion(home)
        with pytest.raises(NotFound, match="No model was promoted yet"):
            registry.load_copy(home)
        with pytest.raises(GateRefused):
            promotion.promote(home, None, None, NOW)
        assert tracking.champion(home) is None

        done = promotion.promote(home, registered[1], "a test town", NOW)
        loaded = registry.load_champion(home)
        values = np.asarray(trained.reference)
        np.testing.assert_array_equal(loaded.model.score(values), trained.model.score(values))
        assert loaded.version == done.version == registry.load_copy(home).version
        tags = tracking.registered(home, registered[1]).tags
        assert tags["accepted_reason"] == "a test town"
        assert tags["promoted_at"] == "2025-03-01T08:00:00+00:00"
        assert {"promoted_by", "accepted", "snapshot", "fingerprint"} <= set(tags)

        with pytest.raises(RequestWrong, match="no earlier champion"):
            promotion.roll_back(home, "why not", NOW)
        second, _ = publishing.publish(home, trained, None)
        promotion.promote(home, second.run_id, "another", NOW)
        assert registry.load_champion(home).version == second.version
        back = promotion.roll_back(home, "it listed nobody", NOW)
        assert back.version == done.version
        assert registry.load_champion(home).version == done.version

    def test_no_key_of_a_citizen_is_in_anything_mlflow_keeps(self, registered: tuple[Home, str], town: Snapshot):
        everyone = data.labelled(town, data.span(town, None), quick_settings().data, lambda _: None)
        keys = {str(key).encode() for key in np.unique(everyone.citizen)}
        assert str(FIRST_KEY).encode() in keys
        kept = {path: path.read_bytes() for path in registered[0].folder.rglob("*") if path.is_file()}
        assert {"mlflow.db", "manifest.json", "reference_rows.json", "findings.json", "report.html", "card.md"} <= {
            path.name for path in kept
        }
        told = {path.name: keys & set(re.findall(rb"\d{9}", content)) for path, content in kept.items()}
        assert not any(told.values()), told

    def test_a_lost_copy_is_fetched_again(self, registered: tuple[Home, str], tmp_path: Path):
        home = _copied(registered, tmp_path / "home")
        promotion.promote(home, None, "a test town", NOW)
        shutil.rmtree(home.bundles)
        assert registry.load_champion(home).version == "1"
        assert registry.current(home).registry_stamp == registry.refresh(home).registry_stamp

    def test_the_champion_in_force_is_compared_on_weeks_it_has_not_seen(
        self, registered: tuple[Home, str], town: Snapshot, trained: Trained, tmp_path: Path
    ):
        home = _copied(registered, tmp_path / "home")
        assert publishing.current_champion(home) is None
        promotion.promote(home, None, "a test town", NOW)
        known = publishing.current_champion(home)
        assert known is not None
        earlier = known[0].model_copy(update={"last_as_of": date(2024, 6, 1)})
        again = pipeline.train(town, quick_settings(), None, lambda: (earlier, known[1]), _silent)
        assert again.findings.champion is not None
        assert again.findings.champion.name == "champion"
        same = pipeline.train(town, quick_settings(), None, lambda: known, _silent)
        assert same.findings.champion is None
        assert "learnt from the test weeks" in same.findings.champion_words

    def test_a_champion_this_code_cannot_use_is_no_reason_not_to_train(self, town: Snapshot):
        def unknown() -> None:
            raise BundleRefused("The model was made for other features.")

        found = pipeline.train(town, quick_settings(), None, unknown, _silent).findings
        assert "cannot be compared: The model was made for other features." in found.champion_words

    def test_what_mlflow_keeps(self, registered: tuple[Home, str]):
        home, run_id = registered
        with tracking.artifacts(home, run_id) as folder:
            assert (folder / "bundle" / "manifest.json").exists()
            card = (folder / "bundle" / "card.md").read_text(encoding="utf-8")
            page = (folder / "report" / "report.html").read_text(encoding="utf-8")
            pictures = {file.stem for file in (folder / "report").glob("*.png")}
        assert pictures == {"roc", "precision_recall", "calibration", "gain", "decision"}
        assert "## What is not known" in card
        assert "invented municipality" in card.lower()
        assert page.count("data:image/png;base64,") == 5
        assert not re.search(r'(src|href)="http', page)

    def test_a_run_nobody_knows_is_named(self, registered: tuple[Home, str], tmp_path: Path):
        home = _copied(registered, tmp_path / "home")
        with pytest.raises(NotFound, match="No model is registered for run abc"):
            promotion.promote(home, "abc' or 1=1", None, NOW)
        with pytest.raises(RequestWrong, match="--accept needs a reason"):
            promotion.promote(home, None, "  ", NOW)


def test_where_there_is_no_signal_none_is_found_and_the_gate_stays_shut(tmp_path: Path):
    trained = _train(snapshot(tmp_path, people=200, signal=False))
    auroc = trained.findings.evaluation.figures["auroc"]
    assert auroc.low < 0.5 < auroc.high
    text = card(trained.manifest, trained.findings, trained.model.calibration)
    with pytest.raises(GateRefused, match=r"by lot|drawing lots"):
        gate.decide(gate.objections(trained.findings, text, "f", "f"), None)


class TestCommands:
    def _run(self, *arguments: str, home: Path) -> tuple[int, str]:
        app = typer.Typer()
        cli.register(app)
        result = CliRunner(env={"OMHU_HOME": str(home), "COLUMNS": "160"}).invoke(app, arguments)
        error = result.exception
        return (error.exit_code if isinstance(error, OmhuError) else result.exit_code), result.output + str(error or "")

    def test_train_promote_and_go_back_by_command(self, town: Snapshot, tmp_path: Path):
        shutil.copytree(town.folder, tmp_path / "snapshot")
        quick = tmp_path / "quick.toml"
        quick.write_text(
            "[trees]\nbags = 2\nmost_rounds = 5\npatience = 2\n"
            "[additive]\npenalties = [300]\n[evaluation]\nresamples = 20\n"
        )
        code, output = self._run("train", "--config", str(quick), home=tmp_path)
        assert code == 0, output
        run_id = output.strip().splitlines()[-1]
        assert re.fullmatch(r"[0-9a-f]{32}", run_id)
        assert "Baselines on the same rows" in output
        assert self._run("promote", home=tmp_path)[0] == 3
        code, output = self._run("promote", "--run", run_id, "--accept", "a test", home=tmp_path)
        assert code == 0
        assert "Version 1 is champion." in output
        assert self._run("rollback", "--reason", "x", home=tmp_path)[0] == 2

    def test_mistakes_are_told_with_what_to_do(self, tmp_path: Path):
        assert self._run("train", "--until", "tomorrow", home=tmp_path)[0] == 2
        code, output = self._run("train", home=tmp_path)
        assert code == 1
        assert "There is no snapshot yet. Load a drop" in output
        code, output = self._run("promote", home=tmp_path)
        assert code == 2
        assert "Train one with `omhu train`" in output

    def test_a_town_is_invented_by_command(self, tmp_path: Path):
        code, output = self._run(
            "synthesise", str(tmp_path / "t"), "--citizens", "20", "--weeks", "10", "--seed", "3", home=tmp_path
        )
        assert code == 0, output
        assert (tmp_path / "t" / "truth.parquet").exists()


def test_the_terminal_and_the_page_say_the_same(trained: Trained):
    page = report.page(trained.findings, (), ())
    for title, _, _ in report.sheets(trained.findings):
        assert escape(title) in page
