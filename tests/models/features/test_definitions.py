"""Definitions: what cannot be computed cannot be written, and a name says all there is to know."""

from dataclasses import replace
from types import MappingProxyType

import pytest

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

PULSE = Signal("pulse", ("NPU21692",), "pulse", "puls", "pulse")
FALL = Signal("fall", ("event:fall",), "fall", "fald", "falls", found_only=True)
WEEKLY = Aggregate("pulse", Aggregation.COUNT, Window(7))


def feature(definition: Definition) -> Feature:
    """A feature of it."""
    return Feature(definition, "group", "unit", "source")


@pytest.mark.parametrize(("end", "first"), [(0, 0), (7, 7), (7, 8), (7, -1), (-1, -2)])
def test_a_window_begins_before_it_ends(end: int, first: int) -> None:
    with pytest.raises(ValueError, match="must begin before it ends"):
        Window(end, first)


def test_a_half_life_belongs_to_a_decayed_count_and_to_nothing_else() -> None:
    for aggregation, half_life in ((Aggregation.DECAYED, 0), (Aggregation.COUNT, 4)):
        with pytest.raises(ValueError, match="half-life belongs to a decayed count"):
            Aggregate("pulse", aggregation, Window(7), half_life)


@pytest.mark.parametrize("aggregation", [Aggregation.LAST, Aggregation.SINCE])
def test_what_looks_back_from_today_cannot_begin_earlier(aggregation: Aggregation) -> None:
    with pytest.raises(ValueError, match="looks back from T"):
        Aggregate("pulse", aggregation, Window(30, first=7))


def test_a_decayed_count_cannot_begin_earlier() -> None:
    with pytest.raises(ValueError, match="looks back from T"):
        Aggregate("pulse", Aggregation.DECAYED, Window(30, first=7), half_life=4)


@pytest.mark.parametrize(
    ("definition", "name"),
    [
        (WEEKLY, "pulse.count.7d"),
        (Aggregate("pulse", Aggregation.MEAN, Window(90, first=7)), "pulse.mean.8_90d"),
        (Aggregate("pulse", Aggregation.SINCE, Window(EVER)), "pulse.since.ever"),
        (Aggregate("pulse", Aggregation.DECAYED, Window(32), half_life=4), "pulse.decayed.half4d"),
        (Compared(Comparison.RATIO, WEEKLY, WEEKLY), "pulse.count.7d.ratio.pulse.count.7d"),
        (Season.SIN, "season.sin"),
    ],
)
def test_a_name_tells_signal_aggregation_and_window(definition: Definition, name: str) -> None:
    assert feature(definition).name == name


def test_a_window_knows_its_length() -> None:
    assert (Window(7).days, Window(90, first=7).days) == (7, 83)


def test_a_catalogue_of_repeated_or_unknown_names_is_refused() -> None:
    for signals, definitions in (
        ((PULSE,), (WEEKLY, WEEKLY)),
        ((PULSE, PULSE), (WEEKLY,)),
        ((FALL,), (WEEKLY,)),
    ):
        with pytest.raises(ValueError, match="Catalogue with repeated names, or unknown signals"):
            Catalogue(signals, [feature(definition) for definition in definitions])


def test_each_aggregate_is_computed_once_however_often_it_is_used() -> None:
    usual = Aggregate("pulse", Aggregation.COUNT, Window(90))
    compared = Compared(Comparison.RATIO, usual, WEEKLY)
    of_three = Catalogue([PULSE], [feature(WEEKLY), feature(compared), feature(Season.COS)])
    assert of_three.aggregates == (WEEKLY, usual)


def test_the_longest_look_back_is_the_longest_that_ends() -> None:
    ever = Aggregate("pulse", Aggregation.COUNT, Window(EVER))
    assert Catalogue([PULSE], [feature(WEEKLY), feature(ever)]).longest == 7
    assert Catalogue([PULSE], [feature(ever)]).longest == 1


def test_signals_features_and_columns_are_found_by_name() -> None:
    of_two = Catalogue([PULSE, FALL], [feature(Season.SIN), feature(WEEKLY)])
    assert of_two.signal("fall") is FALL
    assert of_two.feature("pulse.count.7d").definition == WEEKLY
    assert of_two.column("pulse.count.7d") == 1
    for found in (of_two.signal, of_two.feature, of_two.column):
        with pytest.raises(KeyError):
            found("temperature")


@pytest.mark.parametrize(
    "changed",
    [
        Catalogue([replace(PULSE, codes=("NPU21692", "noted:NPU21692"))], [feature(WEEKLY)]),
        Catalogue([replace(PULSE, found_only=True)], [feature(WEEKLY)]),
        Catalogue([replace(PULSE, scores=MappingProxyType({"NPU21692": 1.0}))], [feature(WEEKLY)]),
        Catalogue([PULSE], [feature(replace(WEEKLY, window=Window(8)))]),
        Catalogue([PULSE], [feature(replace(WEEKLY, aggregation=Aggregation.SUM))]),
        Catalogue([PULSE], [feature(Compared(Comparison.RATIO, WEEKLY, WEEKLY))]),
        Catalogue([PULSE], [feature(WEEKLY), feature(Season.SIN)]),
    ],
)
def test_the_fingerprint_changes_with_any_definition(changed: Catalogue) -> None:
    assert changed.fingerprint != Catalogue([PULSE], [feature(WEEKLY)]).fingerprint


def test_the_fingerprint_tells_the_order_of_the_columns_and_any_change_of_a_comparison() -> None:
    compared = Compared(Comparison.RATIO, WEEKLY, WEEKLY, scale=1.0, prior=1.0)
    variants = [
        [compared, WEEKLY],
        [WEEKLY, compared],
        [replace(compared, scale=2.0), WEEKLY],
        [replace(compared, prior=2.0), WEEKLY],
    ]
    prints = {Catalogue([PULSE], [feature(each) for each in variant]).fingerprint for variant in variants}
    assert len(prints) == len(variants)


def test_the_fingerprint_is_the_same_for_the_same_definitions() -> None:
    same = (Catalogue([replace(PULSE)], [feature(replace(WEEKLY))]) for _ in range(2))
    assert len({each.fingerprint for each in same}) == 1
