"""Thinning: a few numbers a day say of any days, on any date, what all the readings would have said."""

from dataclasses import replace
from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.events import SCHEMA
from models.features.build import build
from models.features.spec import Aggregate, Aggregation, Catalogue, Feature, Signal, Window
from models.thinning import at_night, is_dense, thinned
from models.windows import day_number, instant
from tests.models.happenings import Happening, as_events, as_table, cells, happenings, moment
from tests.models.invented import another_future, histories, turning_days
from tests.models.oracle.times import midnight

READINGS = ("sensor:bed_exit", "sensor:door")
WINDOWS = (Window(1), Window(7), Window(30), Window(90, first=7))


def catalogue(signals: dict[str, tuple[str, ...]], aggregations: dict[str, Aggregation]) -> Catalogue:
    """For each signal one aggregation over every window."""
    parts = [Aggregate(name, aggregations[name], window) for name in signals for window in WINDOWS]
    return Catalogue(
        [Signal(name, codes, "g", "", "") for name, codes in signals.items()],
        [Feature(part, "g", "", "") for part in parts],
    )


STATISTICS = {"count": Aggregation.COUNT, "sum": Aggregation.SUM, "min": Aggregation.MIN, "max": Aggregation.MAX}
RAW = catalogue(dict.fromkeys(STATISTICS, ("sensor:bed_exit",)), STATISTICS)
THIN = catalogue(
    {name: (f"{name}:day:sensor:bed_exit", f"{name}:night:sensor:bed_exit") for name in STATISTICS},
    STATISTICS | {"count": Aggregation.SUM},
)


def told(found: list[Happening]) -> list[tuple[object, ...]]:
    """What the readings become, as plain rows in order of code."""
    table = thinned(as_table(found))
    columns = ("code", "value", "occurred_at", "known_from", "superseded_at", "sequence")
    return sorted(tuple(row[name] for name in columns) for row in table.to_pylist())


@given(st.data())
def test_numbers_over_days_are_those_of_all_readings_on_every_date(data: st.DataObject) -> None:
    day = data.draw(turning_days())
    found = data.draw(histories(day, READINGS, most=60))
    citizen = np.repeat(np.array([1, 2, 3], dtype=np.int32), 5)
    as_of = np.tile(day_number(day) + np.array([-3, 0, 1, 2, 9], dtype=np.int32), 3)
    raw = build(as_events(found), citizen, as_of, RAW)
    thin = build(type(as_events([])).of([thinned(as_table(found))]), citizen, as_of, THIN)
    np.testing.assert_allclose(thin, raw, rtol=1e-6, atol=1e-3)


@given(st.data())
def test_the_future_changes_nothing_that_was_told_before(data: st.DataObject) -> None:
    day = data.draw(turning_days())
    found = data.draw(histories(day, READINGS))
    other = data.draw(another_future(found, midnight(day), histories(day, READINGS, most=15)))
    rows = np.array([1, 2, 3], dtype=np.int32), np.full(3, day_number(day), dtype=np.int32)
    made = [build(type(as_events([])).of([thinned(as_table(each))]), *rows, THIN) for each in (found, other)]
    np.testing.assert_array_equal(made[0], made[1])


@given(st.data())
def test_the_order_of_readings_changes_nothing(data: st.DataObject) -> None:
    found = data.draw(histories(date(2025, 3, 30), READINGS))
    shuffled = data.draw(st.permutations(found))
    assert thinned(as_table(found)).equals(thinned(as_table(shuffled)))


def test_a_night_and_a_day_of_readings_become_four_numbers_each() -> None:
    found = happenings("""
        code            | occurred_at      | recorded_at      | sequence | value
        sensor:bed_exit | 2025-03-05 02:00 | 2025-03-05 02:01 | 4        | 3
        sensor:bed_exit | 2025-03-05 23:30 | 2025-03-05 23:31 | 9        | 1
        sensor:bed_exit | 2025-03-05 12:00 | 2025-03-05 12:01 | 6        | 2
        sensor:bed_exit | 2025-03-05 13:00 | 2025-03-05 13:01 | 7        |
    """)
    assert [row[:2] for row in told(found)] == [
        *(("count:day:sensor:bed_exit", 2.0), ("count:night:sensor:bed_exit", 2.0)),
        *(("max:day:sensor:bed_exit", 2.0), ("max:night:sensor:bed_exit", 3.0)),
        *(("min:day:sensor:bed_exit", 2.0), ("min:night:sensor:bed_exit", 1.0)),
        *(("sum:day:sensor:bed_exit", 2.0), ("sum:night:sensor:bed_exit", 4.0)),
    ]
    night = told(found)[1]
    assert night[2:] == (moment("2025-03-05 23:30"), moment("2025-03-05 23:31"), None, 4)


def test_late_and_corrected_readings_are_groups_of_their_own() -> None:
    found = happenings("""
        code        | occurred_at      | recorded_at      | superseded_at    | sequence
        sensor:door | 2025-03-05 12:00 | 2025-03-05 12:01 |                  | 1
        sensor:door | 2025-03-05 13:00 | 2025-03-05 13:01 | 2025-03-09 10:00 | 2
        sensor:door | 2025-03-05 14:00 | 2025-03-08 09:00 |                  | 3
        sensor:door | 2025-03-05 15:00 | 2025-03-08 10:00 |                  | 4
    """)
    expected = [
        (1.0, moment("2025-03-05 12:01"), None),
        (1.0, moment("2025-03-05 13:01"), moment("2025-03-09 10:00")),
        (2.0, moment("2025-03-08 10:00"), None),
    ]
    rows = {row[3]: (row[1], row[3], row[4]) for row in told(found)}
    assert [rows[known_from] for _, known_from, _ in expected] == expected
    assert len(rows) == len(expected)


def test_readings_without_a_value_are_counted_and_nothing_else() -> None:
    found = happenings("code | occurred_at\nsensor:door | 2025-03-05 12:00")
    assert [row[:2] for row in told(found)] == [("count:day:sensor:door", 1.0)]


def test_of_no_readings_nothing_is_made() -> None:
    assert thinned(SCHEMA.empty_table()).equals(SCHEMA.empty_table())
    assert is_dense(SCHEMA.empty_table()).tolist() == []


def test_what_is_dense_is_told_by_the_vocabulary() -> None:
    found = happenings("code | occurred_at\nsensor:door | 2025-03-05\nvisit:night | 2025-03-05\nsensor:x | 2025-03-05")
    assert is_dense(as_table(found)).tolist() == [True, False, True]
    assert is_dense(as_table([replace(each, code="a") for each in found])).tolist() == [False] * 3


def test_night_is_told_by_the_clock_on_the_wall_when_clocks_are_turned_too() -> None:
    rows = cells("""
        at                        | night
        2025-03-05 06:59:59       | yes
        2025-03-05 07:00          | no
        2025-03-05 22:59:59       | no
        2025-03-05 23:00          | yes
        2025-03-30 06:59:59       | yes
        2025-03-30 07:00          | no
        2024-10-27 06:59:59+01:00 | yes
        2024-10-27 07:00+01:00    | no
    """)
    at = np.array([instant(moment(row["at"])) for row in rows], dtype=np.int64)
    assert at_night(at).tolist() == [row["night"] == "yes" for row in rows]
