"""What each aggregation and comparison makes of events, as text tables with the number that comes out.

These are the documentation of the features. Each number is computed twice, by the kernel and by the oracle, and must
be the same.
"""

import math
from datetime import date
from types import MappingProxyType

import numpy as np
import pytest

from models.features.build import build
from models.features.spec import (
    EVER,
    Aggregate,
    Aggregation,
    Catalogue,
    Compared,
    Comparison,
    Definition,
    Feature,
    Season,
    Signal,
    Window,
)
from models.windows import day_number
from tests.models.happenings import as_events, happenings
from tests.models.oracle.aggregates import features

COUNT, SUM, DAYS, DECAYED = Aggregation.COUNT, Aggregation.SUM, Aggregation.DAYS, Aggregation.DECAYED
MEAN, MIN, MAX, STD = Aggregation.MEAN, Aggregation.MIN, Aggregation.MAX, Aggregation.STD
LAST, SINCE, SLOPE = Aggregation.LAST, Aggregation.SINCE, Aggregation.SLOPE

SIGNALS = (
    Signal("pulse", ("pulse", "noted:pulse"), "pulse", "puls", "pulse"),
    Signal("fall", ("fall*",), "fall", "fald", "falls", found_only=True),
    Signal(
        "triage",
        ("green", "yellow", "red"),
        "triage",
        "triagefarve",
        "triage colour",
        scores=MappingProxyType({"green": 0.0, "yellow": 1.0, "red": 2.0}),
    ),
)

WEEK = """
    code  | occurred_at      | value
    pulse | 2025-03-03 08:00 | 70
    pulse | 2025-03-05 08:00 | 80
    pulse | 2025-03-05 20:00 |
    pulse | 2025-03-09 08:00 | 96
"""


def number(definition: Definition, at: str, given: str = "code | occurred_at") -> float:
    """The feature of citizen 1 on a day, given the events: the kernel's number, which must be the oracle's."""
    catalogue = Catalogue(SIGNALS, [Feature(definition, "", "", "")])
    found, day = happenings(given), date.fromisoformat(at)
    rows = np.array([1], dtype=np.int32), np.array([day_number(day)], dtype=np.int32)
    computed = build(as_events(found), *rows, catalogue)[0, 0]
    expected = features(found, 1, day, catalogue)[str(definition)]
    assert computed == pytest.approx(expected, rel=1e-6, nan_ok=True)
    return float(computed)


def pulse(aggregation: Aggregation, days: int = 7, first: int = 0) -> Aggregate:
    """An aggregate of the pulse."""
    return Aggregate("pulse", aggregation, Window(days, first))


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [
        (COUNT, 4),
        (SUM, 246),
        (DAYS, 3),
        (MEAN, 82),
        (MIN, 70),
        (MAX, 96),
        (STD, 13.114877),
        (LAST, 96),
        (SINCE, 1),
        (SLOPE, 4.285714),
    ],
    ids=str,
)
def test_an_aggregation_of_a_week_of_pulses(aggregation: Aggregation, expected: float) -> None:
    assert number(pulse(aggregation), "2025-03-10", WEEK) == pytest.approx(expected)


@pytest.mark.parametrize("aggregation", [COUNT, SUM, DAYS], ids=str)
def test_of_no_events_there_are_none(aggregation: Aggregation) -> None:
    assert number(pulse(aggregation), "2025-03-10") == 0
    assert number(pulse(aggregation), "2025-03-03", WEEK) == 0


def test_of_no_events_a_decayed_count_is_nothing() -> None:
    assert number(Aggregate("pulse", DECAYED, Window(30), half_life=4), "2025-03-10") == 0


@pytest.mark.parametrize("aggregation", [MEAN, MIN, MAX, STD, LAST, SINCE, SLOPE], ids=str)
def test_of_no_events_any_other_number_is_missing(aggregation: Aggregation) -> None:
    assert math.isnan(number(pulse(aggregation), "2025-03-10"))
    assert math.isnan(number(pulse(aggregation), "2025-03-03", WEEK))


@pytest.mark.parametrize("aggregation", [MEAN, MIN, MAX, STD, LAST, SLOPE], ids=str)
def test_events_without_a_value_have_no_mean_and_no_last(aggregation: Aggregation) -> None:
    given = """
        code  | occurred_at      | value
        pulse | 2025-03-05 08:00 |
        pulse | 2025-03-06 08:00 |
        pulse | 2025-03-07 08:00 |
    """
    assert math.isnan(number(pulse(aggregation), "2025-03-10", given))
    assert number(pulse(SUM), "2025-03-10", given) == 0
    assert number(pulse(COUNT), "2025-03-10", given) == 3
    assert number(pulse(SINCE), "2025-03-10", given) == 3


