"""The rules a model must beat at equal list length, on the same rows.

Each is what a nurse could work out on paper, or what has been published (PATINA's rise in minutes). A rule is one
feature, high or low first; the last is a logistic regression of two, fitted on the training slice. A model that does
not beat them is not worth its trouble, and the report says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from training.fitting.one_thread import on_one_thread
from training.matrix.rows import Rows


@dataclass(frozen=True, slots=True)
class Rule:
    """A ranking by one feature: the highest first, or with `low_first` the lowest; the missing come last."""

    feature: str
    words: str
    low_first: bool = False

    def score(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """The rule's score of each row, shape (n,), the higher the earlier on the list."""
        score = -values.astype(np.float64) if self.low_first else values.astype(np.float64)
        return np.where(np.isnan(score), -np.inf, score)


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "days_since_discharge": Rule("discharge.since.ever", "latest discharge first", low_first=True),
        "admissions_last_year": Rule("acute_admission.count.365d", "most acute admissions in a year"),
        "rise_in_minutes": Rule("minutes.sum.7d.log_ratio.minutes.sum.8_90d", "largest rise in minutes (PATINA)"),
        "tobs": Rule("tobs.last.90d", "highest latest TOBS"),
        "triage": Rule("triage.last.30d", "latest triage colour"),
    }
)
AGE, PRIOR = "birth.since.ever", "acute_admission.count.365d"
REGRESSION = "age_and_prior_admission"
REGRESSION_WORDS = "age and earlier admissions by logistic regression"


def scores(train: Rows, test: Rows) -> dict[str, NDArray[np.float64]]:
    """The score of each baseline for each test row, shape (n,); a rule nothing is recorded for is left out."""
    found: dict[str, NDArray[np.float64]] = {}
    for name, rule in RULES.items():
        column = test.column(rule.feature)
        # A town that never measures TOBS has no such rule to beat.
        if column is not None and np.unique(column).size > 1:
            found[name] = rule.score(column)
    found[REGRESSION] = _regression(train, test)
    return found


def words(name: str) -> str:
    """What a baseline ranks by, as the report says it."""
    return REGRESSION_WORDS if name == REGRESSION else RULES[name].words


@on_one_thread
def _regression(train: Rows, test: Rows) -> NDArray[np.float64]:
    if np.unique(train.outcome).size < 2:
        return np.zeros(len(test))
    # Two seconds, which whoever only reads what was found, as a promotion does, need not wait for.
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    model = LogisticRegression().fit(_columns(train), train.outcome)
    return model.decision_function(_columns(test))


def _columns(rows: Rows) -> NDArray[np.float64]:
    """Age and its square in decades around 80, and earlier admissions as a logarithm; shape (n, 3)."""
    age, prior = rows.column(AGE), rows.column(PRIOR)
    nothing = np.zeros(len(rows), dtype=np.float32)
    decades = np.nan_to_num(((nothing if age is None else age) / 365.25 - 80.0) / 10.0)
    earlier = np.log1p(np.nan_to_num(nothing if prior is None else prior))
    return np.column_stack([decades, decades**2, earlier]).astype(np.float64)
