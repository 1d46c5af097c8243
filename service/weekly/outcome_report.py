"""Outcomes as plain rows: what the command line prints, and what the API sends.

A row is a list in one district, or in all districts together (`district` is None). Shares are numbers between 0 and 1
with their 95 % interval, None where there is nothing to divide. What is told is what happened; what is expected comes
from the scores, with the interval of chance alone.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import date
from functools import reduce
from typing import Final

from models.outcomes import (
    Estimate,
    Figures,
    Side,
    calibration,
    capture,
    expected_admissions,
    expected_precision,
    expected_recall,
    precision,
    recall,
)
from service.storage.outcomes import Place
from service.weekly import withholding
from service.weekly.lists import ListHead
from service.weekly.withholding import Told

Row = dict[str, object]
_TOLD: Final = (("precision", precision), ("recall", recall), ("capture", capture))
_EXPECTED: Final = (("precision", expected_precision), ("recall", expected_recall))


def rows(
    heads: Iterable[ListHead],
    figures: Mapping[Place, Figures],
    told_from: Callable[[ListHead], date],
    *,
    protected: bool,
) -> list[Row]:
    """The rows of lists, all districts together before each of them.

    `protected` leaves out what may not be told (`service.weekly.withholding`).
    """
    made: list[Row] = []
    for head in heads:
        own = {district: found for (number, district), found in figures.items() if number == head.number}
        if not own:
            continue
        told = withholding.told(own) if protected else Told(reduce(Figures.beside, own.values()), own)
        shared = _head(head, told_from(head), told=all(found.told for found in own.values()))
        for district, found in [(None, told.together), *sorted(told.districts.items())]:
            made.append(shared | {"district": district} | _figures(found, protected=protected))
    return made


def left_out(head: ListHead) -> Row:
    """A list in hindsight, of which no outcome is told."""
    return {"as_of": head.as_of.isoformat(), "model_version": head.model_version, "silent": head.silent}


def _head(head: ListHead, told_from: date, *, told: bool) -> Row:
    return {
        "as_of": head.as_of.isoformat(),
        "district": None,
        "model_version": head.model_version,
        "silent": head.silent,
        "state": "told" if told else "expected",
        "told_from": told_from.isoformat(),
    }


def _figures(figures: Figures | None, *, protected: bool) -> Row:
    if figures is None:
        return {**dict.fromkeys(_side(Side(), told=False)), "acted_on": None, "without_acted_on": None}
    split = figures.told and (figures.may_be_split or not protected)
    return {
        **_side(figures.everyone, told=figures.told),
        "acted_on": figures.acted if split else None,
        "without_acted_on": _side(figures.unacted, told=True) if split else None,
    }


def _side(side: Side, *, told: bool) -> Row:
    everyone = side.ranked
    return {
        "ranked": everyone.citizens,
        "listed": side.listed.citizens,
        "admitted": everyone.admitted if told else None,
        "admitted_listed": side.listed.admitted if told else None,
        "expected": expected_admissions(everyone).value,
        "expected_listed": _sent(expected_admissions(side.listed)),
        "precision": None,
        "recall": None,
        "capture": None,
        **{name: _sent(compute(side)) for name, compute in (_TOLD if told else _EXPECTED)},
        "calibration": _sent(calibration(everyone)) if told else None,
        "bands": _bands(side, told=told),
    }


def _bands(side: Side, *, told: bool) -> list[Row]:
    return [
        {
            "band": band,
            "citizens": tally.citizens,
            "expected": tally.expected,
            "admitted": tally.admitted if told else None,
        }
        for band, tally in side.bands.items()
    ]


def _sent(estimate: Estimate | None) -> Row | None:
    return None if estimate is None else asdict(estimate)
