"""Features of home monitoring as text tables with the number that comes out, from plan and readings on."""

import math
from datetime import date

import numpy as np
import pytest

from models.events import Events
from models.features.build import build
from models.features.catalogue import CATALOGUE
from models.features.spec import Catalogue
from models.thinning import is_dense, thinned
from models.windows import day_number
from tests.models.happenings import as_table, happenings
from tests.models.oracle.aggregates import features

PLAN = """
    code                      | occurred_at      | recorded_at      | value
    monitoring:NPU03011       | 2025-01-01 00:00 | 2025-01-01 09:00 | 7
    monitoring_low:NPU03011   | 2025-01-01 00:00 | 2025-01-01 09:00 | 90
    monitoring_high:NPU03011  | 2025-01-01 00:00 | 2025-01-01 09:00 |
    NPU03011                  | 2025-03-03 08:00 | 2025-03-03 08:00 | 94
    NPU03011                  | 2025-03-04 08:00 | 2025-03-04 08:00 | 92
    NPU03011                  | 2025-03-07 08:00 | 2025-03-07 08:00 | 89
    NPU03011                  | 2025-03-08 08:00 | 2025-03-11 08:00 | 85
"""
ANSWERS = """
    code                    | occurred_at      | value
    questionnaire:CAT/total | 2025-01-15 10:00 | 14
    questionnaire:CAT/total | 2025-02-03 10:00 | 16
    questionnaire:CAT/total | 2025-03-05 10:00 | 24
"""
READINGS = """
    code                    | occurred_at      | value
    sensor:bed_exit         | 2025-02-01 02:00 | 1
    sensor:bed_exit         | 2025-03-08 01:00 | 3
    sensor:bed_exit         | 2025-03-09 02:00 | 4
    sensor:bed_exit         | 2025-03-09 13:00 | 1
    sensor:inactivity_hours | 2025-03-09 14:00 | 9.5
    sensor:inactivity_hours | 2025-03-09 18:00 | 11
"""


def number(name: str, given: str, at: str = "2025-03-10") -> float:
    """The catalogue's feature of citizen 1, given what was sent: the kernel's number, which must be the oracle's."""
    catalogue = Catalogue(CATALOGUE.signals, [CATALOGUE.feature(name)])
    sent, day = as_table(happenings(given)), date.fromisoformat(at)
    dense = is_dense(sent)
    events = Events.of([sent.filter(~dense), thinned(sent.filter(dense))])
    rows = np.array([1], dtype=np.int32), np.array([day_number(day)], dtype=np.int32)
    computed = float(build(events, *rows, catalogue)[0, 0])
    if not dense.any():
        assert computed == pytest.approx(features(happenings(given), 1, day, catalogue)[name], rel=1e-6, nan_ok=True)
    return computed


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("monitored.count.7d", PLAN, 3),
        ("monitored.max.7d", PLAN, 61),
        ("monitored.since.365d", PLAN, 3),
        ("breach.count.7d", PLAN, 1),
        ("breach.days.14d", PLAN, 1),
        ("breach.since.365d", PLAN, 3),
        ("cat.last.90d", ANSWERS, 24),
        ("cat.last.45d.difference.cat.mean.15_180d", ANSWERS, 9),
        ("bed_exits_night.sum.7d", READINGS, 7),
        ("bed_exits_day.sum.7d", READINGS, 1),
        ("bed_exits_night.sum.7d.log_ratio.bed_exits_night.sum.8_90d", READINGS, math.log(8 / (7 / 83 + 1))),
        ("readings_day.sum.3d", READINGS, 3),
        ("readings_night.since.90d", READINGS, 1),
        ("inactivity_day.max.3d", READINGS, 11),
    ],
)
def test_a_feature_of_home_monitoring(name: str, given: str, expected: float) -> None:
    assert number(name, given) == pytest.approx(expected)


def test_a_measurement_that_came_later_counts_when_it_has_come() -> None:
    assert number("breach.count.7d", PLAN, "2025-03-12") == 2
    assert number("breach.count.7d", PLAN, "2025-03-11") == 1


def test_nobody_without_a_plan_is_late_or_beyond_a_limit() -> None:
    alone = "code | occurred_at | value\nNPU03011 | 2025-03-07 08:00 | 80"
    assert number("breach.count.7d", alone) == 0
    assert math.isnan(number("monitored.max.7d", alone))
