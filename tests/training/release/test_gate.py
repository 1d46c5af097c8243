"""Each objection alone, on findings that are otherwise spotless."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from models.errors import GateRefused
from tests.training.findings_of_a_good_run import CARD, good
from training.evaluation.findings import Check, Findings
from training.evaluation.resampling import Interval
from training.release import gate
from training.release.gate import Kind
from training.report.words import verdicts

SAME = "f" * 64


def _figure(name: str, interval: Interval) -> Findings:
    findings = good()
    figures = dict(findings.evaluation.figures) | {name: interval}
    return replace(findings, evaluation=replace(findings.evaluation, figures=figures))


def _gain(interval: Interval) -> Findings:
    findings = good()
    rival = replace(findings.evaluation.comparisons[0], recall_gain=interval)
    return replace(findings, evaluation=replace(findings.evaluation, comparisons=(rival,)))


def _part(level: Interval) -> Findings:
    findings = good()
    return replace(findings, parts=(replace(findings.parts[0], came_per_expected=level),))


def _champion(gain: Interval) -> Findings:
    findings = good()
    return replace(findings, champion=replace(findings.evaluation.comparisons[0], recall_gain=gain))


def test_a_good_model_passes_without_a_word():
    assert gate.objections(good(), CARD, SAME, SAME) == ()
    gate.decide((), None)
    assert any("beats every baseline" in words for words in verdicts(good()))


@pytest.mark.parametrize(
    ("findings", "kind", "words"),
    [
        (_figure("auroc", Interval(0.51, 0.48, 0.54)), Kind.REFUSED, "does not rank better than by lot"),
        (_figure("auroc", Interval(0.58, 0.45, 0.70)), Kind.UNTOLD, "cannot be told from drawing lots"),
        (_figure("auroc", Interval(np.nan, np.nan, np.nan)), Kind.UNTOLD, "too few admissions to measure"),
        (_figure("auroc", Interval(0.91, 0.88, 0.94)), Kind.UNTOLD, "too good to be believed"),
        (_figure("calibration_slope", Interval(0.6, 0.5, 0.7)), Kind.REFUSED, "lies outside 0.8 to 1.25"),
        (_figure("calibration_slope", Interval(0.7, 0.5, 0.9)), Kind.UNTOLD, "lies outside 0.8 to 1.25"),
        (_figure("calibration_slope", Interval(1.0, 0.3, 1.7)), Kind.UNTOLD, "not known well enough"),
        (_gain(Interval(-0.1, -0.2, -0.05)), Kind.REFUSED, "catches more admissions"),
        (_gain(Interval(0.05, -0.05, 0.15)), Kind.UNTOLD, "cannot be told whether the model beats"),
        (_part(Interval(2.0, 1.6, 2.5)), Kind.REFUSED, "clearly understated"),
        (_champion(Interval(-0.1, -0.2, -0.05)), Kind.REFUSED, "the champion in force catches more"),
        (replace(good(), checks=(Check("canary", False, "It is the outcome."),)), Kind.DISHONEST, "“canary” failed"),
    ],
)
def test_each_fault_has_its_sentence(findings: Findings, kind: Kind, words: str):
    found = gate.objections(findings, CARD, SAME, SAME)
    assert [objection.kind for objection in found] == [kind]
    assert words in found[0].words


def test_a_champion_that_cannot_be_told_apart_does_not_stand_in_the_way():
    assert gate.objections(_champion(Interval(0.0, -0.1, 0.1)), CARD, SAME, SAME) == ()


def test_features_this_code_does_not_compute_are_refused():
    (found,) = gate.objections(good(), CARD, SAME, "e" * 64)
    assert found.kind is Kind.REFUSED


def test_a_card_without_its_limits_is_refused():
    (found,) = gate.objections(good(), CARD.replace("## Limits\n", ""), SAME, SAME)
    assert "lacks: Limits" in found.words


def test_only_what_cannot_be_told_may_be_accepted():
    untold = gate.objections(_gain(Interval(0.05, -0.05, 0.15)), CARD, SAME, SAME)
    gate.decide(untold, "a pilot")
    with pytest.raises(GateRefused, match="may be accepted with --accept") as refused:
        gate.decide(untold, None)
    assert refused.value.exit_code == 3
    dishonest = gate.objections(replace(good(), checks=(Check("canary", False, "x"),)), CARD, SAME, SAME)
    with pytest.raises(GateRefused, match="canary"):
        gate.decide(dishonest, "whatever")
    with pytest.raises(GateRefused, match="canary"):
        gate.decide((*dishonest, *untold), "whatever")


def test_with_few_admissions_nothing_is_clearly_bad():
    findings = _gain(Interval(-0.1, -0.2, -0.05))
    few = replace(findings, evaluation=replace(findings.evaluation, admissions=12))
    assert {objection.kind for objection in gate.objections(few, CARD, SAME, SAME)} == {Kind.UNTOLD}
    assert any("only 12 independent admissions" in words for words in verdicts(few))


def test_the_words_say_where_a_baseline_is_not_beaten():
    assert any("does NOT beat" in words for words in verdicts(_gain(Interval(-0.1, -0.2, -0.05))))
    assert any("cannot be told whether it beats" in words for words in verdicts(_gain(Interval(0.0, -0.1, 0.1))))


@pytest.mark.parametrize(
    ("name", "interval", "words"),
    [
        ("auroc", Interval(0.9, 0.87, 0.93), "look for a leak"),
        ("auroc", Interval(0.55, 0.45, 0.65), "cannot be told from drawing lots"),
        ("auroc", Interval(np.nan, np.nan, np.nan), "cannot be told"),
        ("calibration_slope", Interval(0.5, 0.4, 0.7), "more difference between citizens than there is"),
        ("calibration_slope", Interval(1.6, 1.4, 1.8), "too timidly"),
        ("came_per_expected", Interval(1.4, 1.2, 1.6), "1.40 admissions came"),
    ],
)
def test_the_words_say_what_a_figure_means(name: str, interval: Interval, words: str):
    assert any(words in sentence for sentence in verdicts(_figure(name, interval)))


def test_judging_what_a_run_found_imports_nothing_that_fits_a_model() -> None:
    program = (
        "import sys, training.release.promotion;"
        "print(sorted({'sklearn', 'pandas', 'matplotlib', 'mlflow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
