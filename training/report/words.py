"""What the figures mean, in sentences: no figure may be read as better than it is.

Used by the command line, the report and the model card, so that all three say the same.
"""

from training.evaluation.evaluate import REFERENCE
from training.evaluation.findings import Findings
from training.release.gate_limits import FEW_ADMISSIONS, SLOPE_HIGH, SLOPE_LOW, SUSPICIOUS_AUROC


def verdicts(findings: Findings) -> tuple[str, ...]:
    """The sentences, the most important first."""
    return (
        *_amount(findings),
        *_used(findings),
        *_acted_on(findings),
        *_ranking(findings),
        *_level(findings),
        *_use(findings),
        *_reasons(findings),
        *_truth(findings),
        *_rivals(findings),
    )


def _amount(findings: Findings) -> tuple[str, ...]:
    admissions = findings.evaluation.admissions
    if admissions >= FEW_ADMISSIONS:
        return ()
    return (
        f"The test weeks hold only {admissions} independent admissions: little can be told, and nothing precisely.",
    )


def _used(findings: Findings) -> tuple[str, ...]:
    """Which slices were used in part only: every second to fourth week, then a sample of the citizens."""
    parts = [f"{what} {used:,} of {there:,}" for what, (used, there) in findings.used.items() if used < there]
    return (f"Weekly rows overlap, so not all of them were used: {', '.join(parts)}.",) if parts else ()


def _acted_on(findings: Findings) -> tuple[str, ...]:
    """A list that works erases its own labels: said wherever it may be so."""
    if not findings.acted_on:
        return ()
    acted, rows = findings.acted_on[0].rows, sum(part.rows for part in findings.acted_on)
    said = f"Within 30 days of {acted:,} of {rows:,} test rows nurses acted because of a list:"
    return (f"{said} what they prevented looks like a false alarm, here and to the model.",)


def _ranking(findings: Findings) -> tuple[str, ...]:
    auroc, at = findings.evaluation.figures["auroc"], findings.evaluation.at(REFERENCE)
    if not auroc.told:
        return ("Whether the ranking is any good cannot be told.",)
    if auroc.low <= 0.5:
        return ("The ranking cannot be told from drawing lots.",)
    caught = (
        f"Of a hundred citizens on the top {REFERENCE.name} list {100 * at.precision.value:.0f} are admitted within 30"
        f" days, {at.lift.value:.1f} times as many as by lot; the list holds {at.recall.value:.0%} of all admissions."
    )
    if auroc.value > SUSPICIOUS_AUROC:
        return caught, f"An AUROC of {auroc.value:.2f} is better than honest data allows: look for a leak."
    return (caught,)


def _level(findings: Findings) -> tuple[str, ...]:
    slope, level = findings.evaluation.figures["calibration_slope"], findings.evaluation.figures["came_per_expected"]
    said: list[str] = []
    if slope.told and slope.high < SLOPE_LOW:
        said.append("The probabilities promise more difference between citizens than there is.")
    if slope.told and slope.low > SLOPE_HIGH:
        said.append("The probabilities tell citizens apart too timidly.")
    if level.told and not level.low <= 1.0 <= level.high:
        said.append(f"{level.value:.2f} admissions came for each that was expected.")
    return tuple(said)


def _use(findings: Findings) -> tuple[str, ...]:
    """Over which thresholds acting on the probability is better than looking at everyone or at nobody."""
    useful = [at.threshold for at in findings.decision if at.gain.told and at.gain.low > 0.0]
    if not findings.decision or not useful:
        return ()
    return (f"Acting on the probability does clear good where one looks from {min(useful):.0%} to {max(useful):.0%}.",)


def _reasons(findings: Findings) -> tuple[str, ...]:
    found = findings.faithfulness
    if found is None or not found.reasoned:
        return ()
    words = (
        f"{found.share:.0%} of {found.listed} listed are told a first reason without which the score is lower (median"
        f" fall {found.drop:.2f} log-odds); for {found.passed_over} a stronger one was passed over, not being so."
    )
    return (words,)


def _truth(findings: Findings) -> tuple[str, ...]:
    if findings.oracle is None:
        return ()
    share = findings.oracle.captures[REFERENCE.key]
    return (f"The top {REFERENCE.name} list holds {share} of the true risk that an all-knowing one would hold.",)


def _rivals(findings: Findings) -> tuple[str, ...]:
    said: list[str] = []
    for rival in findings.evaluation.comparisons:
        if rival.verdict == "the model is worse":
            said.append(f"It does NOT beat “{rival.words}”, which catches more: {rival.recall}.")
        elif rival.verdict == "cannot be told apart":
            said.append(f"It cannot be told whether it beats “{rival.words}”, whose list holds {rival.recall}.")
    if not said:
        said.append(f"It beats every baseline at the top {REFERENCE.name}.")
    return (*said, findings.champion_words)
