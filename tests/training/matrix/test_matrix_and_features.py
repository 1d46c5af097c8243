"""The matrix as a file says of what it was made; the catalogue's page says what the columns are."""

import hashlib
import json
import re
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner

from models.engines import Engine
from models.engines.local import labels, matrix
from models.errors import DataWrong, NotFound, RequestWrong
from models.features.catalogue import CATALOGUE
from models.snapshot import Snapshot
from models.truth.label import POLICIES
from models.windows import day_of
from tests.project.tree import ROOT
from tests.training.invented_rows import quick_settings, snapshot
from training import cli
from training.matrix import data, matrices
from training.report import features_page

SETTINGS = quick_settings().data


def run(*arguments: str) -> tuple[int, str, str]:
    """A command, as at a terminal: its exit code and what it printed and told."""
    app = typer.Typer()
    cli.register(app)
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a snapshot and nothing else."""
    folder = tmp_path_factory.mktemp("home")
    snapshot(folder / "snapshot")
    return folder


@pytest.fixture(scope="module")
def town(home: Path) -> Snapshot:
    return Snapshot.open(home / "snapshot")


def written(town: Snapshot, wanted: matrices.Wanted, out: Path) -> tuple[pa.Table, dict[str, object]]:
    """The matrix written and read again, and its manifest."""
    done = matrices.write(town, wanted, SETTINGS, Engine.LOCAL, out, lambda _: None)
    assert (done.file, done.manifest) == (out, out.with_suffix(".json"))
    return pq.read_table(out), json.loads(done.manifest.read_text(encoding="utf-8"))


def test_the_file_holds_the_rows_and_outcomes_training_would_see(town: Snapshot, tmp_path: Path) -> None:
    table, manifest = written(town, matrices.Wanted(), tmp_path / "matrix.parquet")
    covered = data.span(town, None)
    made = matrix(town, data.labelled_weeks(covered, SETTINGS))
    outcome = labels(town, made.citizen, made.as_of, POLICIES[SETTINGS.label_policy], covered.known_before)
    assert table.column_names[:5] == ["citizen", "as_of", "district", "status", "outcome"]
    assert tuple(table.column_names[5:]) == CATALOGUE.names
    np.testing.assert_array_equal(table["citizen"].to_numpy(), made.citizen)
    np.testing.assert_array_equal(table["as_of"].cast(pa.int32()).to_numpy(), made.as_of)
    np.testing.assert_array_equal(np.column_stack([column.to_numpy() for column in table.columns[5:]]), made.values)
    assert table["outcome"].to_pylist() == [None if each < 0 else each for each in outcome.tolist()]
    assert set(table["district"].to_pylist()) <= {*made.districts, None}
    assert manifest["rows"] == table.num_rows == len(made)


def test_the_manifest_says_of_what_it_was_made_and_what_the_file_is(town: Snapshot, tmp_path: Path) -> None:
    dates = (date(2025, 1, 20), date(2025, 1, 13))
    _, manifest = written(town, matrices.Wanted(as_of=dates), tmp_path / "two.parquet")
    assert manifest["dates"] == ["2025-01-13", "2025-01-20"]
    assert manifest["snapshot"] == town.hash
    assert manifest["catalogue"] == CATALOGUE.fingerprint
    assert manifest["column_count"] == len(CATALOGUE.names)
    assert manifest["sha256"] == hashlib.sha256((tmp_path / "two.parquet").read_bytes()).hexdigest()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["two.json", "two.parquet"]


def test_many_dates_are_computed_some_at_a_time_and_make_the_same_rows(
    town: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = matrices.Wanted(as_of=(date(2025, 1, 6), date(2025, 1, 13), date(2025, 1, 20)))
    whole, _ = written(town, wanted, tmp_path / "whole.parquet")
    monkeypatch.setattr(matrices, "_ROWS_AT_ONCE", 1)
    parts, manifest = written(town, wanted, tmp_path / "parts.parquet")
    words = ["citizen", "as_of", "district", "status", "outcome"]
    assert parts.select(words).to_pylist() == whole.select(words).to_pylist()
    for name in CATALOGUE.names:
        np.testing.assert_array_equal(parts[name].to_numpy(), whole[name].to_numpy())
    assert manifest["rows"] == whole.num_rows


def test_from_and_until_span_the_weeks_of_training(town: Snapshot) -> None:
    every = days_of(town, matrices.Wanted())
    assert days_of(town, matrices.Wanted(first=day_of(every[3]))) == every[3:]
    until = day_of(data.span(town, None).known_before - 28)
    assert days_of(town, matrices.Wanted(until=until))[-1] == every[-1] - 28


def days_of(town: Snapshot, wanted: matrices.Wanted) -> list[int]:
    return matrices._days(wanted, data.span(town, wanted.until), SETTINGS)


def test_dates_that_cannot_be_had_are_said(town: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(RequestWrong, match="one or the other"):
        matrices.Wanted(as_of=(date(2025, 1, 13),), first=date(2025, 1, 1))
    with pytest.raises(DataWrong, match="no week's outcome is known"):
        matrices.write(
            town,
            matrices.Wanted(first=date(2031, 1, 1)),
            SETTINGS,
            Engine.LOCAL,
            tmp_path / "none.parquet",
            lambda _: None,
        )
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_the_file_and_says_how_much(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMHU_HOME", str(home))
    out = tmp_path / "one.parquet"
    code, printed, told = run("matrix", "--engine", "local", "--as-of", "2025-01-13", "--out", str(out))
    assert (code, printed) == (0, "")
    assert re.search(rf"Wrote \d+ rows of {len(CATALOGUE.names):,} features on 1 dates", told)
    assert json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))["engine"] == "local"


def test_the_page_of_features_is_current() -> None:
    page = (ROOT / "docs/features.md").read_text(encoding="utf-8")
    assert page == features_page.as_markdown(CATALOGUE.features, CATALOGUE), (
        "run: omhu features --format markdown > docs/features.md"
    )


def test_the_command_prints_what_the_columns_are_one_by_one() -> None:
    code, printed, _ = run("features", "--group", "monitoring", "--format", "json")
    told = json.loads(printed)
    assert code == 0
    assert [each["name"] for each in told] == [each.name for each in CATALOGUE.features if each.group == "monitoring"]
    assert all(each["phrase_da"] and each["phrase_en"] and each["window"] and each["source"] for each in told)
    by_name = {each["name"]: each for each in told}
    assert by_name["breach.count.7d"]["phrase_da"] == "målinger uden for egne grænser: antal (7 dage)"
    assert by_name["monitored.since.365d"]["phrase_en"] == "planned home measurements: days since the last (365 days)"


def test_the_command_prints_a_table_and_the_page_and_refuses_a_group_there_is_not() -> None:
    table = run("features", "--group", "season")[1]
    assert "season.sin" in table
    assert "time of year" not in table
    assert "årstid" in table
    assert run("features", "--format", "markdown")[1].startswith("# Features\n")
    with pytest.raises(NotFound, match="There are: care_time"):
        run("features", "--group", "no such group")


def test_every_feature_has_a_place_on_the_page() -> None:
    page = features_page.as_markdown(CATALOGUE.features, CATALOGUE)
    sizes = [int(size) for size in re.findall(r"^## \w+ \((\d+)\)$", page, re.MULTILINE)]
    assert sum(sizes) == len(CATALOGUE.features)
