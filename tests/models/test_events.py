"""Events: one order whatever they came in, and nothing lost on the way between their two forms."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.events import SCHEMA, Events, canonical, instants, matches, timestamps
from models.windows import NEVER, NEVER_DAY, day_number, instant, local_time
from tests.models.happenings import Happening, as_events, as_table, happenings, moment
from tests.models.invented import histories, turning_days
from tests.models.oracle.times import local_date


def told(events: Events) -> list[tuple[object, ...]]:
    """The events as plain rows, times as days."""
    columns = (events.citizen, events.occurred_at, events.day, events.known_day, events.superseded_day, events.value)
    codes = [events.codes[code] for code in events.code]
    return [(*row, code) for *row, code in zip(*(column.tolist() for column in columns), codes, strict=True)]


def expected(found: Sequence[Happening]) -> list[tuple[object, ...]]:
    """The same from the happenings themselves, in order."""
    ordered = sorted(found, key=lambda each: (each.citizen, each.occurred_at, each.known_from, each.sequence))
    return [
        (
            each.citizen,
            instant(each.occurred_at),
            day_number(local_date(each.occurred_at)),
            day_number(local_date(each.known_from)),
            day_number(local_date(each.superseded_at)) if each.superseded_at else NEVER_DAY,
            pytest.approx(np.nan if each.value is None else each.value, nan_ok=True),
            each.code,
        )
        for each in ordered
    ]


@given(st.data())
def test_events_are_the_happenings_in_order_whatever_tables_they_came_in(data: st.DataObject) -> None:
    found = data.draw(st.permutations(data.draw(histories(data.draw(turning_days())))))
    cut = data.draw(st.integers(0, len(found)))
    assert told(Events.of([as_table(found[:cut]), as_table(found[cut:])])) == expected(found)


def test_of_nothing_there_are_no_events() -> None:
    for nothing in ([], [SCHEMA.empty_table()], [as_table([])]):
        events = Events.of(nothing)
        assert len(events) == 0
        assert len(events.with_codes(("*",))) == 0


def test_instants_and_timestamps_are_each_others_way_back() -> None:
    column = timestamps(np.array([0, 1_741_590_000_000_001, NEVER], dtype=np.int64))
    assert column.to_pylist() == [local_time(0), moment("2025-03-10 08:00:00.000001"), None]
    assert instants(pa.chunked_array([column])).tolist() == [0, 1_741_590_000_000_001, NEVER]


def test_events_are_chosen_by_code_and_by_mask() -> None:
    events = as_events(
        happenings("""
            code         | occurred_at
            visit:night  | 2025-03-01 02:00
            visit        | 2025-03-02 02:00
            note:SSH     | 2025-03-03 02:00
        """)
    )
    assert [events.codes[code] for code in events.with_codes(("visit:*", "note:SSH")).code] == [
        "visit:night",
        "note:SSH",
    ]
    assert len(events.with_codes(())) == 0
    assert events.where(events.day == events.day.max()).code.tolist() == events.code[-1:].tolist()


@pytest.mark.parametrize(
    ("code", "patterns", "expected"),
    [
        ("visit:night", ("visit:*",), True),
        ("visit", ("visit:*",), False),
        ("visit:night", ("visit:",), False),
        ("visit:night", ("note:*", "visit:night"), True),
        ("anything", ("*",), True),
        ("anything", (), False),
    ],
)
def test_a_pattern_is_a_code_or_the_beginning_of_codes(code: str, patterns: tuple[str, ...], expected: bool) -> None:
    assert matches(code, patterns) is expected


def test_a_table_is_sorted_by_citizen_time_knowledge_and_arrival() -> None:
    text = """
        citizen | code | occurred_at      | recorded_at      | sequence
        2       | a    | 2025-03-01 02:00 | 2025-03-01 02:00 | 5
        1       | b    | 2025-03-02 02:00 | 2025-03-02 02:00 | 4
        1       | c    | 2025-03-01 02:00 | 2025-03-03 02:00 | 1
        1       | d    | 2025-03-01 02:00 | 2025-03-02 02:00 | 3
        1       | e    | 2025-03-01 02:00 | 2025-03-02 02:00 | 2
    """
    assert canonical(as_table(happenings(text)))["code"].to_pylist() == ["e", "d", "c", "b", "a"]


@given(st.permutations(range(6)))
def test_events_of_one_row_have_one_order_whatever_order_they_come_in(order: list[int]) -> None:
    """A note is one row and many mentions: same times, same arrival."""
    of_one_row = happenings("""
        code | occurred_at      | recorded_at      | superseded_at    | sequence | value
        a    | 2025-03-05 08:00 | 2025-03-05 09:00 |                  | 7        | 1
        a    | 2025-03-05 08:00 | 2025-03-05 09:00 | 2025-03-06 09:00 | 7        | 2
        a    | 2025-03-05 08:00 | 2025-03-05 09:00 |                  | 7        | 2
        a    | 2025-03-05 08:00 | 2025-03-05 09:00 |                  | 7        |
        b    | 2025-03-05 08:00 | 2025-03-05 09:00 |                  | 7        | 0
        b    | 2025-03-05 08:00 | 2025-03-05 09:30 |                  | 6        | 0
    """)
    assert told(as_events([of_one_row[place] for place in order])) == expected(of_one_row)


def test_citizens_and_times_far_apart_are_in_order_to_the_microsecond() -> None:
    """Of keys and times that do not fit one number together, the last digits of times are settled afterwards."""
    found = happenings("""
        citizen    | code | occurred_at                | recorded_at
        2147483647 | a    | 2025-03-05 08:00:00.000002 | 2025-03-05 09:00
        2147483647 | b    | 2025-03-05 08:00:00.000001 | 2025-03-05 10:00
        0          | c    | 1905-03-05 08:00:01        | 2025-03-05 09:00
        0          | d    | 1905-03-05 08:00:00.5      | 2025-03-05 09:00
        2147483647 | e    | 2025-03-05 08:00:00        | 2025-03-05 11:00
    """)
    events = as_events(found)
    assert "".join(events.codes[code] for code in events.code) == "dceba"
