"""CPR numbers: century and sex by the digits, replacement numbers with letters, and no control digit asked for."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.intake.cpr import read_cpr

CENTURIES = [
    *(("0", 0, 1900), ("0", 99, 1900), ("3", 0, 1900), ("3", 99, 1900)),
    *(("4", 0, 2000), ("4", 36, 2000), ("4", 37, 1900), ("4", 99, 1900)),
    *(("5", 0, 2000), ("5", 57, 2000), ("5", 58, 1800), ("5", 99, 1800)),
    *(("8", 0, 2000), ("8", 57, 2000), ("8", 58, 1800), ("8", 99, 1800)),
    *(("9", 0, 2000), ("9", 36, 2000), ("9", 37, 1900), ("9", 99, 1900)),
]


@pytest.mark.parametrize(("seventh", "year", "century"), CENTURIES)
def test_the_seventh_digit_and_the_year_tell_the_century(seventh: str, year: int, century: int) -> None:
    found = read_cpr(f"0102{year:02}{seventh}123")
    assert found is not None
    assert found.birth_date == date(century + year, 2, 1)


@pytest.mark.parametrize(("last", "sex"), [(str(digit), "male" if digit % 2 else "female") for digit in range(10)])
def test_the_last_digit_tells_the_sex(last: str, sex: str) -> None:
    found = read_cpr(f"010240123{last}")
    assert found is not None
    assert found.sex == sex


@given(born=st.dates(date(1900, 1, 1), date(1999, 12, 31)), serial=st.integers(0, 3999))
def test_no_control_digit_is_asked_for(born: date, serial: int) -> None:
    found = read_cpr(f"{born:%d%m%y}{serial:04}")
    assert found is not None
    assert found.birth_date == born


@given(form=st.from_regex(r"[01567][A-Z]{2}[0-9]", fullmatch=True))
def test_replacement_numbers_of_both_kinds_have_two_letters(form: str) -> None:
    found = read_cpr(f"010240{form}")
    assert found is not None
    assert (found.birth_date.day, found.birth_date.month, found.birth_date.year % 100) == (1, 2, 40)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "010240123",
        "01024012345",
        "0102401ab4",
        "0102402AB4",
        "010240A123",
        "3102401234",
        "0113401234",
        "0102-401234",
    ],
)
def test_what_has_not_the_form_or_no_day_of_a_calendar_is_no_cpr_number(text: str) -> None:
    assert read_cpr(text) is None
