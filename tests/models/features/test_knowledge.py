"""Nothing a list did not know when it was made changes a feature of it, nor does how the events happen to lie.

Metamorphic: a history is changed in everything that was written at or after T, in any way, and what is computed for
T must stay the same to the last bit.
"""

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.features.build import build
from models.features.spec import Catalogue
from models.windows import day_number
from tests.models.happenings import Happening, as_events
from tests.models.invented import CODES, another_future, catalogues, histories, turning_days
from tests.models.oracle.times import midnight

CITIZENS = np.array([1, 2, 3], dtype=np.int32)


def _features(found: list[Happening], day: date, catalogue: Catalogue) -> NDArray[np.float32]:
    return build(as_events(found), CITIZENS, np.full(3, day_number(day), dtype=np.int32), catalogue)


@given(st.data())
def test_no_feature_depends_on_anything_recorded_at_or_after_the_date(data: st.DataObject) -> None:
    day, catalogue = data.draw(turning_days()), data.draw(catalogues())
    found = data.draw(histories(day))
    other = data.draw(another_future(found, midnight(day), histories(day, (*CODES, "never seen before"), most=15)))
    np.testing.assert_array_equal(_features(other, day, catalogue), _features(found, day, catalogue), strict=True)


@given(st.data())
def test_no_feature_depends_on_the_order_events_come_in(data: st.DataObject) -> None:
    day, catalogue = data.draw(turning_days()), data.draw(catalogues())
    found = data.draw(histories(day))
    shuffled = data.draw(st.permutations(found))
    np.testing.assert_array_equal(_features(shuffled, day, catalogue), _features(found, day, catalogue))


@given(st.data())
def test_a_row_is_the_same_alone_as_among_others(data: st.DataObject) -> None:
    day, catalogue = data.draw(turning_days()), data.draw(catalogues())
    events = as_events(data.draw(histories(day)))
    rows = data.draw(st.lists(st.tuples(st.integers(1, 4), st.integers(-20, 20)), min_size=1, max_size=8))
    citizen = np.array([number for number, _ in rows], dtype=np.int32)
    as_of = np.array([day_number(day) + days for _, days in rows], dtype=np.int32)
    together = build(events, citizen, as_of, catalogue)
    for place in range(len(rows)):
        alone = build(events, citizen[place : place + 1], as_of[place : place + 1], catalogue)
        np.testing.assert_array_equal(alone[0], together[place])
