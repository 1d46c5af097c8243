"""The vocabulary: codes, units and ranges."""

import math
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from models import vocabulary as vocabulary_module
from models.errors import DataWrong
from models.vocabulary import canonical, conversion, convert, is_known, name, plausible, vocabulary


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("8310-5", "NPU08676"),
        ("loinc:8310-5", "NPU08676"),
        ("snomed:27113001", "NPU03804"),
        ("npu:NPU19748", "NPU19748"),
        ("snomed:1", "snomed:1"),
        ("local-17", "local-17"),
    ],
)
def test_a_code_becomes_the_known_one_that_means_the_same(code: str, expected: str) -> None:
    assert canonical(code) == expected


@pytest.mark.parametrize(
    "code",
    [
        "NPU08676",
        "8310-5",
        "sign:appetite_low",
        "event:fall",
        "triage:red",
        "questionnaire:CAT/total",
        "sensor:bed_exit",
        "I7.2",
        "J1",
        "dae40f60-8dab-4bd3-ab72-b07d0f278692",
        "diag:DE11",
        "diag:I10",
    ],
)
def test_codes_of_the_interchange_are_known(code: str) -> None:
    assert is_known(code)


@pytest.mark.parametrize("code", ["sign:happy", "triage:blue", "X", "NPU99999", "questionnaire:CAT", "diag:", "i7.2"])
def test_other_codes_are_not_known(code: str) -> None:
    assert not is_known(code)


def test_there_are_sixty_everyday_observations() -> None:
    assert sum(code.startswith("sign:") for code in vocabulary().names) == 60


def test_no_code_means_two_things() -> None:
    same = Counter(other for known in vocabulary().measured.values() for other in (known.code, *known.same_as))
    assert max(same.values()) == 1


def test_no_way_of_writing_a_unit_means_two_units() -> None:
    assert all(vocabulary().units[unit] == unit for unit in vocabulary().units.values())


@pytest.mark.parametrize(
    ("value", "unit", "code", "expected"),
    [
        (72.5, "kg", "NPU03804", 72.5),
        (72_500, "g", "29463-7", 72.5),
        (98.6, "[degF]", "NPU08676", 37.0),
        (37.2, "°C", "NPU08676", 37.2),
        (0.97, "1", "NPU03011", 97.0),
        (90, "mg/dL", "NPU22089", 4.9956),
        (5, "mg/dl", "NPU19748", 50.0),
        (88, None, "NPU21692", 88.0),
        (12, "steps", "sensor:steps", 12.0),
    ],
)
def test_a_value_comes_in_the_unit_of_its_code(value: float, unit: str | None, code: str, expected: float) -> None:
    assert convert(value, unit, code) == pytest.approx(expected, rel=1e-4)


def test_a_unit_not_known_for_the_code_is_never_guessed() -> None:
    assert conversion("mg/dL", "NPU02319") is None
    with pytest.raises(DataWrong, match="not measured in stone"):
        convert(11, "stone", "NPU03804")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 387.0, 3.87])
def test_a_temperature_nobody_can_have_is_refused(value: float) -> None:
    with pytest.raises(DataWrong, match="outside 25 to 45"):
        convert(value, "Cel", "NPU08676")


def test_a_code_nobody_knows_has_no_bounds() -> None:
    assert plausible("local-17") == (-math.inf, math.inf)


def test_every_conversion_leads_into_the_range_from_a_value_within_it() -> None:
    for (code, unit), found in vocabulary().conversions.items():
        known = vocabulary().measured[code]
        middle = (known.low + known.high) / 2
        assert convert((middle - found.offset) / found.scale, unit, code) == pytest.approx(middle)


def test_a_code_has_a_name_in_both_languages() -> None:
    assert name("NPU08676") == "Temperatur"
    assert name("8310-5", "en") == "Body temperature"
    assert name("sign:fluid_low") == "Drikker for lidt"
    assert name("local-17") == "local-17"


def test_every_conversion_says_where_its_factor_is_from() -> None:
    file = Path(vocabulary_module.__file__).with_suffix(".toml")
    conversions = tomllib.loads(file.read_text(encoding="utf-8"))["conversion"]
    assert [one["from"] for one in conversions if not one.get("source")] == []
