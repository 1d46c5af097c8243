"""Home monitoring: a measurement is late or beyond a limit by the plan that was known when it was."""

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.engines.local import matrix, reach
from models.features import catalogue as real
from models.features.build import build
from models.features.spec import Aggregate, Aggregation, Catalogue, Feature, Signal, Window
from models.monitoring import judged
from models.windows import day_number
from tests.models.happenings import Happening, as_events, happenings
from tests.models.invented import another_future, histories, turning_days
from tests.models.oracle import monitoring as oracle
from tests.models.oracle.aggregates import features
from tests.models.oracle.times import midnight
from tests.models.stored import snapshot_of

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


def test_a_gap_longer_than_half_a_year_is_told_as_half_a_year() -> None:
    weekly = """
    code              | occurred_at      | value
    monitoring:weight | 2023-01-01 00:00 | 1
    weight            | 2024-02-01 08:00 | 70
    weight            | 2024-07-29 08:00 | 70
    weight            | 2025-01-26 08:00 | 70
"""
    assert meaning(weekly) == [("monitored:weight", pytest.approx(gap / 7)) for gap in (180, 179, 180)]


def written(day: date, days_before: int, code: str, value: float) -> Happening:
    """An event of citizen 1, so many days before a day, written at once."""
    moment = midnight(day - timedelta(days=days_before))
    return Happening(1, code, moment, moment, value=value)


def alone_and_among_many(found: list[Happening], days: list[int], catalogue: Catalogue) -> list[bool]:
    """Whether the rows of each date, computed alone, are to the last bit those computed with the others."""
    with TemporaryDirectory() as folder:
        snapshot = snapshot_of(found, Path(folder), buckets=2)
        together = matrix(snapshot, days, catalogue)
        return [
            matrix(snapshot, [day], catalogue).values.tobytes() == together.values[together.as_of == day].tobytes()
            for day in days
        ]


@pytest.mark.parametrize("catalogue", [CATALOGUE, real.CATALOGUE], ids=["windows of a year", "the catalogue"])
def test_a_measurement_that_a_list_does_not_read_is_not_told_by_training_either(catalogue: Catalogue) -> None:
    day = date(2025, 3, 10)
    codes = ((600, "citizen:care_start"), (600, "monitoring:weight"), (450, "weight"), (10, "weight"))
    found = [written(day, days_before, code, 7.0) for days_before, code in codes]
    assert alone_and_among_many(found, [day_number(day) - 500, day_number(day)], catalogue) == [True, True]


@settings(max_examples=max(10, settings().max_examples // 4))
@given(st.data())
def test_plans_and_measurements_years_apart_are_the_same_on_a_date_alone_as_among_many(data: st.DataObject) -> None:
    day = data.draw(turning_days())
    age = st.one_of(st.integers(0, 1500), st.sampled_from([180, 181, 364, 365, 366, 544, 545, 546]))
    drawn = data.draw(st.lists(st.tuples(age, st.sampled_from(["weight", "weight", "monitoring:weight"])), max_size=12))
    found = [written(day, 2000, "citizen:care_start", 0.0), written(day, 1600, "monitoring:weight", 7.0)]
    found += [written(day, *each, 7.0) for each in drawn]
    days = [day_number(day) - days_before for days_before in (1400, 370, 200, 0)]
    assert all(alone_and_among_many(found, days, CATALOGUE))


@pytest.mark.parametrize(
    ("kind", "found_only", "expected"),
    [
        *((Aggregation.COUNT, False, 365), (Aggregation.SINCE, False, 365)),
        *((Aggregation.COUNT, True, 545), (Aggregation.MEAN, False, 545)),
    ],
)
def test_further_back_is_read_only_for_how_late_measurements_were(
    kind: Aggregation, found_only: bool, expected: int
) -> None:
    monitored = Signal("monitored", ("monitored:*",), "g", "", "", found_only=found_only)
    assert reach(Catalogue([monitored], [Feature(Aggregate("monitored", kind, Window(365)), "g", "", "")])) == expected
    assert reach(real.CATALOGUE) == 365
