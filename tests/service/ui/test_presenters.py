"""Words, quotes, courses and catalogues, without a page around them."""

import re
from datetime import UTC, date, datetime

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from service.ui.language import CATALOGUES, languages
from service.ui.presenters import wording
from service.ui.presenters.charts import BARS_HEIGHT, RiskScale, bars, lines
from service.ui.presenters.reasons import pieces
from service.weekly.lists import Band, Quote
from tests.service.ui.messages import texts

DANISH, ENGLISH = languages()["da"], languages()["en"]


@pytest.mark.parametrize(
    ("probability", "told"),
    [
        (0.9, "flere end 1 ud af 2"),
        (0.5, "ca. 1 ud af 2"),
        (0.31, "ca. 1 ud af 3"),
        (0.17, "ca. 1 ud af 6"),
        (0.04, "ca. 1 ud af 25"),
        (0.01, "ca. 1 ud af 100"),
        (0.002, "under 1 ud af 100"),
        (0.0, "under 1 ud af 100"),
    ],
)
def test_a_probability_is_told_as_a_share_of_people(probability: float, told: str) -> None:
    assert wording.odds(DANISH, probability) == told


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_higher_risk_never_has_a_shorter_bar(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 3 <= wording.bar_length(low) <= wording.bar_length(high) <= 100


def test_days_since_discharge_are_in_the_right_number() -> None:
    on = date(2026, 11, 23)
    told = [wording.discharge_badge(DANISH, date(2026, 11, day), on) for day in (23, 22, 18)]
    assert [badge.text for badge in told if badge] == [
        "Udskrevet i dag",
        "Udskrevet for 1 dag siden",
        "Udskrevet for 5 dage siden",
    ]


def test_numbers_and_dates_are_danish() -> None:
    evening = datetime(2026, 11, 22, 22, 50, tzinfo=UTC)
    assert wording.care_hours(DANISH, 270) == "4,5 t/uge"
    assert wording.care_hours(DANISH, 845) == "14 t/uge"
    assert wording.care_hours(DANISH, None) == ""
    assert DANISH.day_and_clock(evening) == "søndag 22. nov. kl. 23.50"
    assert DANISH.long_date(date(2026, 11, 23)) == "mandag den 23. november 2026"
    assert wording.band_word(ENGLISH, Band.VERY_HIGH) == "Very high"


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70)), max_size=6))
def test_marking_never_changes_a_quoted_word(text: str, marks: list[tuple[int, int]]) -> None:
    quote = Quote(text, tuple(marks), "SSH", datetime(2026, 11, 22, tzinfo=UTC))
    assert "".join(piece.text for piece in pieces(quote)) == text


@given(st.lists(st.none() | st.floats(0, 200), min_size=1, max_size=20))
def test_bars_stay_inside_their_drawing(values: list[float | None]) -> None:
    drawn = bars(values)
    if drawn is None:
        assert all(value is None for value in values)
        return
    assert len(drawn.bars) == sum(value is not None for value in values)
    assert all(0 < bar.height <= BARS_HEIGHT and 0 <= bar.y < BARS_HEIGHT for bar in drawn.bars)


def test_a_gap_in_the_course_breaks_the_line() -> None:
    assert lines([(0, 1), (1, 2), None, (3, 4), (4, 5), None, (6, 7)]) == ("0,1 1,2", "3,4 4,5")


@given(st.lists(st.floats(0.001, 1), min_size=2, max_size=9))
def test_the_risk_chart_holds_every_probability(probabilities: list[float]) -> None:
    scale = RiskScale.over(probabilities, 100)
    assert all(0 <= scale.y(probability) <= 100 for probability in probabilities)


@pytest.mark.parametrize("catalogue", sorted(CATALOGUES.glob("*.po")), ids=lambda path: path.stem)
def test_every_text_of_the_pages_is_in_every_catalogue_with_its_facts(catalogue: object) -> None:
    with open(str(catalogue), "rb") as file:  # noqa: PTH123 - a parameter's type is not known to be a path
        translated = {message.id: message for message in read_po(file) if message.id}
    wanted = set(texts())
    assert wanted - set(translated) == set()
    assert set(translated) - wanted == set(), "no longer on any page"
    for text in wanted:
        message = translated[text]
        forms = [str(form) for form in (message.string or () if isinstance(text, tuple) else [message.string])]
        originals = text if isinstance(text, tuple) else (text,)
        assert all(forms), text
        assert not message.fuzzy, text
        assert {fact for form in forms for fact in facts(form)} == {fact for one in originals for fact in facts(one)}


def facts(text: str) -> list[str]:
    """The named facts a text puts in, and its percent signs."""
    return re.findall(r"%\(\w+\)s|%%", text)