def test_the_window_is_the_days_before_the_date_and_no_part_of_the_date() -> None:
    given = """
        code  | occurred_at             | recorded_at | value
        pulse | 2025-03-02 23:59:59.999999 | 2025-03-03 08:00 | 1
        pulse | 2025-03-03 00:00        | 2025-03-03 08:00 | 10
        pulse | 2025-03-09 23:59:59.999999 | 2025-03-09 23:59:59.999999 | 100
        pulse | 2025-03-10 00:00        | 2025-03-09 12:00 | 1000
    """
    assert number(pulse(SUM), "2025-03-10", given) == 110


def test_a_window_that_begins_earlier_leaves_the_last_days_out() -> None:
    given = """
        code  | occurred_at                | value
        pulse | 2025-03-01 23:59:59.999999 | 1
        pulse | 2025-03-02 00:00           | 10
        pulse | 2025-03-06 23:59:59.999999 | 100
        pulse | 2025-03-07 00:00           | 1000
    """
    assert number(pulse(SUM, days=8, first=3), "2025-03-10", given) == 110


def test_neighbouring_windows_share_no_event_and_miss_none() -> None:
    given = "code | occurred_at\n" + "\n".join(f"pulse | 2025-03-{day:02d} 00:00" for day in range(1, 32))
    recent, before = number(pulse(COUNT, 7), "2025-04-01", given), number(pulse(COUNT, 20, 7), "2025-04-01", given)
    assert (recent, before) == (7, 13)
    assert number(pulse(COUNT, 20), "2025-04-01", given) == recent + before


def test_a_window_without_end_reaches_a_birth_a_century_ago() -> None:
    given = "code | occurred_at\npulse | 1919-03-10 00:00"
    assert number(pulse(COUNT, EVER), "2025-03-10", given) == 1
    assert number(pulse(SINCE, EVER), "2025-03-10", given) == 38_717


def test_an_event_is_not_known_before_it_was_written_down() -> None:
    late = """
        code | occurred_at      | recorded_at
        fall | 2025-03-05 08:00 | 2025-03-10 00:00
    """
    fall = Aggregate("fall", COUNT, Window(30))
    assert number(fall, "2025-03-10", late) == 0
    assert number(fall, "2025-03-11", late) == 1


def test_an_event_written_down_a_microsecond_before_the_date_is_known() -> None:
    given = """
        code | occurred_at      | recorded_at
        fall | 2025-03-05 08:00 | 2025-03-09 23:59:59.999999
    """
    assert number(Aggregate("fall", COUNT, Window(30)), "2025-03-10", given) == 1


def test_a_plan_counts_when_its_day_has_come() -> None:
    planned = """
        code | occurred_at      | recorded_at
        fall | 2025-03-12 08:00 | 2025-03-01 08:00
    """
    fall = Aggregate("fall", COUNT, Window(30))
    assert number(fall, "2025-03-12", planned) == 0
    assert number(fall, "2025-03-13", planned) == 1


def test_a_correction_counts_from_the_day_after_it_was_written() -> None:
    corrected = """
        code  | occurred_at      | recorded_at      | superseded_at    | value
        pulse | 2025-03-05 08:00 | 2025-03-05 08:00 | 2025-03-10 00:00 | 170
        pulse | 2025-03-05 08:00 | 2025-03-10 00:00 |                  | 70
    """
    assert number(pulse(LAST), "2025-03-10", corrected) == 170
    assert number(pulse(LAST), "2025-03-11", corrected) == 70
    assert number(pulse(COUNT), "2025-03-11", corrected) == 1


def test_a_version_replaced_a_microsecond_before_the_date_is_gone() -> None:
    retracted = """
        code | occurred_at      | superseded_at
        fall | 2025-03-05 08:00 | 2025-03-09 23:59:59.999999
    """
    assert number(Aggregate("fall", COUNT, Window(30)), "2025-03-10", retracted) == 0


