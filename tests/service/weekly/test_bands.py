import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.weekly.bands import BORDERS, band_of
from service.weekly.lists import Band


@pytest.mark.parametrize(
    ("probability", "band"),
    [
        (0.0, Band.USUAL),
        (0.0699999, Band.USUAL),
        (0.07, Band.RAISED),
        (0.1199999, Band.RAISED),
        (0.12, Band.HIGH),
        (0.1999999, Band.HIGH),
        (0.20, Band.VERY_HIGH),
        (1.0, Band.VERY_HIGH),
    ],
)
def test_a_border_belongs_to_the_band_above_it(probability: float, band: Band):
    assert band_of(probability) is band


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_higher_risk_never_has_a_lower_band(one: float, other: float):
    order = list(reversed(Band))
    low, high = sorted((one, other))
    assert order.index(band_of(low)) <= order.index(band_of(high))


def test_borders_fall_and_every_band_can_be_reached():
    borders = [border for border, _ in BORDERS]
    assert borders == sorted(borders, reverse=True)
    assert {band_of(border) for border in (*borders, 0.0)} == set(Band)
