"""`omhu label explain`: a citizen's label on a date, its windows, and the messages it rests on."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from service.clock import utc_now
from service.commands.forms import Form
from service.commands.looks import log_look
from service.commands.store import opened_store
from service.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_DAY = ["%Y-%m-%d"]
_COLUMNS = ("kind", "occurred_at", "recorded_at", "known_from", "superseded_at")


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(no_args_is_help=True, help="What became of a citizen after a date.")
    group.command("explain", help="Tell a citizen's label on a date, and what it rests on.")(explain)
    app.add_typer(group, name="label")


def explain(
    citizen_id: Annotated[str, typer.Argument(metavar="CITIZEN", help="As it stands in the drop.")],
    as_of: Annotated[datetime, typer.Argument(metavar="DATE", formats=_DAY, help="The as-of date.")],
    policy: Annotated[str, typer.Option(help="The label policy.")] = "acute_broad@1",
    known_before: Annotated[
        datetime | None,
        typer.Option("--known-before", formats=_DAY, help="Use only what was known before this day."),
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How to write it.")] = Form.TABLE,
) -> None:
    """Tell the label: 1, 0, censored, or not in cohort; why; the windows; and every version of every message."""
    from service.citizens import label_basis  # noqa: PLC0415 - what reads events takes a while to import

    with opened_store() as database:
        cut = known_before.date() if known_before else label_basis.last_known(Settings.read().state, utc_now())
        found = label_basis.basis(database, citizen_id, as_of.date(), policy, cut)
        log_look(database, "label.explain", (found.citizen,), search=f"{as_of:%Y-%m-%d} {policy}")
    told = label_basis.as_json(found)
    if form is Form.JSON:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1, default=str))
    else:
        _show(told, Console(markup=False, emoji=False, highlight=False))


def _show(told: "Mapping[str, Any]", console: Console) -> None:
    console.print(f"Label under {told['policy']} on {told['as_of']}: {told['label']}", style="bold")
    console.print(told["why"])
    windows = Table("window", "first day", "up to, not including")
    window = told["window"]
    windows.add_row("horizon", str(window["horizon_first_day"]), str(window["horizon_end_day"]))
    windows.add_row("late messages", str(window["horizon_end_day"]), str(window["told_from_day"]))
    windows.add_row("known", "", str(window["known_before_day"]))
    console.print(windows)
    facts = Table("believed", "occurred_at", "for the label", title=f"Counted: {', '.join(told['counted'])}")
    for fact in told["facts"]:
        facts.add_row(fact["code"], fact["occurred_at"], fact["meant"])
    console.print(facts)
    messages = Table("message", *_COLUMNS, "did", "why")
    for message in told["messages"]:
        times = [str(message[column] or "") for column in _COLUMNS]
        messages.add_row(message["notification_id"], *times, message["did"], message["why"])
    console.print(messages)