def test_of_equal_times_the_last_is_the_one_known_last_then_the_one_that_came_last() -> None:
    known_later = """
        code        | occurred_at      | recorded_at      | sequence | value
        pulse       | 2025-03-05 08:00 | 2025-03-05 09:00 | 1        | 61
        noted:pulse | 2025-03-05 08:00 | 2025-03-05 08:30 | 2        | 62
    """
    came_later = """
        code        | occurred_at      | sequence | value
        noted:pulse | 2025-03-05 08:00 | 2        | 62
        pulse       | 2025-03-05 08:00 | 1        | 61
    """
    assert number(pulse(LAST), "2025-03-10", known_later) == 61
    assert number(pulse(LAST), "2025-03-10", came_later) == 62


def test_the_last_value_is_looked_for_behind_an_event_without_one() -> None:
    given = """
        code  | occurred_at      | value
        pulse | 2025-03-04 08:00 | 64
        pulse | 2025-03-08 08:00 |
    """
    assert number(pulse(LAST), "2025-03-10", given) == 64
    assert number(pulse(SINCE), "2025-03-10", given) == 2


def test_looked_for_and_absent_is_not_found() -> None:
    given = """
        code     | occurred_at      | value
        fall     | 2025-03-04 08:00 | 1
        fall     | 2025-03-05 08:00 | 0
        fall:bed | 2025-03-06 08:00 |
        fall     | 2025-03-08 08:00 | 0
    """
    assert number(Aggregate("fall", COUNT, Window(7)), "2025-03-10", given) == 2
    assert number(Aggregate("fall", SINCE, Window(7)), "2025-03-10", given) == 4


def test_a_score_stands_for_the_value_a_code_does_not_carry() -> None:
    given = """
        code   | occurred_at      | value
        red    | 2025-03-04 08:00 |
        yellow | 2025-03-05 08:00 | 17
        green  | 2025-03-06 08:00 |
    """
    assert number(Aggregate("triage", LAST, Window(7)), "2025-03-10", given) == 0
    assert number(Aggregate("triage", MAX, Window(7)), "2025-03-10", given) == 2
    assert number(Aggregate("triage", MEAN, Window(7)), "2025-03-10", given) == 1


@pytest.mark.parametrize(
    ("on", "expected"), [("2025-03-09", 1.0), ("2025-03-05", 0.5), ("2025-03-01", 0.25), ("2025-02-07", 0.0)]
)
def test_a_decayed_event_weighs_half_after_each_half_life(on: str, expected: float) -> None:
    fading = Aggregate("pulse", DECAYED, Window(30), half_life=4)
    assert number(fading, "2025-03-10", f"code | occurred_at\npulse | {on} 08:00") == expected


def test_a_decayed_count_adds_up() -> None:
    fading = Aggregate("pulse", DECAYED, Window(30), half_life=2)
    assert number(fading, "2025-03-10", WEEK) == pytest.approx(2**-3 + 2 * 2**-2 + 1)


def test_a_single_value_has_no_spread_and_two_values_no_slope() -> None:
    one, two = "code | occurred_at | value\npulse | 2025-03-04 08:00 | 64", "\npulse | 2025-03-06 08:00 | 66"
    assert math.isnan(number(pulse(STD), "2025-03-10", one))
    assert math.isnan(number(pulse(SLOPE), "2025-03-10", one + two))
    assert number(pulse(STD), "2025-03-10", one + two) == pytest.approx(math.sqrt(2))


def test_values_of_a_single_day_have_no_slope() -> None:
    given = "code | occurred_at | value\n" + "\n".join(f"pulse | 2025-03-04 0{hour}:00 | {hour}" for hour in range(5))
    assert math.isnan(number(pulse(SLOPE), "2025-03-10", given))


def test_heavy_values_keep_their_small_spread() -> None:
    given = """
        code  | occurred_at      | value
        pulse | 2025-03-04 08:00 | 1000000
        pulse | 2025-03-05 08:00 | 1000001
        pulse | 2025-03-06 08:00 | 1000002
    """
    assert number(pulse(STD), "2025-03-10", given) == 1
    assert number(pulse(SLOPE), "2025-03-10", given) == 1


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        (Comparison.DIFFERENCE, 3 - 0.5 * 4),
        (Comparison.RATIO, 3 / (0.5 * 4 + 1)),
        (Comparison.LOG_RATIO, math.log((3 + 1) / (0.5 * 4 + 1))),
    ],
    ids=str,
)
def test_a_comparison_of_three_falls_this_week_with_four_pulses(comparison: Comparison, expected: float) -> None:
    falls = "".join(f"\n fall | 2025-03-0{day} 12:00 | 1" for day in (3, 4, 5))
    compared = Compared(comparison, Aggregate("fall", COUNT, Window(7)), pulse(COUNT), scale=0.5, prior=1.0)
    assert number(compared, "2025-03-10", WEEK.rstrip() + falls) == pytest.approx(expected)


