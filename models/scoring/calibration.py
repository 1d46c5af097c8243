"""Calibration: the strictly rising map from a model's raw log-odds to a probability one may say aloud.

Three forms, each a few numbers of plain data. Which one is fitted, and on which slice of time, is training's business;
here they are only applied. All are strictly rising, so that calibrating never makes two different scores one and never
changes a list's order.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

Rising = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class Platt:
    """A line in log-odds (Platt 1999): `intercept + slope * z`."""

    slope: Rising
    intercept: Finite
    kind: Literal["platt"] = "platt"

    def log_odds(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrated log-odds of raw log-odds, both shape (n,)."""
        return self.intercept + self.slope * raw


@dataclass(frozen=True, slots=True)
class Beta:
    """Beta calibration (Kull et al. 2017): `upper * ln s - lower * ln(1 - s) + intercept`, s the raw probability.

    Bends the two ends apart: `upper` is the slope where s is small, `lower` where it is large.
    """

    upper: Rising
    lower: Rising
    intercept: Finite
    kind: Literal["beta"] = "beta"

    def log_odds(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrated log-odds of raw log-odds, both shape (n,)."""
        # ln s and ln(1 - s) straight from the log-odds: s itself rounds to 0 or 1 far out and would lose the order.
        return self.intercept - self.upper * np.logaddexp(0.0, -raw) + self.lower * np.logaddexp(0.0, raw)


@dataclass(frozen=True, slots=True)
class Isotonic:
    """A rising broken line through knots, fitted by isotonic regression; `slope` goes on outside of them.

    Plain isotonic regression is a staircase that makes ties of a fifth of the citizens; the line between the middles of
    its steps keeps the order.
    """

    raw: Annotated[tuple[Finite, ...], Field(min_length=2)]
    calibrated: Annotated[tuple[Finite, ...], Field(min_length=2)]
    slope: Rising
    kind: Literal["isotonic"] = "isotonic"

    @model_validator(mode="after")
    def _rising(self) -> "Isotonic":
        if len(self.raw) != len(self.calibrated):
            raise ValueError("as many raw as calibrated knots are needed")
        if np.any(np.diff(self.raw) <= 0) or np.any(np.diff(self.calibrated) <= 0):
            raise ValueError("the knots must rise")
        return self

    def log_odds(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrated log-odds of raw log-odds, both shape (n,)."""
        inside = np.interp(raw, self.raw, self.calibrated)
        below, above = np.minimum(raw - self.raw[0], 0.0), np.maximum(raw - self.raw[-1], 0.0)
        return inside + self.slope * (below + above)


Calibration = Annotated[Platt | Beta | Isotonic, Field(discriminator="kind")]


def probability(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probability of log-odds, both shape (n,); does not overflow."""
    return np.exp(-np.logaddexp(0.0, -log_odds))
