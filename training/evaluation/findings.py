"""What a run found out, as data: the report shows it, the gate judges it, MLflow keeps it.

Written as JSON beside the bundle, so that a promotion a month later judges the figures of the run and not a new guess.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pydantic import JsonValue, TypeAdapter, ValidationError

from models.errors import DataWrong
from training.evaluation.decision import NetBenefit
from training.evaluation.evaluate import Comparison, Evaluation
from training.evaluation.faithfulness import Faithfulness
from training.evaluation.oracle import AgainstOracle
from training.evaluation.preventable import Preventable
from training.evaluation.subgroups import Part

FILE = "findings.json"
"""Where they stand in a run's report."""


@dataclass(frozen=True, slots=True)
class Dates:
    """First and last as-of date of each slice, ISO, and the first day nothing was known of."""

    train: tuple[str, str]
    calibration: tuple[str, str]
    test: tuple[str, str]
    known_before: str


@dataclass(frozen=True, slots=True)
class Check:
    """A check of honesty by name: whether it held, and what was seen, in a sentence."""

    name: str
    passed: bool
    words: str


@dataclass(frozen=True, slots=True)
class Weight:
    """How much a feature or a feature group moves scores: mean absolute contribution, as a share of all."""

    name: str
    share: float


@dataclass(frozen=True, slots=True)
class Findings:
    """All of it. `champion` is empty when there is none that could be compared, and `champion_words` says why.

    `oracle` is there only where the truth of an invented municipality was given, `preventable` only where the record
    holds diagnoses of preventable stays. `acted_on` parts the test rows by whether nurses acted within their horizon,
    and is empty where they never did. `used` tells of each slice how many rows were used of how many there are.
    """

    invented: bool
    dates: Dates
    recipe: Mapping[str, float]
    evaluation: Evaluation
    second: Evaluation
    checks: tuple[Check, ...]
    parts: tuple[Part, ...]
    champion: Comparison | None
    champion_words: str
    groups: tuple[Weight, ...]
    features: tuple[Weight, ...]
    left_out: Mapping[str, int]
    decision: tuple[NetBenefit, ...] = ()
    faithfulness: Faithfulness | None = None
    preventable: Preventable | None = None
    oracle: AgainstOracle | None = None
    acted_on: tuple[Part, ...] = ()
    used: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])

    def text(self) -> str:
        """As JSON; figures that cannot be told are "NaN"."""
        return json.dumps(_plain(asdict(self)), indent=1, allow_nan=False) + "\n"


_ADAPTER: TypeAdapter[Findings] = TypeAdapter(Findings)


def read(path: Path) -> Findings:
    """The findings in a file. Raises `DataWrong` when it is missing or of another form."""
    try:
        return _ADAPTER.validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        raise DataWrong("The run has no findings this version can read.", "Train anew.") from None


def _plain(value: object) -> JsonValue:
    """The value as JSON has it, where a number must be finite."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, bool | int | float) else str(value)
