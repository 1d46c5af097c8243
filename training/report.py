"""The report of a run: one page that stands alone, and the same as tables for the terminal.

Every number comes from the findings; the pictures are inside the page, so it can be sent and kept as one file.
"""

import base64
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table

from models.features.catalogue import CATALOGUE
from training.evaluate import REFERENCE, Evaluation
from training.findings import Findings
from training.gate import Objection
from training.importance import DOCUMENTATION
from training.subgroups import Part
from training.words import verdicts

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1b1b1b; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0 } th, td { border-bottom: 1px solid #ccc; padding: .3rem .8rem;
text-align: left } caption { text-align: left; font-weight: 600; padding: .3rem 0 } img { max-width: 26rem; width: 49% }
.warn { border-left: .4rem solid #b35900; padding: .1rem 1rem; background: #fff6ec }
"""

Sheet = tuple[str, tuple[str, ...], list[tuple[str, ...]]]
"""A table's title, its columns and its rows."""


def page(findings: Findings, against: Sequence[Objection], pictures: Sequence[Path]) -> str:
    """The report as HTML, pictures inside."""
    said = "".join(f"<li>{escape(words)}</li>" for words in verdicts(findings))
    no = "".join(f"<li>{escape(objection.words)} <em>({objection.kind})</em></li>" for objection in against)
    gate = (
        f'<div class="warn"><p>Speaks against a promotion:</p><ul>{no}</ul></div>' if no else "<p>The gate is open.</p>"
    )
    images = "".join(_image(picture) for picture in pictures)
    return (
        "<!doctype html>\n"
        '<html lang="en"><head><meta charset="utf-8"><title>Training report</title>'
        f"<style>{_STYLE}</style></head><body>"
        f"<h1>Training report</h1><p>{escape(_dates(findings))}</p><ul>{said}</ul>{gate}"
        f"<h2>Figures</h2>{''.join(_html(sheet) for sheet in sheets(findings))}"
        f"<h2>Pictures</h2>{images}</body></html>\n"
    )


def terminal(findings: Findings) -> RenderableType:
    """The most important tables and the sentences, for the terminal."""
    shown = [_rich(sheet) for sheet in _first(findings)]
    return Group(_dates(findings), *shown, *(f"- {words}" for words in verdicts(findings)))


def _first(findings: Findings) -> tuple[Sheet, ...]:
    return (
        _figures(findings),
        _capacities(findings.evaluation),
        _rivals(findings),
        *_oracle(findings),
        *_faithfulness(findings),
    )


def sheets(findings: Findings) -> Iterator[Sheet]:
    """All tables of the report."""
    yield _figures(findings)
    yield _capacities(findings.evaluation)
    yield _rivals(findings)
    yield from _oracle(findings)
    yield _decision(findings)
    yield from _preventable(findings)
    yield _parts(findings)
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


def _figures(findings: Findings) -> Sheet:
    first, second = findings.evaluation, findings.second
    rows = [
        (name.replace("_", " "), str(interval), str(second.figures[name])) for name, interval in first.figures.items()
    ]
    return "Figures with 95 % intervals, citizens drawn again", ("", first.policy, second.policy), rows


def _capacities(evaluation: Evaluation) -> Sheet:
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


def _oracle(findings: Findings) -> Iterator[Sheet]:
    found = findings.oracle
    if found:
        rows = [(key.replace("_", " "), str(each)) for key, each in found.captures.items()]
        rows += [("AUROC of the list", str(found.auroc)), ("AUROC of the true risk", str(found.best_auroc))]
        title = f"Share of the true risk on the list, of what an all-knowing list holds ({found.weeks} weeks)"
        yield title, ("list", "share"), rows


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
        rows = [("all", str(found.reasoned), f"{found.share:.1%}")]
        rows += [(group, str(told), f"{fell / told:.1%}") for group, (told, fell) in found.by_group.items()]
        title = f"Score lower without what the first reason names ({found.listed} listed)"
        yield title, ("feature group", "first reasons", "lower without"), rows


def _of_documentation(feature: str) -> bool:
    return feature in CATALOGUE.names and CATALOGUE.feature(feature).group == DOCUMENTATION


def _rivals(findings: Findings) -> Sheet:
    rows = [
        (rival.words, str(rival.auroc), str(rival.recall), str(rival.recall_gain), rival.verdict)
        for rival in (*findings.evaluation.comparisons, *([findings.champion] if findings.champion else []))
    ]
    columns = ("baseline", "AUROC", f"recall, top {REFERENCE.name}", "the model's gain in recall", "")
    return "Baselines on the same rows", columns, rows


def _parts(findings: Findings) -> Sheet:
    rows = [
        (
            f"{part.dimension}: {part.name}",
            str(part.rows),
            str(part.admissions),
            f"{part.listed_share:.1%}",
            *_told(part),
        )
        for part in findings.parts
    ]
    columns = ("part", "rows", "admissions", "listed", "recall", "precision", "came per expected")
    return f"Parts of the citizens, top {REFERENCE.name} list", columns, rows


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


def _html(sheet: Sheet) -> str:
    title, columns, rows = sheet
    return (
        f"<table><caption>{escape(title)}</caption><thead>{_html_row('th', columns)}</thead>"
        f"<tbody>{''.join(_html_row('td', row) for row in rows)}</tbody></table>"
    )


def _html_row(tag: str, cells: Iterable[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def _rich(sheet: Sheet) -> Table:
    title, columns, rows = sheet
    table = Table(*columns, title=title, title_justify="left", expand=False)
    for row in rows:
        table.add_row(*row)
    return table
