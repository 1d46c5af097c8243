"""A bundle: a fitted model as a folder of plain data, and the checks that let it in again.

```
manifest.json          what it is, what it was made from, and a digest of each other file
booster_0.txt ...      LightGBM's own text
additive.json          the logistic part
calibration.json
reference_rows.json    invented inputs and the scores they gave when the model was made
card.md                what a reader has to know
```

Nothing of ours is ever pickled, and no code travels with the data: a bundle is read by the code that is installed, or
refused by it. It holds no time of day and no path, so that the same training gives the same bytes.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from models.errors import BundleRefused
from models.features.catalogue import CATALOGUE
from models.scoring.boosting import lgb
from models.scoring.calibration import Beta, Calibration, Isotonic, Platt
from models.scoring.score import Additive, RiskModel

FORMAT = 1
TOLERANCE = 1e-9
"""How far a replayed score may be off: the last digits of another processor's logarithm, nothing more."""

_CALIBRATION: TypeAdapter[Platt | Beta | Isotonic] = TypeAdapter(Calibration)
_ADDITIVE = ("unit", "centre", "scale", "coefficient", "missing")


class Manifest(BaseModel):
    """What a bundle is and what it was made from.

    `first_as_of` and `last_as_of` are the dates of the oldest and the newest row it learnt from; nothing known on
    `known_before` or later was used. `snapshot` is the hash of the data, `code` the git revision where it is known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: int = FORMAT
    features: tuple[str, ...]
    fingerprint: str
    label_policy: str
    horizon_days: Annotated[int, Field(gt=0)]
    first_as_of: date
    last_as_of: date
    known_before: date
    rows: Annotated[int, Field(ge=0)]
    admissions: Annotated[int, Field(ge=0)]
    snapshot: str
    invented: bool
    boosters: Annotated[int, Field(ge=0)]
    tree_weight: Annotated[float, Field(ge=0, le=1)]
    seed: int
    configuration: dict[str, JsonValue]
    code: str | None
    libraries: dict[str, str]
    digests: dict[str, str] = Field(default_factory=dict)

    @property
    def unseen_from(self) -> date:
        """The first date whose outcome it learnt nothing of: by then the horizon of its newest row is over."""
        return self.last_as_of + timedelta(days=self.horizon_days)

    def text(self) -> str:
        """The manifest as it stands in the folder."""
        return self.model_dump_json(indent=1) + "\n"


class ReferenceRows(BaseModel):
    """Inputs, shape (m, p) with missing as null, and the probabilities they must give, shape (m,)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    values: tuple[tuple[float | None, ...], ...]
    probability: tuple[float, ...]

    @classmethod
    def of(cls, model: RiskModel, values: NDArray[np.float32]) -> "ReferenceRows":
        """What the model gives for these rows, shape (m, p)."""
        rows = tuple(tuple(None if np.isnan(x) else float(x) for x in row) for row in values)
        return cls(values=rows, probability=tuple(float(p) for p in model.score(values)))

    def replay(self, model: RiskModel) -> None:
        """Score the rows again. Raises `BundleRefused` when a score is not what it was."""
        values = np.array([[np.nan if x is None else x for x in row] for row in self.values], dtype=np.float32)
        found = model.score(values.reshape(-1, len(model.names)))
        # A score that is no number is as wrong as can be.
        difference = np.nan_to_num(np.abs(found - self.probability), nan=1.0)
        wrong = int(np.count_nonzero(difference > TOLERANCE))
        if wrong:
            raise BundleRefused(
                f"The model does not score as it did: {wrong} of {difference.size} reference rows differ,"
                f" by up to {difference.max():.2g}.",
                "Install the library versions its manifest names, or train anew.",
            )


