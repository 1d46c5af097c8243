"""`omhu outcomes`: what became of the citizens on stored lists, and what to expect of those too young to tell."""

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from models.errors import NotFound
from service.commands.forms import Form
from service.commands.store import opened_store
from service.settings import Settings

_PROGRESS = Console(stderr=True)
_DAY = ["%Y-%m-%d"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("outcomes", help="Tell what became of those on stored lists.")(outcomes)


def outcomes(
    as_of: Annotated[datetime | None, typer.Option("--as-of", formats=_DAY, help="Only the list of this date.")] = None,
    known_at: Annotated[
        datetime | None, typer.Option("--known-at", formats=_DAY, help="As it was known before this day.")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How to write it.")] = Form.TABLE,
) -> None:
    """Compute and store what can be told of each list, by district; until then, what its scores make one expect."""
    # What computes is imported when asked for, so that `omhu --help` answers at once.
    from models.snapshot import Snapshot  # noqa: PLC0415
    from service.weekly.outcome_report import left_out, rows  # noqa: PLC0415
    from service.weekly.outcomes import settle  # noqa: PLC0415

    state, now = Settings.read().state, datetime.now(UTC)
    asked, seen_from = as_of.date() if as_of else None, known_at.date() if known_at else None
    with opened_store() as database, _PROGRESS.status("Looking for the lists") as status:
        snapshot = Snapshot.open(state.snapshot)
        settled = settle(database, snapshot, now, status.update, as_of=asked, known_at=seen_from)
    if not settled.lists and not settled.hindsight:
        raise NotFound(
            "There is no such list." if asked else "There is no list yet.", "Make one: omhu list --as-of DATE."
        )
    made = rows(settled.lists, settled.figures, settled.told_from, protected=False)
    if form is Form.JSON:
        head = {
            "policy": settled.policy.id,
            "known_before": settled.known_before.isoformat(),
            "hindsight": [left_out(one) for one in settled.hindsight],
        }
        sys.stdout.write(json.dumps(head | {"outcomes": made}, ensure_ascii=False, indent=1) + "\n")
    else:
        Console(markup=False, emoji=False, width=120).print(_table(made))
    _PROGRESS.print(
        f"As known before {settled.known_before}, by {settled.policy.id}: {settled.added} new.", highlight=False
    )
    for one in settled.hindsight:
        _PROGRESS.print(
            f"Left out: the list of {one.as_of}, whose model {one.model_version} had learnt from what came after.",
            highlight=False,
        )


def _table(made: list[dict[str, Any]]) -> Table:
    table = Table(title="Outcomes of lists; what is expected stands in brackets", title_justify="left")
    for heading in ("list", "district", "listed", "admitted", "precision", "recall", "capture", "obs/exp", "acted on"):
        table.add_column(heading, justify="left" if heading in {"list", "district"} else "right")
    for row in made:
        told = row["state"] == "told"
        count = str(row["admitted_listed"]) if told else f"({row['expected_listed']['value']:.1f})"
        shares = (_share(row[name], told=told) for name in ("precision", "recall", "capture"))
        ratio = f"{row['calibration']['value']:.2f}" if row["calibration"] else ""
        acted = "" if row["acted_on"] is None else str(row["acted_on"])
        table.add_row(row["as_of"], row["district"] or "all", str(row["listed"]), count, *shares, ratio, acted)
    return table


def _share(estimate: Mapping[str, float] | None, *, told: bool) -> str:
    if estimate is None:
        return ""
    text = f"{estimate['value']:.0%} ({estimate['low']:.0%}-{estimate['high']:.0%})"
    return text if told else f"[{text}]"
