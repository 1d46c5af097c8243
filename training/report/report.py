"""The report of a run: one page that stands alone, and the same as tables for the terminal.

Every number comes from the findings; the pictures are inside the page, so it can be sent and kept as one file.
"""

import base64
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from rich.console import Group, RenderableType

from models.features.catalogue import CATALOGUE
from training.evaluation.evaluate import REFERENCE, Comparison, Evaluation
from training.evaluation.findings import Findings
from training.evaluation.importance import DOCUMENTATION
from training.evaluation.oracle import AgainstOracle
from training.evaluation.subgroups import Part
from training.release.gate import Objection
from training.report.sheets import Sheet, document, html, listed, rich
from training.report.words import verdicts


def page(findings: Findings, objections: Sequence[Objection], pictures: Sequence[Path]) -> str:
    """The report as HTML, pictures inside."""
    no = listed([f"{objection.words} ({objection.kind})" for objection in objections])
    gate = (
        f'<div class="warn"><p>Speaks against a promotion:</p>{no}</div>' if objections else "<p>The gate is open.</p>"
    )
    return document(
        "Training report",
        f"<p>{escape(_dates(findings))}</p>{listed(verdicts(findings))}{gate}"
        f"<h2>Figures</h2>{html(sheets(findings))}"
        f"<h2>Pictures</h2>{''.join(_image(picture) for picture in pictures)}",
    )


def terminal(findings: Findings) -> RenderableType:
    """The most important tables and the sentences, for the terminal."""
    shown = [rich(sheet) for sheet in _first(findings)]
    return Group(_dates(findings), *shown, *(f"- {words}" for words in verdicts(findings)))


def _first(findings: Findings) -> tuple[Sheet, ...]:
    return (
        figures(findings.evaluation, findings.second),
        capacities(findings.evaluation),
        rivals(_compared(findings)),
        *_oracle(findings),
        *_faithfulness(findings),
    )


def sheets(findings: Findings) -> Iterator[Sheet]:
    """All tables of the report."""
    yield figures(findings.evaluation, findings.second)
    yield capacities(findings.evaluation)
    yield rivals(_compared(findings))
    yield from _oracle(findings)
    yield _decision(findings)
    yield from _preventable(findings)
    yield _parts(f"Parts of the citizens, top {REFERENCE.name} list", findings.parts)
    if findings.acted_on:
        yield _parts("Rows on which nurses acted because of a list, and the rest", findings.acted_on)
    yield from _faithfulness(findings)
    yield (
        "Honesty checks",
        ("check", "", "seen"),
        [(check.name, "held" if check.passed else "FAILED", check.words) for check in findings.checks],
    )
    yield "What moves the score", ("group", "share"), [(w.name, f"{w.share:.1%}") for w in findings.groups[:15]]
    yield "Weightiest features", ("feature", "share"), [(w.name, f"{w.share:.1%}") for w in findings.features[:20]]
    density = [(w.name, f"{w.share:.1%}") for w in findings.features if _of_documentation(w.name)]
    yield "Weighty for how much is written alone, not for what", ("feature", "share"), density


def figures(first: Evaluation, second: Evaluation) -> Sheet:
    """The figures under both label policies."""
    rows = [
        (name.replace("_", " "), str(interval), str(second.figures[name])) for name, interval in first.figures.items()
    ]
    return "Figures with 95 % intervals, citizens drawn again", ("", first.policy, second.policy), rows


def capacities(evaluation: Evaluation) -> Sheet:
    """What the lists of every length hold."""
    rows = [
        (
            at.capacity.name,
            str(at.precision),
            f"{100 * at.precision.value:.1f}",
            str(at.recall),
            str(at.lift),
            f"{_per(at.cut.worst, at.cut.listed):.3f}-{_per(at.cut.best, at.cut.listed):.3f}",
        )
        for at in evaluation.capacities
    ]
    columns = ("list", "precision", "admissions per 100 reviews", "recall", "lift", "precision at worst and best ties")
    return "At the nurses' capacity", columns, rows