def write(folder: Path, manifest: Manifest, model: RiskModel, reference: NDArray[np.float32], card: str) -> Manifest:
    """Write the bundle into a folder, which is made; `reference` are rows of no citizen, shape (m, p).

    Gives the manifest with the digests of the files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {f"booster_{i}.txt": booster.model_to_string() for i, booster in enumerate(model.boosters)}
    files |= {
        "additive.json": _json(_additive_data(model.additive)),
        "calibration.json": _CALIBRATION.dump_json(model.calibration, indent=1).decode() + "\n",
        "reference_rows.json": ReferenceRows.of(model, reference).model_dump_json() + "\n",
        "card.md": card,
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    complete = manifest.model_copy(update={"digests": {name: digest(text.encode()) for name, text in files.items()}})
    (folder / "manifest.json").write_text(complete.text(), encoding="utf-8", newline="")
    return complete


def load(folder: Path, fingerprint: str = CATALOGUE.fingerprint) -> RiskModel:
    """The model in a folder, checked: whole, for the features this code computes, and scoring as it did.

    Raises `BundleRefused` otherwise. What it was made from stands in `read_manifest(folder)`.
    """
    manifest = read_manifest(folder)
    if manifest.fingerprint != fingerprint:
        raise BundleRefused(
            f"The model was made for features {manifest.fingerprint[:12]}, this code computes {fingerprint[:12]}.",
            "Train anew with this version, or run the version the model was trained with.",
        )
    files = {name: _checked(folder / name, digest) for name, digest in manifest.digests.items()}
    try:
        model = _assemble(manifest, files)
        reference = ReferenceRows.model_validate_json(files["reference_rows.json"])
    except (KeyError, ValueError, lgb.basic.LightGBMError) as error:
        raise BundleRefused(f"The model's files do not fit together ({type(error).__name__}).", _REMEDY) from error
    reference.replay(model)
    return model


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the bundle in a folder. Raises `BundleRefused` when there is none or it cannot be read."""
    try:
        manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
    except FileNotFoundError:
        raise BundleRefused("There is no model here: manifest.json is missing.", _REMEDY) from None
    except ValidationError as error:
        raise BundleRefused(f"The model's manifest is damaged ({error.error_count()} faults).", _REMEDY) from None
    if manifest.format != FORMAT:
        raise BundleRefused(f"The model has format {manifest.format}, this code reads format {FORMAT}.", _REMEDY)
    return manifest


_REMEDY = "Fetch it from the registry again, or train anew."


def _assemble(manifest: Manifest, files: Mapping[str, bytes]) -> RiskModel:
    boosters = tuple(lgb.Booster(model_str=files[f"booster_{i}.txt"].decode()) for i in range(manifest.boosters))
    additive = _additive(json.loads(files["additive.json"]), len(manifest.features))
    if any(booster.num_feature() != len(manifest.features) for booster in boosters):
        raise ValueError("a booster of another width")
    calibration = _CALIBRATION.validate_json(files["calibration.json"])
    return RiskModel(manifest.features, boosters, additive, manifest.tree_weight, calibration)


def _additive(data: Mapping[str, Any], width: int) -> Additive:
    arrays = {name: np.array(data[name], dtype=np.float64) for name in _ADDITIVE}
    if any(array.shape != (width,) for array in arrays.values()):
        raise ValueError("the additive part has another width")
    return Additive(**arrays, intercept=float(data["intercept"]), limit=float(data["limit"]))


def _additive_data(additive: Additive) -> dict[str, JsonValue]:
    arrays: dict[str, JsonValue] = {name: getattr(additive, name).tolist() for name in _ADDITIVE}
    return arrays | {"intercept": additive.intercept, "limit": additive.limit}


def _checked(path: Path, expected: str) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise BundleRefused(f"The model lacks {path.name}.", _REMEDY) from None
    if digest(content) != expected:
        raise BundleRefused(f"{path.name} of the model was changed after it was written.", _REMEDY)
    return content


def digest(content: bytes) -> str:
    """The digest of a file as the manifest has it."""
    return hashlib.sha256(content).hexdigest()


def _json(data: JsonValue) -> str:
    return json.dumps(data, indent=1) + "\n"
