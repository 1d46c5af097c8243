"""The model card: what a reader has to know before trusting a list, in TRIPOD+AI's order.

Made from the run's own findings, so that it cannot say more than was measured. What is not known is a heading of its
own.
"""

from models.scoring.bundle import Manifest
from models.scoring.calibration import Beta, Isotonic, Platt
from training.evaluation.evaluate import REFERENCE
from training.evaluation.findings import Findings
from training.evaluation.importance import DOCUMENTATION
from training.report.words import verdicts

HEADINGS = (
    "Intended use",
    "Data",
    "Outcome",
    "Predictors",
    "Model",
    "Performance",
    "Fairness",
    "Limits",
    "Self-check",
    "What is not known",
)


def card(manifest: Manifest, findings: Findings, calibration: Platt | Beta | Isotonic) -> str:
    """The card as Markdown."""
    bodies = (
        _intended_use(findings),
        _data(manifest, findings),
        _outcome(manifest),
        _predictors(manifest, findings),
        _model(manifest, findings, calibration),
        _performance(findings),
        _fairness(findings),
        _limits(),
        _self_check(findings),
        _not_known(findings),
    )
    parts = [f"## {heading}\n\n{body}\n" for heading, body in zip(HEADINGS, bodies, strict=True)]
    return "# Model card: risk of an acute hospital admission within 30 days\n\n" + "\n".join(parts)


def _intended_use(findings: Findings) -> str:
    invented = "\n\n**Made from an invented municipality: for demonstration and tests, for nobody's care.**"
    return (
        "A weekly list for home-care nurses of the citizens they should look at first. It supports a nurse's judgement;"
        " it grants, refuses and changes nothing by itself, and is not meant for citizens outside municipal home care,"
        " for emergencies, or for comparing staff." + (invented if findings.invented else "")
    )


def _data(manifest: Manifest, findings: Findings) -> str:
    evaluation, dates = findings.evaluation, findings.dates
    left_out = "; ".join(f"{count} rows {why}" for why, count in findings.left_out.items()) or "none"
    return (
        f"Snapshot `{manifest.snapshot[:16]}`: {manifest.rows} labelled weekly rows with {manifest.admissions}"
        f" independent admissions, of lists dated {manifest.first_as_of} to {manifest.last_as_of}; nothing known on"
        f" {manifest.known_before} or later was used. The figures below are from a model that learnt from"
        f" {dates.train[0]} to {dates.train[1]}, was adjusted on {dates.calibration[0]} to {dates.calibration[1]} and"
        f" measured on {dates.test[0]} to {dates.test[1]}: {evaluation.rows} rows of {evaluation.citizens} citizens,"
        f" {evaluation.admissions} admissions. Left out: {left_out}."
    )


def _outcome(manifest: Manifest) -> str:
    return (
        f"Label policy `{manifest.label_policy}`: an acute admission in the {manifest.horizon_days} days from the"
        " list's date on, that date included, from hospital notifications with corrections applied. Death and the end"
        " of home care without an admission count as no admission."
    )


def _predictors(manifest: Manifest, findings: Findings) -> str:
    weighty = ", ".join(f"{weight.name} {weight.share:.0%}" for weight in findings.groups[:10])
    density = next((weight.share for weight in findings.groups if weight.name == DOCUMENTATION), 0.0)
    return (
        f"{len(manifest.features)} features, fingerprint `{manifest.fingerprint[:16]}`, each from what was recorded"
        f" before the list's date. What moves the score most: {weighty}. How much is written, rather than what, moves"
        f" it by {density:.0%}: this part will shift when a district changes its habits of writing."
    )


def _model(manifest: Manifest, findings: Findings, calibration: Platt | Beta | Isotonic) -> str:
    return (
        f"The mean of {manifest.boosters} gradient-boosted tree ensembles of {findings.recipe['rounds']:.0f} rounds"
        f" (weight {manifest.tree_weight:.2f}) and a ridge logistic regression on squeezed features (penalty"
        f" {findings.recipe['penalty']:g}), in log-odds; calibration: {calibration.kind}. Rounds, penalty and weight"
        " were settled on the calibration weeks. The model was then fitted again as settled on all weeks, leaving out"
        " another part of the citizens each time, and calibrated on the latest weeks by the parts that had not seen"
        " the citizen. So the figures are those of a model that learnt the same way one step back in time, from less,"
        " and was calibrated on weeks it had not seen."
    )


def _performance(findings: Findings) -> str:
    evaluation = findings.evaluation
    lines = [f"- {name.replace('_', ' ')}: {interval}" for name, interval in evaluation.figures.items()]
    lines += [
        f"- the {at.capacity.name} list: precision {at.precision}, recall {at.recall}, lift {at.lift}"
        for at in evaluation.capacities
    ]
    if findings.preventable:
        caught = findings.preventable.recall[REFERENCE.key]
        lines.append(f"- preventable admissions on the {REFERENCE.name} list: {caught}")
    lines += [f"- {words}" for words in verdicts(findings)]
    return (
        f"Base rate {evaluation.base_rate:.1%}. Middle 95 % of the figures when citizens are drawn again:\n\n"
        + "\n".join(lines)
    )


def _fairness(findings: Findings) -> str:
    head = (
        f"On the top {REFERENCE.name} list:\n\n"
        "| part | rows | admissions | listed | recall | precision | came per expected |\n"
        "|---|---|---|---|---|---|---|\n"
    )
    return head + "\n".join(
        f"| {part.dimension}: {part.name} | {part.rows} | {part.admissions} | {part.listed_share:.1%} |"
        + (
            f" {part.recall} | {part.precision} | {part.came_per_expected} |"
            if part.told
            else " not enough evidence | | |"
        )
        for part in findings.parts
    )


def _limits() -> str:
    return (
        "About four admissions in ten come without a sign anyone could have written down: no list can hold them."
        " A list that works prevents what it predicts, so later figures of a model in use look worse than it is."
        " Citizens in hospital, declared terminal, or without any record for two weeks are not ranked."
        " Hospital notifications often do not say whether an admission was planned."
    )


def _self_check(findings: Findings) -> str:
    checks = "\n".join(
        f"- {check.name}: {'held' if check.passed else '**failed**'}. {check.words}" for check in findings.checks
    )
    return (
        "By PROBAST+AI's domains, answered by the project itself and not by an independent assessor.\n\n"
        "- participants: all citizens in care on each date, exclusions counted above\n"
        "- predictors: from records known before the date only, computed by the same code in use\n"
        "- outcome: by a named policy, without knowledge of the predictors\n"
        "- analysis: split by time with an embargo, intervals by citizen, calibration reported, settings chosen apart"
        f" from the test weeks\n{checks}"
    )


def _not_known(findings: Findings) -> str:
    unknown = [
        "Whether fewer citizens are admitted because of the list: no evaluation of figures can tell.",
        "How the model does in another municipality: it was measured on a later time of the same one.",
        "Which admissions could have been prevented: the notifications carry no diagnosis"
        + (
            "; what is said of preventable ones rests on diagnoses written into the record afterwards."
            if findings.preventable
            else "."
        ),
    ]
    few = [f"{part.dimension} “{part.name}”" for part in findings.parts if not part.told]
    if few:
        unknown.append(f"How it does for {', '.join(few)}: too few admissions.")
    return "\n".join(f"- {line}" for line in unknown)
