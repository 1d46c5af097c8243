"""The gate: may this model become champion? Every no has its sentence.

Three kinds of no. *Dishonest*: a check that the figures are not flattered has failed; no reason lets it pass.
*Refused*: the figures are clear, and bad. *Untold*: there is too little data to say; a named person may accept that,
and it is recorded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from models.errors import GateRefused
from training.evaluation.evaluate import REFERENCE
from training.evaluation.findings import Findings
from training.evaluation.resampling import Interval
from training.release.gate_limits import (
    FAITHFUL,
    FEW_ADMISSIONS,
    FEW_REASONS,
    MOSTLY,
    SLOPE_HIGH,
    SLOPE_LOW,
    SUSPICIOUS_AUROC,
    UNDERSTATED,
    WIDEST_SLOPE,
)
from training.report.card import HEADINGS


class Kind(StrEnum):
    """What kind of no it is."""

    DISHONEST = "dishonest"
    REFUSED = "refused"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason against a promotion."""

    kind: Kind
    words: str


def objections(findings: Findings, card: str, fingerprint: str, deployed: str) -> tuple[Objection, ...]:
    """Everything that speaks against the model, the gravest first.

    `fingerprint` is that of the model's features, `deployed` the one this code computes.
    """
    found = [*_honesty(findings), *_fit_for_use(card, fingerprint, deployed), *_figures(findings)]
    return tuple(sorted(found, key=lambda objection: list(Kind).index(objection.kind)))


def decide(found: tuple[Objection, ...], accepted: str | None) -> None:
    """Let pass, or raise `GateRefused`. `accepted` is the reason someone gave to accept what cannot be told."""
    stands = [objection for objection in found if accepted is None or objection.kind is not Kind.UNTOLD]
    if stands:
        untold = all(objection.kind is Kind.UNTOLD for objection in stands)
        remedy = ['What too little data cannot tell may be accepted with --accept "REASON".'] if untold else []
        raise GateRefused([objection.words for objection in stands] + remedy)


def _honesty(findings: Findings) -> Iterator[Objection]:
    for check in findings.checks:
        if not check.passed:
            yield Objection(Kind.DISHONEST, f"The honesty check “{check.name}” failed: {check.words}")


def _fit_for_use(card: str, fingerprint: str, deployed: str) -> Iterator[Objection]:
    if fingerprint != deployed:
        yield Objection(Kind.REFUSED, "The model was made for other features than this code computes: train anew.")
    missing = [heading for heading in HEADINGS if f"## {heading}\n" not in card]
    if missing:
        yield Objection(Kind.REFUSED, f"The model card lacks: {', '.join(missing)}.")


def _figures(findings: Findings) -> Iterator[Objection]:
    figures, few = findings.evaluation.figures, findings.evaluation.admissions < FEW_ADMISSIONS
    yield from _signal(figures["auroc"], few)
    yield from _slope(figures["calibration_slope"], few)
    for comparison in findings.evaluation.comparisons:
        yield from _rival(f"“{comparison.words}”", comparison.recall_gain, few)
    if findings.champion:
        gain = findings.champion.recall_gain
        if gain.told and gain.high < 0.0:
            yield from _rival("the champion in force", gain, few)
    yield from _parts(findings)
    yield from _reasons(findings)


def _signal(auroc: Interval, few: bool) -> Iterator[Objection]:
    if not auroc.told:
        yield Objection(Kind.UNTOLD, "The test weeks hold too few admissions to measure a ranking.")
    elif auroc.low <= 0.5:
        clear = auroc.high < 0.6 and not few
        words = "does not rank better than by lot" if clear else "cannot be told from drawing lots"
        yield Objection(Kind.REFUSED if clear else Kind.UNTOLD, f"The model {words}: AUROC {auroc}.")
    elif auroc.value > SUSPICIOUS_AUROC:
        yield Objection(
            Kind.UNTOLD, f"An AUROC of {auroc} is too good to be believed: look for a leak, then accept it."
        )


def _slope(slope: Interval, few: bool) -> Iterator[Objection]:
    if not slope.told or slope.high - slope.low > WIDEST_SLOPE:
        yield Objection(Kind.UNTOLD, f"The calibration slope is not known well enough: {slope}.")
    elif not SLOPE_LOW <= slope.value <= SLOPE_HIGH:
        clear = (slope.high < SLOPE_LOW or slope.low > SLOPE_HIGH) and not few
        yield Objection(
            Kind.REFUSED if clear else Kind.UNTOLD,
            f"The calibration slope {slope} lies outside {SLOPE_LOW} to {SLOPE_HIGH}.",
        )


def _rival(words: str, gain: Interval, few: bool) -> Iterator[Objection]:
    if gain.told and gain.high < 0.0 and not few:
        yield Objection(Kind.REFUSED, f"{words} catches more admissions in the top {REFERENCE.name}: {gain}.")
    elif not gain.told or gain.low <= 0.0:
        yield Objection(
            Kind.UNTOLD, f"It cannot be told whether the model beats {words} in the top {REFERENCE.name}: {gain}."
        )


def _parts(findings: Findings) -> Iterator[Objection]:
    for part in findings.parts:
        level = part.came_per_expected
        if part.told and level.told and level.low > UNDERSTATED:
            yield Objection(
                Kind.REFUSED,
                f"The risk of {part.dimension} “{part.name}” is clearly understated:"
                f" {level} admissions for each expected.",
            )


def _reasons(findings: Findings) -> Iterator[Objection]:
    """Most of the listed must be told a reason their score rests on; with how few one may live is for people to say."""
    found = findings.faithfulness
    if found is None or found.listed < FEW_REASONS:
        yield Objection(Kind.UNTOLD, "Too few first reasons were measured to say whether they are true of the score.")
    elif found.share < FAITHFUL:
        yield Objection(
            Kind.REFUSED if found.at_best < MOSTLY else Kind.UNTOLD,
            f"Only {found.share:.0%} of {found.listed} listed are told a first reason without which they score lower;"
            f" {FAITHFUL:.0%} are asked for.",
        )