@pytest.mark.parametrize("comparison", Comparison, ids=str)
def test_a_comparison_with_something_missing_is_missing(comparison: Comparison) -> None:
    falls = Aggregate("fall", MEAN, Window(7))
    assert math.isnan(number(Compared(comparison, falls, pulse(MEAN), prior=1.0), "2025-03-10", WEEK))
    assert math.isnan(number(Compared(comparison, pulse(MEAN), falls, prior=1.0), "2025-03-10", WEEK))


def test_nothing_per_nothing_is_missing() -> None:
    per = Compared(Comparison.RATIO, pulse(COUNT), Aggregate("fall", COUNT, Window(7)))
    assert math.isnan(number(per, "2025-03-10", WEEK))


def test_a_logarithm_of_what_is_not_positive_is_missing() -> None:
    given = "code | occurred_at | value\npulse | 2025-03-05 08:00 | -5"
    assert math.isnan(number(Compared(Comparison.LOG_RATIO, pulse(SUM), pulse(COUNT), prior=2.0), "2025-03-10", given))


def test_a_day_of_23_and_a_day_of_25_hours_are_each_one_day() -> None:
    spring = """
        code  | occurred_at               | value
        pulse | 2025-03-29 23:59:59       | 1
        pulse | 2025-03-30 00:00          | 10
        pulse | 2025-03-30 23:59:59       | 100
    """
    autumn = """
        code  | occurred_at               | value
        pulse | 2024-10-26 23:59:59       | 1
        pulse | 2024-10-27 00:00          | 10
        pulse | 2024-10-27 02:30+02:00    | 100
        pulse | 2024-10-27 02:30+01:00    | 1000
        pulse | 2024-10-27 23:59:59+01:00 | 10000
    """
    assert number(pulse(SUM, 1), "2025-03-31", spring) == 110
    assert number(pulse(SUM, 2), "2025-03-31", spring) == 111
    assert number(pulse(SUM, 1), "2024-10-28", autumn) == 11_110
    assert number(pulse(SINCE, 7), "2024-10-30", autumn) == 3


def test_the_leap_day_is_a_day() -> None:
    given = """
        code  | occurred_at      | value
        pulse | 2024-02-28 12:00 | 1
        pulse | 2024-02-29 12:00 | 10
        pulse | 2024-03-01 12:00 | 100
    """
    assert number(pulse(SUM, 2), "2024-03-02", given) == 110
    assert number(pulse(SUM, 3), "2024-03-02", given) == 111
    assert number(pulse(COUNT, 365), "2025-02-28", given) == 2


def test_the_time_of_year_is_a_point_on_a_circle() -> None:
    assert number(Season.SIN, "2025-01-01") == pytest.approx(math.sin(2 * math.pi / 365.25))
    assert number(Season.COS, "2025-01-01") == pytest.approx(1, abs=1e-3)
    assert number(Season.COS, "2025-07-02") == pytest.approx(-1, abs=1e-3)


def test_an_event_of_several_signals_counts_in_each() -> None:
    signals = (*SIGNALS, Signal("measured", ("pulse", "weight"), "", "", ""))
    both = [pulse(COUNT), Aggregate("measured", COUNT, Window(7))]
    catalogue = Catalogue(signals, [Feature(part, "", "", "") for part in both])
    rows = np.array([1], dtype=np.int32), np.array([day_number(date(2025, 3, 10))], dtype=np.int32)
    assert build(as_events(happenings(WEEK)), *rows, catalogue).tolist() == [[4, 4]]


def test_citizens_do_not_see_each_other_and_strangers_have_no_events() -> None:
    catalogue = Catalogue(SIGNALS, [Feature(pulse(COUNT), "", "", "")])
    given = """
        citizen | code  | occurred_at
        2       | pulse | 2025-03-09 08:00
        5       | pulse | 2025-03-09 08:00
        5       | pulse | 2025-03-09 08:00
    """
    citizen = np.array([1, 5, 2, 3, 9], dtype=np.int32)
    as_of = np.full(5, day_number(date(2025, 3, 10)), dtype=np.int32)
    assert build(as_events(happenings(given)), citizen, as_of, catalogue).ravel().tolist() == [0, 2, 1, 0, 0]