def _compared(findings: Findings) -> tuple[Comparison, ...]:
    return (*findings.evaluation.comparisons, *([findings.champion] if findings.champion else []))


def against(found: AgainstOracle) -> Sheet:
    """How near the list comes to one that knows the true risks."""
    rows = [(key.replace("_", " "), str(each)) for key, each in found.captures.items()]
    rows += [("AUROC of the list", str(found.auroc)), ("AUROC of the true risk", str(found.best_auroc))]
    title = f"Share of the true risk on the list, of what an all-knowing list holds ({found.weeks} weeks)"
    return title, ("list", "share"), rows


def _oracle(findings: Findings) -> Iterator[Sheet]:
    if findings.oracle:
        yield against(findings.oracle)


def _decision(findings: Findings) -> Sheet:
    rows = [(f"{at.threshold:.0%}", str(at.model), str(at.everyone), str(at.gain)) for at in findings.decision]
    columns = ("looked at from", "by the model", "everyone", "gain over everyone or nobody")
    return "Net benefit per citizen and list (decision curve)", columns, rows


def _preventable(findings: Findings) -> Iterator[Sheet]:
    found = findings.preventable
    if found:
        rows = [(key.replace("_", " "), str(each)) for key, each in found.recall.items()]
        yield f"Preventable admissions on the list, of {found.rows} rows followed by one", ("list", "recall"), rows


def _faithfulness(findings: Findings) -> Iterator[Sheet]:
    found = findings.faithfulness
    if found:
        rows = [("all that are told", str(found.listed), f"{found.share:.1%}")]
        rows += [(group, str(told), f"{fell / told:.1%}") for group, (told, fell) in found.by_group.items()]
        title = f"Score lower without what the first reason names; by group before {found.passed_over} were passed over"
        yield title, ("feature group", "first for", "lower without"), rows


def _of_documentation(feature: str) -> bool:
    return feature in CATALOGUE.names and CATALOGUE.feature(feature).group == DOCUMENTATION


def rivals(compared: Sequence[Comparison]) -> Sheet:
    """What was compared on the same rows."""
    rows = [
        (rival.words, str(rival.auroc), str(rival.recall), str(rival.recall_gain), rival.verdict) for rival in compared
    ]
    columns = ("baseline", "AUROC", f"recall, top {REFERENCE.name}", "the model's gain in recall", "")
    return "Baselines on the same rows", columns, rows


def _parts(title: str, parts: Sequence[Part]) -> Sheet:
    rows = [
        (
            f"{part.dimension}: {part.name}",
            str(part.rows),
            str(part.admissions),
            f"{part.listed_share:.1%}",
            *_told(part),
        )
        for part in parts
    ]
    columns = ("part", "rows", "admissions", "listed", "recall", "precision", "came per expected")
    return title, columns, rows


def _told(part: Part) -> tuple[str, ...]:
    if not part.told:
        return "not enough evidence", "", ""
    return str(part.recall), str(part.precision), str(part.came_per_expected)


def _dates(findings: Findings) -> str:
    dates, evaluation = findings.dates, findings.evaluation
    return (
        f"{'Invented municipality. ' if findings.invented else ''}Measured on lists dated {dates.test[0]} to"
        f" {dates.test[1]}: {evaluation.rows} rows of {evaluation.citizens} citizens, {evaluation.admissions}"
        f" admissions, base rate {evaluation.base_rate:.1%}. Learnt from {dates.train[0]} to {dates.train[1]}."
    )


def _per(above: float, below: float) -> float:
    return above / below if below else float("nan")


def _image(picture: Path) -> str:
    data = base64.b64encode(picture.read_bytes()).decode()
    return f'<img alt="{picture.stem.replace("_", " ")}" src="data:image/png;base64,{data}">'
