"""How a model is trained, as frozen and validated data.

The defaults and their reasons stand in `training/config/default.toml`; a user's own file names only what it changes.
Nothing here is a default in code, so that what a run was trained with is what the file says.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from models.errors import RequestWrong
from models.events import matches
from models.features.catalogue import CATALOGUE
from models.truth.label import POLICIES

DEFAULT = Path(__file__).parent / "config" / "default.toml"

Share = Annotated[float, Field(gt=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DataSettings(_Section):
    """Which rows there are, and what they are to tell."""

    label_policy: str
    second_policy: str
    warm_up_days: Annotated[int, Field(ge=0)]
    acted_on: Literal["kept", "left_out"]
    most_rows: Count
    most_learnt: Count
    most_measured: Count
    negatives: Share

    @field_validator("label_policy", "second_policy")
    @classmethod
    def _known(cls, policy: str) -> str:
        if policy not in POLICIES:
            raise ValueError(f"unknown label policy; known: {', '.join(sorted(POLICIES))}")
        return policy


class SplitSettings(_Section):
    """How the labelled weeks are divided in time."""

    embargo_days: Annotated[int, Field(ge=30)]
    calibration_share: Annotated[float, Field(gt=0, lt=0.5)]
    test_share: Annotated[float, Field(gt=0, lt=0.5)]


class TreeSettings(_Section):
    """The boosted trees."""

    bags: Annotated[int, Field(ge=2, le=20)]
    leaves: Annotated[int, Field(ge=2, le=255)]
    learning_rate: Share
    most_rounds: Count
    patience: Count
    rows_in_leaf: Count
    feature_share: Share
    row_share: Share
    ridge: Annotated[float, Field(ge=0)]
    bins: Annotated[int, Field(ge=3, le=255)]
    rising: tuple[str, ...]
    falling: tuple[str, ...]
    bags_at_once: Count

    @field_validator("rising", "falling")
    @classmethod
    def _of_catalogue(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [one for one in patterns if not any(matches(name, [one]) for name in CATALOGUE.names)]
        if unknown:
            raise ValueError(f"no feature of the catalogue is meant by {', '.join(unknown)}")
        return patterns


class AdditiveSettings(_Section):
    """The logistic part."""

    penalties: Annotated[tuple[Positive, ...], Field(min_length=1)]
    limit: Positive


class EvaluationSettings(_Section):
    """What is measured, and how often the citizens are drawn again for the intervals."""

    capacities: tuple[Count, ...]
    shares: Annotated[tuple[Share, ...], Field(min_length=1)]
    resamples: Annotated[int, Field(ge=20)]


class Settings(_Section):
    """Everything a training depends on besides the snapshot and the code."""

    data: DataSettings
    split: SplitSettings
    trees: TreeSettings
    additive: AdditiveSettings
    evaluation: EvaluationSettings
    seed: Annotated[int, Field(ge=0)]


def read(path: Path | None = None) -> Settings:
    """The defaults, with what the user's TOML file changes. Raises `RequestWrong` when a setting is not a right one."""
    merged = _table(DEFAULT)
    for section, value in (_table(path) if path else {}).items():
        known = merged.get(section)
        merged[section] = known | value if isinstance(known, dict) and isinstance(value, dict) else value
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        raise RequestWrong(
            f"{path.name if path else DEFAULT.name}: {'; '.join(_faults(error))}.",
            "The settings and what they mean stand in training/config/default.toml.",
        ) from None


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RequestWrong(f"There is no settings file {path.name}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RequestWrong(f"{path.name} is not a TOML file: {error}.") from None


def _faults(error: ValidationError) -> list[str]:
    return [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()]
