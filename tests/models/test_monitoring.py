"""Home monitoring: a measurement is late or beyond a limit by the plan that was known when it was."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.features.build import build
from models.features.spec import Aggregate, Aggregation, Catalogue, Feature, Signal, Window
from models.monitoring import judged
from models.windows import day_number
from tests.models.happenings import Happening, as_events, happenings
from tests.models.invented import another_future, histories, turning_days
from tests.models.oracle import monitoring as oracle
from tests.models.oracle.aggregates import features
from tests.models.oracle.times import midnight

CODES = (
    *("weight", "weight", "weight", "count:day:sensor:bed", "max:day:sensor:bed", "min:night:sensor:bed"),
    *("sum:night:sensor:bed", "monitoring:weight", "monitoring_high:weight", "monitoring_low:weight"),
    *("monitoring_ended:weight", "monitoring:sensor:bed", "monitoring_high:sensor:bed", "monitoring_low:sensor:bed"),
)
SIGNALS = (
    Signal("monitored", ("monitored:*",), "g", "", ""),
    Signal("breach", ("breach:*",), "g", "", ""),
)
CATALOGUE = Catalogue(
    SIGNALS,
    [
        Feature(Aggregate(signal, kind, Window(days)), "g", "", "")
        for signal in ("monitored", "breach")
        for kind in (Aggregation.COUNT, Aggregation.MAX, Aggregation.MEAN, Aggregation.SINCE)
        for days in (7, 365)
    ],
)
PLAN = """
    code                   | occurred_at      | recorded_at      | superseded_at | value
    monitoring:weight      | 2025-03-01 00:00 | 2025-03-01 09:00 |               | 7
    monitoring_high:weight | 2025-03-01 00:00 | 2025-03-01 09:00 |               | 72
    monitoring_low:weight  | 2025-03-01 00:00 | 2025-03-01 09:00 |               | 68
"""


def meaning(text: str, code: str = "weight") -> list[tuple[str, object]]:
    """What the measurements of a drawn table mean: the kernel's side, which must be the oracle's."""
    found = happenings(text)
    events = judged(as_events(found))
    values = [None if np.isnan(value) else pytest.approx(float(value)) for value in events.value]
    made = [(events.codes[at], value) for at, value in zip(events.code, values, strict=True)]
    assert made == [(each.code, each.value) for each in oracle.judged(found)]
    return [each for each in made if each[0] in {f"monitored:{code}", f"breach:{code}"}]


def test_a_measurement_on_time_is_one_planned_interval_after_the_one_before() -> None:
    daily = "    weight | 2025-03-02 08:00 | | | 70\n    weight | 2025-03-03 08:00 | | | 71\n"
    assert meaning(PLAN + daily) == [("monitored:weight", 1.0), ("monitored:weight", 1.0)]


def test_a_late_measurement_tells_by_how_much_and_each_limit_is_the_citizens_own() -> None:
    given_late = "    weight | 2025-03-05 08:00 | | | 72.5\n    weight | 2025-03-06 08:00 | | | 67\n"
    assert meaning(PLAN + given_late) == [
        *(("monitored:weight", 4.0), ("breach:weight", None)),
        *(("monitored:weight", 1.0), ("breach:weight", None)),
    ]


def test_without_a_plan_or_after_its_end_a_measurement_means_nothing_more() -> None:
    ended = """    monitoring_ended:weight | 2025-03-04 00:00 | 2025-03-01 09:00 | |
    weight                  | 2025-03-04 08:00 |                  | | 90
"""
    assert meaning(PLAN + ended) == []
    assert meaning("code | occurred_at | value\nweight | 2025-03-04 08:00 | 90") == []
    assert meaning(PLAN + "    weight | 2025-02-27 08:00 | | | 90\n") == []


def test_a_limit_that_came_later_judges_nothing_that_was_known_before() -> None:
    later = """    monitoring_high:weight | 2025-03-01 00:00 | 2025-03-08 09:00 | | 60
    weight                 | 2025-03-05 08:00 | 2025-03-05 08:01 | | 70
    weight                 | 2025-03-06 08:00 | 2025-03-08 08:01 | | 70
"""
    assert [what for what, _ in meaning(PLAN + later)] == ["monitored:weight", "monitored:weight", "breach:weight"]


def test_a_plan_without_limits_or_rhythm_judges_what_it_can() -> None:
    bare = """
    code                   | occurred_at      | value
    monitoring:weight      | 2025-03-01 00:00 |
    monitoring_high:weight | 2025-03-01 00:00 |
    weight                 | 2025-03-05 08:00 | 900
"""
    assert meaning(bare) == [("monitored:weight", None)]


def test_thinned_readings_are_judged_by_what_each_number_can_tell() -> None:
    text = """
    code                       | occurred_at      | value
    monitoring:sensor:bed      | 2025-03-01 00:00 | 7
    monitoring_high:sensor:bed | 2025-03-01 00:00 | 6
    monitoring_low:sensor:bed  | 2025-03-01 00:00 | 2
    count:night:sensor:bed     | 2025-03-02 02:00 | 40
    sum:night:sensor:bed       | 2025-03-02 02:00 | 99
    min:night:sensor:bed       | 2025-03-02 02:00 | 3
    max:night:sensor:bed       | 2025-03-02 02:00 | 7
    min:day:sensor:bed         | 2025-03-02 12:00 | 1
"""
    assert [what for what, _ in meaning(text, "sensor:bed")] == [
        *("monitored:sensor:bed", "breach:sensor:bed", "breach:sensor:bed"),
    ]


@given(st.data())
def test_any_measurements_beside_any_plans_are_the_oracles(data: st.DataObject) -> None:
    day = data.draw(turning_days())
    found = data.draw(histories(day, CODES))
    citizen, as_of = np.array([1, 2, 3], dtype=np.int32), np.full(3, day_number(day), dtype=np.int32)
    expected = [list(features(found, each, day, CATALOGUE).values()) for each in (1, 2, 3)]
    np.testing.assert_allclose(build(as_events(found), citizen, as_of, CATALOGUE), expected, rtol=1e-5)


@given(st.data())
def test_the_future_judges_nothing_anew(data: st.DataObject) -> None:
    day = data.draw(turning_days())
    found = data.draw(histories(day, CODES))
    other = data.draw(another_future(found, midnight(day), histories(day, CODES, most=15)))
    rows = np.array([1, 2, 3], dtype=np.int32), np.full(3, day_number(day), dtype=np.int32)
    made = [build(as_events(each), *rows, CATALOGUE) for each in (found, other)]
    np.testing.assert_array_equal(made[0], made[1])


def test_events_of_nobody_with_a_plan_stay_the_same_events() -> None:
    events = as_events([Happening(1, "weight", midnight(date(2025, 3, 1)), midnight(date(2025, 3, 1)))])
    assert judged(events) is events
