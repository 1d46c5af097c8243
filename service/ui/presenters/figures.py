"""Figures of outcomes as rows of tables, in words: what was expected, what came, and how sure one can be of it.

What may not be told of an outcome comes as None (`service.weekly.withholding`); a share of fewer than five is a dash.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce

from models.outcomes import (
    LEAST_GROUP,
    Estimate,
    Figures,
    Tally,
    calibration,
    expected_admissions,
    precision,
    recall,
)
from service.ui.language import Language
from service.ui.presenters import wording
from service.weekly.lists import Band
from service.weekly.outcome_days import told_from


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: its heading and its cells; `open` while it can still change."""

    head: str
    cells: tuple[str, ...]
    open: bool = False


def percent(language: Language, part: float, of: int) -> str:
    """A share in hundredths; of fewer than five none is told."""
    return "–" if of < LEAST_GROUP else language.say("%(n)s %%", n=language.number(100 * part / of))


def came(language: Language, head: str, one: Figures | None, as_of: date | None = None) -> Line:
    """What became of those listed, dashes where it may not be told; while it is not known, when it will be."""
    if one is None:
        return Line(head, ("–",) * 6)
    side, lists = one.everyone, one.lists
    listed = language.number(side.listed.citizens)
    expected = _between(language, expected_admissions(side.listed, lists), 1)
    if not one.told:
        known = language.say("kendes %(date)s", date=language.short_date(told_from(as_of))) if as_of else "–"
        return Line(head, (listed, expected, known, "–", "–", "–"), open=True)
    shares = (_share(language, precision(side, lists)), _share(language, recall(side, lists)))
    ratio = _ratio(language, calibration(side.ranked, lists))
    return Line(head, (listed, expected, language.number(side.listed.admitted), *shares, ratio))


def bands(language: Language, known: Sequence[Figures]) -> tuple[Line, ...]:
    """What was expected of each band, and what came: calibration as a nurse reads it."""
    if not known:
        return ()
    whole = reduce(Figures.after, known)
    found = ((band, whole.everyone.bands.get(band.value, Tally())) for band in Band)
    return tuple(
        Line(
            wording.band_word(language, band),
            (*_expected_and_came(language, tally), _ratio(language, calibration(tally, whole.lists))),
        )
        for band, tally in found
        if tally.citizens
    )


def sides(language: Language, known: Sequence[Figures]) -> tuple[Line, ...]:
    """Everyone listed, those nurses acted on, and the rest, of the lists where neither of the two is too few."""
    parted = [one for one in known if one.may_be_split]
    if not parted:
        return ()
    whole = reduce(Figures.after, parted)
    everyone, rest = whole.everyone.listed, whole.unacted.listed
    acted = Tally(
        everyone.citizens - rest.citizens,
        everyone.expected - rest.expected,
        everyone.variance - rest.variance,
        everyone.admitted - rest.admitted,
    )
    say = language.say
    named = (
        (say("Alle på listerne"), everyone),
        (say("Dem, I handlede på"), acted),
        (say("Resten"), rest),
    )
    return tuple(Line(head, _expected_and_came(language, tally)) for head, tally in named)


def _expected_and_came(language: Language, tally: Tally) -> tuple[str, str, str]:
    return (
        language.number(tally.citizens),
        percent(language, tally.expected, tally.citizens),
        percent(language, tally.admitted, tally.citizens),
    )


def _share(language: Language, estimate: Estimate | None) -> str:
    if estimate is None:
        return "–"
    value, low, high = (language.number(100 * one) for one in (estimate.value, estimate.low, estimate.high))
    return language.say("%(n)s %% (%(low)s–%(high)s)", n=value, low=low, high=high)


def _ratio(language: Language, estimate: Estimate | None) -> str:
    return "–" if estimate is None else _between(language, estimate, 2)


def _between(language: Language, estimate: Estimate, decimals: int) -> str:
    value = language.number(estimate.value, decimals)
    low, high = (language.number(one, decimals) for one in (estimate.low, estimate.high))
    return language.say("%(n)s (%(low)s–%(high)s)", n=value, low=low, high=high)
