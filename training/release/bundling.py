"""From a fitted model to a bundle: its manifest, and reference rows that are nobody's.

A bundle leaves the municipality's snapshot behind. So its reference rows are put together column by column from the
training rows' quantiles, each column drawn by itself: no row ever belonged to a citizen, and none holds an extreme.
"""

import subprocess
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.features.catalogue import CATALOGUE
from models.scoring.bundle import Manifest
from models.scoring.score import RiskModel
from models.snapshot import Snapshot
from models.truth.label import POLICIES
from models.windows import day_of
from training.matrix.rows import Rows
from training.settings import Settings

REFERENCE_ROWS = 24
_LIBRARIES = ("lightgbm", "numpy", "scikit-learn", "numba")
_SAMPLE = 20_000


def manifest(snapshot: Snapshot, rows: Rows, model: RiskModel, settings: Settings, known_before: int) -> Manifest:
    """The manifest of a model fitted on the rows."""
    policy = POLICIES[settings.data.label_policy]
    return Manifest(
        features=CATALOGUE.names,
        fingerprint=CATALOGUE.fingerprint,
        label_policy=policy.id,
        horizon_days=policy.horizon_days,
        first_as_of=day_of(int(rows.as_of.min())),
        last_as_of=day_of(int(rows.as_of.max())),
        known_before=day_of(known_before),
        rows=len(rows),
        admissions=rows.admissions,
        snapshot=snapshot.hash,
        invented=snapshot.manifest.invented,
        boosters=len(model.boosters),
        tree_weight=model.tree_weight,
        seed=settings.seed,
        configuration=settings.model_dump(mode="json"),
        code=_revision(),
        libraries={name: version(name) for name in _LIBRARIES},
    )


def reference_rows(rows: Rows, seed: int) -> NDArray[np.float32]:
    """Rows of nobody, shape (REFERENCE_ROWS, p), within the middle nine tenths of each feature's values."""
    generator = np.random.default_rng(seed)
    sample = rows.values[:: max(1, len(rows) // _SAMPLE)]
    invented = np.full((REFERENCE_ROWS, sample.shape[1]), np.nan, dtype=np.float32)
    for column in range(sample.shape[1]):
        present = sample[:, column][~np.isnan(sample[:, column])]
        missing = generator.random(REFERENCE_ROWS) >= present.size / len(sample)
        if present.size:
            invented[:, column] = np.quantile(present, generator.uniform(0.05, 0.95, REFERENCE_ROWS))
        invented[missing, column] = np.nan
    return invented


def _revision() -> str | None:
    """The git revision this code was checked out at, where it runs from a checkout."""
    try:
        told = subprocess.run(  # noqa: S603 - a fixed command without any input
            ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"],  # noqa: S607 - git of the user's path
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return told.stdout.strip()
