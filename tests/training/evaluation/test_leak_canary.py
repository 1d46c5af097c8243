"""The canary: what is made of the outcome, dated before it and written down after it, helps nobody foretell it.

Each admission leaves an event dated back to some days before the list, as notes about an admission are; it was written
when the admission was over. A leak of any kind would make it the best feature there is: written at once, it is.
"""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.engines.local import labels, matrix
from models.features.spec import Aggregate, Aggregation, Catalogue, Feature, Signal, Window
from models.scoring.boosting import lgb
from models.truth.label import DEFAULT_POLICY
from models.windows import day_number
from tests.models.happenings import Happening
from tests.models.oracle.times import midnight
from tests.models.stored import snapshot_of
from training.evaluation.metrics import Order, auroc

FIRST, WEEKS, CITIZENS = date(2024, 1, 1), 36, 250
TRAINED = 20
SIGNALS = (Signal("canary", ("canary",), "g", "", ""), Signal("fall", ("event:fall",), "g", "", ""))
FALLS = [Aggregate("fall", Aggregation.COUNT, Window(days)) for days in (7, 30)]
CANARY = [
    *(Aggregate("canary", kind, Window(30)) for kind in (Aggregation.COUNT, Aggregation.SINCE, Aggregation.SUM)),
    Aggregate("canary", Aggregation.DECAYED, Window(32), half_life=4),
]
HONEST = Catalogue(SIGNALS, [Feature(part, "g", "", "") for part in FALLS])
WITH_CANARY = Catalogue(SIGNALS, [Feature(part, "g", "", "") for part in (*FALLS, *CANARY)])


def town(seed: int, written_after: timedelta) -> list[Happening]:
    """Citizens with falls and admissions that have nothing to do with each other, and a canary for each admission."""
    chance = np.random.default_rng(seed)
    found: list[Happening] = []
    for citizen in range(1, CITIZENS + 1):
        since = midnight(FIRST - timedelta(days=400))
        found.append(Happening(citizen, "citizen:care_start", since, since))
        for day in np.sort(chance.integers(0, 7 * WEEKS + 40, chance.poisson(1.5))).tolist():
            came = midnight(FIRST + timedelta(days=day)) + timedelta(hours=10)
            told = came + written_after
            found.append(Happening(citizen, "stay:acute", came, came))
            found += [
                Happening(citizen, "canary", came - timedelta(days=back), told, value=5) for back in (2, 9, 16, 23)
            ]
        for day in chance.integers(-30, 7 * WEEKS, chance.poisson(6)).tolist():
            at = midnight(FIRST + timedelta(days=day)) + timedelta(hours=12)
            found.append(Happening(citizen, "event:fall", at, at))
    return [replace(each, sequence=place) for place, each in enumerate(found)]


def foretold(found: list[Happening], catalogue: Catalogue) -> float:
    """The AUROC on later weeks of a model of the catalogue's features, learnt on the weeks before."""
    days = [day_number(FIRST) + 7 * week for week in range(WEEKS)]
    with TemporaryDirectory() as folder:
        snapshot = snapshot_of(found, Path(folder), buckets=2)
        rows = matrix(snapshot, days, catalogue)
        outcome = labels(snapshot, rows.citizen, rows.as_of, DEFAULT_POLICY, days[-1] + 60)
    learnt, later = rows.as_of < days[TRAINED], rows.as_of >= days[TRAINED] + 30
    score = fitted(rows.values[learnt], outcome[learnt]).predict(rows.values[later])
    return auroc(Order.of(np.asarray(score, dtype=np.float64), outcome[later]), np.ones(int(later.sum())))


def fitted(values: NDArray[np.float32], outcome: NDArray[np.int8]) -> lgb.Booster:
    """A small booster."""
    options = {"objective": "binary", "num_leaves": 4, "verbosity": -1, "seed": 1, "num_threads": 1}
    return lgb.train(options, lgb.Dataset(values.astype(np.float64), outcome), num_boost_round=20)


@settings(max_examples=max(3, settings().max_examples // 10))
@given(st.integers(0, 10_000), st.sampled_from([timedelta(minutes=1), timedelta(days=2), timedelta(days=14)]))
def test_what_is_written_after_the_outcome_does_not_raise_the_auroc(seed: int, written_after: timedelta) -> None:
    found = town(seed, written_after)
    # Two AUROCs of a few hundred admissions differ by a few hundredths by luck; a leak would be worth 0.35.
    assert foretold(found, WITH_CANARY) < foretold(found, HONEST) + 0.15


def test_written_at_once_it_would_be_the_best_feature_there_is() -> None:
    assert foretold(town(1, timedelta(days=-40)), WITH_CANARY) > 0.8
