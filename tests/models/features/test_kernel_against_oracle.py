"""The kernel gives what the definitions say: every number it computes is the one plain slow Python computes."""

from datetime import date, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.features.build import build
from models.features.catalogue import CATALOGUE
from models.features.spec import Catalogue, Signal
from models.windows import day_number
from tests.models.happenings import Happening, as_events
from tests.models.invented import catalogues, histories, turning_days
from tests.models.oracle.aggregates import features

CITIZENS = (1, 2, 3)


def _assert_equal_to_the_oracle(found: list[Happening], days: list[date], catalogue: Catalogue) -> None:
    rows = [(citizen, day) for day in days for citizen in CITIZENS]
    citizen = np.array([citizen for citizen, _ in rows], dtype=np.int32)
    as_of = np.array([day_number(day) for _, day in rows], dtype=np.int32)
    computed = build(as_events(found), citizen, as_of, catalogue)
    expected = [list(features(found, *row, catalogue).values()) for row in rows]
    # Numbers are kept as float32: where two of them cancel, the difference is as good as the greater was.
    weight = max(1.0, sum(abs(each.value or 0.0) for each in found))
    np.testing.assert_allclose(computed, np.array(expected, dtype=np.float64), rtol=1e-6, atol=1e-6 * weight)


@given(st.data())
def test_any_catalogue_over_any_events_equals_the_oracle(data: st.DataObject) -> None:
    day = data.draw(turning_days())
    found = data.draw(histories(day))
    _assert_equal_to_the_oracle(found, [day, day + timedelta(days=1), day + timedelta(days=7)], data.draw(catalogues()))


@settings(max_examples=max(2, settings().max_examples // 5))
@given(st.data())
def test_a_slice_of_the_real_catalogue_equals_the_oracle(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(CATALOGUE.features) - 1))
    slice_of_it = Catalogue(CATALOGUE.signals, CATALOGUE.features[start : start + 60])
    codes = sorted({_code(pattern) for signal in _looked_at(slice_of_it) for pattern in signal.codes})
    day = data.draw(turning_days())
    found = data.draw(histories(day, codes))
    _assert_equal_to_the_oracle(found, [day, day + timedelta(days=7)], slice_of_it)


def _looked_at(catalogue: Catalogue) -> list[Signal]:
    return [catalogue.signal(name) for name in sorted({part.signal for part in catalogue.aggregates})] or list(
        catalogue.signals
    )


def _code(pattern: str) -> str:
    """A code the pattern matches."""
    return pattern.replace("*", "1.2")
