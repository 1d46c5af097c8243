"""Findings nothing can be said against."""

from training.evaluation.capacity import Capacity, Cut
from training.evaluation.decision import NetBenefit
from training.evaluation.evaluate import REFERENCE, AtCapacity, Comparison, Evaluation
from training.evaluation.faithfulness import Faithfulness
from training.evaluation.findings import Check, Dates, Findings, Weight
from training.evaluation.resampling import Interval
from training.evaluation.subgroups import Part
from training.report.card import HEADINGS

CARD = "".join(f"## {heading}\n\ntext\n" for heading in HEADINGS)
_ONE = Interval(1.0, 0.9, 1.1)


def good() -> Findings:
    """A model that ranks well, is calibrated, and beats its one baseline."""
    return Findings(
        invented=True,
        dates=Dates(
            ("2024-01-01", "2024-06-03"), ("2024-07-08", "2024-08-05"), ("2024-09-09", "2024-12-02"), "2025-01-06"
        ),
        recipe={"rounds": 50, "penalty": 300.0, "tree_weight": 0.5},
        evaluation=_evaluation("acute_broad@1"),
        second=_evaluation("acute_strict@1"),
        checks=(Check("future", True, "Nothing changed."),),
        parts=(Part("district", "Nord", 900, 60, 0.05, _share(0.2), _share(0.15), _ONE),),
        champion=None,
        champion_words="There is no champion to compare with.",
        groups=(Weight("admissions", 0.6), Weight("documentation", 0.4)),
        features=(Weight("fall.count.30d", 1.0),),
        left_out={"in hospital": 12},
        decision=(NetBenefit(0.1, _one(0.01), _one(-0.02), _one(0.01)),),
        faithfulness=Faithfulness(100, 98, 95, 0.2, {"movement": (98, 95)}),
    )


def _one(value: float) -> Interval:
    return Interval(value, value - 0.005, value + 0.005)


def _evaluation(policy: str) -> Evaluation:
    figures = {
        "auroc": Interval(0.73, 0.70, 0.76),
        "calibration_slope": Interval(0.98, 0.88, 1.08),
        "came_per_expected": _ONE,
        "ece": Interval(0.01, float("nan"), float("nan")),
    }
    ten = Capacity(citizens=10)
    return Evaluation(
        policy,
        *(9000, 700, 13, 380, 120),
        figures,
        (_at(ten), _at(REFERENCE)),
        (Comparison("triage", "latest triage colour", _share(0.6), _share(0.1), Interval(0.1, 0.05, 0.15)),),
    )


def _at(capacity: Capacity) -> AtCapacity:
    return AtCapacity(capacity, _share(0.18), _share(0.2), _ONE, Cut(100.0, 18.0, 17.0, 19.0, 90.0, 2000.0))


def _share(value: float) -> Interval:
    return Interval(value, value * 0.8, value * 1.2)
