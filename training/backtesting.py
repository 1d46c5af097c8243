"""A back-test run, logged and reported: a common MLflow run with one below it for each fold, and a page that stands
alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from models.home import Home
from models.snapshot import Snapshot
from training import tracking
from training.backtest import Asked, BackTest, Tested, Whole, dates, title
from training.evaluation.evaluate import REFERENCE
from training.evaluation.oracle import Oracle
from training.release import publishing
from training.report import report, sheets
from training.report.sheets import Sheet
from training.settings import Settings
from training.stages import Stage
from training.tracking import Courses, Run

PAGE = "backtest.html"
_BY_FOLD = ("auroc", "average_precision", "brier_skill", "calibration_slope", "came_per_expected")


@dataclass(frozen=True, slots=True)
class Done:
    """A back-test that is over: its run, and the tables of its page."""

    run_id: str
    sheets: tuple[Sheet, ...]


def run(
    home: Home,
    snapshot: Snapshot,
    settings: Settings,
    until: date | None,
    asked: Asked,
    stage: Stage,
    oracle: Oracle | None = None,
) -> Done:
    """Run a back-test and log it. Raises `DataWrong` where there is too little for one fold."""
    made = BackTest(snapshot, settings, until, asked, stage)
    tested: list[Tested] = []
    shown: list[Sheet] = []

    def children() -> Iterator[Run]:
        for one in made.run():
            tested.append(one)
            yield _child(one)

    with TemporaryDirectory() as folder:

        def whole() -> Run:
            together = made.whole(tested, oracle)
            shown.extend(_sheets(together, tested))
            (Path(folder) / PAGE).write_text(_page(title(asked), shown), encoding="utf-8")
            return _common(snapshot, settings, made, asked, together, tested, Path(folder))

        run_id = tracking.log_nested(home, title(asked), children(), whole)
    return Done(run_id, tuple(shown))


def _child(tested: Tested) -> Run:
    first, last = dates(tested)
    second = tested.second
    other = {f"{second.policy.replace('@', '_')}.{name}": each.value for name, each in second.figures.items()}
    return Run(
        name=f"fold {tested.fold.name}",
        parameters={
            "test_from": first,
            "test_to": last,
            "rounds": str(tested.recipe.rounds),
            "penalty": f"{tested.recipe.penalty:g}",
            "tree_weight": f"{tested.recipe.tree_weight:g}",
            "learnt_rows": str(tested.learnt_rows),
            "set_apart": str(tested.set_apart),
        },
        metrics=publishing.metrics_of(tested.evaluation) | other,
        courses={
            "week.auroc": [(week.day, week.auroc) for week in tested.weeks],
            "week.recall": [(week.day, week.recall) for week in tested.weeks],
        },
    )


def _common(
    snapshot: Snapshot,
    settings: Settings,
    made: BackTest,
    asked: Asked,
    together: Whole,
    tested: list[Tested],
    folder: Path,
) -> Run:
    captures = together.oracle.captures if together.oracle else {}
    return Run(
        name=title(asked),
        parameters=publishing.settings_of(settings.model_dump(mode="json"))
        | {"folds": str(len(tested)), "snapshot": snapshot.hash, "seed": str(settings.seed)},
        metrics=publishing.metrics_of(together.evaluation)
        | publishing.with_ends({f"capture.{key}": share for key, share in captures.items()}),
        tags={"back_test": "district" if asked.held_out else "time", "snapshot": snapshot.hash},
        dataset=publishing.dataset(snapshot.hash, *made.size),
        folders={tracking.REPORT: folder},
        courses=_courses(tested),
    )


def _courses(tested: list[Tested]) -> Courses:
    """The folds' figures as courses of the common run, one step a fold."""
    found = {
        f"fold.{name}": [(number, one.evaluation.figures[name].value) for number, one in enumerate(tested, start=1)]
        for name in _BY_FOLD
    }
    recall = [(number, one.evaluation.at(REFERENCE).recall.value) for number, one in enumerate(tested, start=1)]
    return found | {f"fold.{REFERENCE.key}.recall": recall}


def _page(heading: str, shown: list[Sheet]) -> str:
    said = (
        "Every fold learnt from the past only, with outcomes as they were known on the first day it is measured on."
        " Intervals draw citizens again, with all their weeks in all folds."
    )
    return sheets.document(heading, f"<p>{escape(said)}</p>{sheets.html(shown)}")


def _sheets(together: Whole, tested: list[Tested]) -> Iterator[Sheet]:
    columns = (
        "fold",
        "measured on",
        "rows",
        "admissions",
        "AUROC",
        "recall",
        "precision",
        "slope",
        "came per expected",
    )
    yield f"Fold by fold, top {REFERENCE.name} list", columns, [_row(one) for one in tested]
    yield report.figures(together.evaluation, together.second)
    yield report.capacities(together.evaluation)
    yield report.rivals(together.evaluation.comparisons)
    if together.oracle:
        yield report.against(together.oracle)


def _row(tested: Tested) -> tuple[str, ...]:
    found, at = tested.evaluation, tested.evaluation.at(REFERENCE)
    return (
        tested.fold.name,
        " to ".join(dates(tested)),
        str(found.rows),
        str(found.admissions),
        str(found.figures["auroc"]),
        str(at.recall),
        str(at.precision),
        str(found.figures["calibration_slope"]),
        str(found.figures["came_per_expected"]),
    )
