import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from models.scoring.calibration import Beta, Calibration, Isotonic, Platt, probability

ADAPTER: TypeAdapter[Platt | Beta | Isotonic] = TypeAdapter(Calibration)
slopes = st.floats(0.05, 5.0)
levels = st.floats(-5.0, 5.0)
maps = st.one_of(
    st.builds(Platt, slope=slopes, intercept=levels),
    st.builds(Beta, upper=slopes, lower=slopes, intercept=levels),
    st.builds(Isotonic, raw=st.just((-4.0, -2.0, 1.0)), calibrated=st.just((-3.5, -3.0, 0.5)), slope=slopes),
)


@given(maps, st.lists(st.floats(-12, 12), min_size=2, max_size=20, unique=True))
def test_every_map_keeps_the_order_of_scores(calibration: Platt | Beta | Isotonic, raw: list[float]):
    ordered = np.array(sorted(raw))
    apart = np.diff(ordered) > 1e-6
    assert np.all(np.diff(calibration.log_odds(ordered))[apart] > 0)


@given(maps)
def test_a_map_survives_being_written_down(calibration: Platt | Beta | Isotonic):
    assert ADAPTER.validate_json(ADAPTER.dump_json(calibration)) == calibration


def test_platt_is_a_line_in_log_odds():
    assert Platt(2.0, 0.5).log_odds(np.array([-1.0, 0.0, 1.0])).tolist() == [-1.5, 0.5, 2.5]


def test_beta_with_equal_slopes_is_that_line():
    raw = np.linspace(-6, 6, 13)
    np.testing.assert_allclose(Beta(1.3, 1.3, 0.2).log_odds(raw), 0.2 + 1.3 * raw, atol=1e-12)


def test_isotonic_goes_through_its_knots_and_on_with_its_slope():
    broken = Isotonic((0.0, 1.0), (0.0, 3.0), slope=0.5)
    assert broken.log_odds(np.array([-2.0, 0.0, 0.5, 1.0, 3.0])).tolist() == [-1.0, 0.0, 1.5, 3.0, 4.0]


def test_probability_neither_overflows_nor_leaves_its_range():
    found = probability(np.array([-1e4, 0.0, 1e4]))
    assert found.tolist() == [0.0, 0.5, 1.0]


@pytest.mark.parametrize(
    "data",
    [
        '{"kind": "platt", "slope": -1, "intercept": 0}',
        '{"kind": "platt", "slope": 1, "intercept": "NaN"}',
        '{"kind": "beta", "upper": 1, "lower": 0, "intercept": 0}',
        '{"kind": "isotonic", "raw": [0, 1], "calibrated": [1, 0], "slope": 1}',
        '{"kind": "isotonic", "raw": [0, 1], "calibrated": [0, 1, 2], "slope": 1}',
        '{"kind": "isotonic", "raw": [0], "calibrated": [0], "slope": 1}',
        '{"kind": "guess"}',
    ],
)
def test_a_map_that_would_turn_the_order_around_is_refused(data: str):
    with pytest.raises(ValidationError):
        ADAPTER.validate_json(data)
