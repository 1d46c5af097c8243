"""A feature in words, in Danish and English."""

import pytest

from models.features.catalogue import CATALOGUE
from models.features.phrases import phrase, window


@pytest.mark.parametrize(
    ("name", "danish", "english", "days"),
    [
        ("fall.count.30d", "fald: antal (30 dage)", "fall: number (30 days)", "30 days"),
        (
            "fall.decayed.half10d",
            "fald: antal, hvor ældre tæller mindre (halveres på 10 dage)",
            "fall: number, older ones counting less (halving in 10 days)",
            "halving in 10 days",
        ),
        (
            "birth.since.ever",
            "alder: dage siden seneste (alle dage)",
            "age: days since the last (all days)",
            "all days",
        ),
        (
            "emergency_call.count.7d.log_ratio.emergency_call.count.8_90d",
            "nødkald: antal (7 dage) i forhold til nødkald: antal (8.-90. dag før)",
            "emergency calls: number (7 days) relative to emergency calls: number (days 8 to 90 before)",
            "7 days against days 8 to 90 before",
        ),
        (
            "minutes.sum.7d.log_ratio.planned.sum.7d",
            "hjælp: sum (7 dage) i forhold til planlagt hjælp: sum (7 dage)",
            "care: sum (7 days) relative to planned care: sum (7 days)",
            "7 days",
        ),
        ("season.sin", "årstid", "time of year", "the as-of date"),
    ],
)
def test_a_feature_is_said_in_both_languages(name: str, danish: str, english: str, days: str) -> None:
    definition = CATALOGUE.feature(name).definition
    assert phrase(definition, CATALOGUE) == (danish, english)
    assert window(definition)[1] == days


def test_every_feature_can_be_said_and_no_two_are_said_alike() -> None:
    said = [phrase(feature.definition, CATALOGUE)[1] for feature in CATALOGUE.features if feature.unit]
    assert len(set(said)) == len(said)
