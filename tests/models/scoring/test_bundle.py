import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from models.errors import BundleRefused
from models.features.catalogue import CATALOGUE
from models.scoring import bundle
from models.scoring.bundle import Manifest
from models.scoring.calibration import Beta, Isotonic, Platt
from tests.models import fitted

FINGERPRINT = "f" * 64


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "bundle"
    bundle.write(target, fitted.manifest(), fitted.model(), fitted.rows(40, seed=5), "# Card\n")
    return target


@pytest.mark.parametrize(
    "calibration", [Platt(0.9, -0.2), Beta(0.8, 1.1, 0.0), Isotonic((-3.0, 0.0), (-4.0, -1.0), 0.7)]
)
def test_a_model_written_and_loaded_scores_as_before(tmp_path: Path, calibration: Platt | Beta | Isotonic):
    model = fitted.model(calibration)
    bundle.write(tmp_path / "b", fitted.manifest(), model, fitted.rows(5), "card")
    loaded = bundle.load(tmp_path / "b", FINGERPRINT)
    np.testing.assert_array_equal(loaded.score(fitted.rows()), model.score(fitted.rows()))
    np.testing.assert_array_equal(loaded.contributions(fitted.rows()), model.contributions(fitted.rows()))


def test_the_same_model_is_the_same_bytes(tmp_path: Path):
    for name in ("one", "two"):
        bundle.write(tmp_path / name, fitted.manifest(), fitted.model(), fitted.rows(5), "card")
    one, two = ({file.name: file.read_bytes() for file in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two


def test_a_bundle_is_text_and_nothing_else(folder: Path):
    assert {file.name for file in folder.iterdir()} == {
        *("manifest.json", "booster_0.txt", "booster_1.txt", "additive.json"),
        *("calibration.json", "reference_rows.json", "card.md"),
    }
    for file in folder.iterdir():
        file.read_bytes().decode("utf-8")


def test_a_model_has_seen_nothing_from_where_the_horizon_of_its_newest_row_ends():
    newest = fitted.manifest()
    assert newest.last_as_of < newest.unseen_from
    assert (newest.unseen_from - newest.last_as_of).days == newest.horizon_days


def test_missing_reference_inputs_are_null(folder: Path):
    assert None in [
        value for row in json.loads((folder / "reference_rows.json").read_text())["values"] for value in row
    ]


def test_a_model_for_other_features_is_refused(folder: Path):
    with pytest.raises(BundleRefused, match="made for features ffffffffffff, this code computes"):
        bundle.load(folder)
    assert CATALOGUE.fingerprint != FINGERPRINT


@pytest.mark.parametrize(
    "name", ["booster_1.txt", "additive.json", "calibration.json", "reference_rows.json", "card.md"]
)
def test_a_file_that_was_changed_or_lost_is_refused(folder: Path, name: str):
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    with pytest.raises(BundleRefused, match="changed after it was written"):
        bundle.load(folder, FINGERPRINT)
    (folder / name).unlink()
    with pytest.raises(BundleRefused, match=f"lacks {name}"):
        bundle.load(folder, FINGERPRINT)


def test_a_model_that_no_longer_scores_as_it_did_is_refused(tmp_path: Path):
    honest = fitted.model()
    reference = bundle.ReferenceRows.of(honest, fitted.rows(6))
    with pytest.raises(BundleRefused, match="6 of 6 reference rows differ"):
        reference.replay(fitted.model(Platt(0.9, -0.3)))
    reference.replay(honest)


def test_a_score_that_is_no_number_is_refused():
    broken = fitted.model(Platt(1.0, float("nan")))
    reference = bundle.ReferenceRows.of(fitted.model(), fitted.rows(3))
    with np.errstate(invalid="ignore"), pytest.raises(BundleRefused, match="3 of 3 reference rows differ"):
        reference.replay(broken)


def _rewritten(folder: Path, name: str, change: Mapping[str, object]) -> None:
    """Change a file and its digest, as a faulty program would."""
    data = json.loads((folder / name).read_text()) | change
    (folder / name).write_text(json.dumps(data))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["digests"][name] = bundle.digest((folder / name).read_bytes())
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_an_additive_part_of_another_width_is_refused(folder: Path):
    _rewritten(folder, "additive.json", {"unit": [1.0]})
    with pytest.raises(BundleRefused, match="do not fit together"):
        bundle.load(folder, FINGERPRINT)


def test_a_falling_calibration_is_refused(folder: Path):
    _rewritten(folder, "calibration.json", {"slope": -1.0})
    with pytest.raises(BundleRefused, match="do not fit together"):
        bundle.load(folder, FINGERPRINT)


def test_boosters_for_more_features_than_the_manifest_names_are_refused(tmp_path: Path):
    narrow = fitted.manifest().model_copy(update={"features": fitted.NAMES[:3]})
    bundle.write(tmp_path / "b", narrow, fitted.model(), fitted.rows(2), "card")
    data = {name: [1.0] * 3 for name in ("unit", "centre", "scale", "coefficient", "missing")}
    _rewritten(tmp_path / "b", "additive.json", data)
    with pytest.raises(BundleRefused, match="do not fit together"):
        bundle.load(tmp_path / "b", FINGERPRINT)


@pytest.mark.parametrize(
    ("text", "words"),
    [(None, "There is no model here"), ("{}", "damaged"), ("not json", "damaged")],
)
def test_a_manifest_that_is_missing_or_damaged_is_refused(tmp_path: Path, text: str | None, words: str):
    if text is not None:
        (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(BundleRefused, match=words):
        bundle.read_manifest(tmp_path)


def test_a_later_format_is_refused(folder: Path):
    _later = Manifest.model_validate_json((folder / "manifest.json").read_bytes()).model_copy(update={"format": 2})
    (folder / "manifest.json").write_text(_later.text())
    with pytest.raises(BundleRefused, match="has format 2, this code reads format 1"):
        bundle.read_manifest(folder)
