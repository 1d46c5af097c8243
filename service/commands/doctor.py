"""`omhu doctor`: what is wrong with this installation, and what to do about it."""

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from service.clock import utc_now
from service.commands.forms import Form
from service.settings import Settings
from service.storage.database import Database


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(form: Annotated[Form, typer.Option("--format", help="How to write it.")] = Form.TABLE) -> None:
    """Say in words what is wrong with this installation. Exit code 1 when anything is; a note is nothing wrong."""
    from service.operation.doctor import Level, Patient, examine  # noqa: PLC0415

    settings = Settings.read()
    with Database.open(settings.state.database_url) as database:
        found = list(examine(Patient(settings, database, utc_now())))
    if form is Form.JSON:
        sys.stdout.write(json.dumps([asdict(finding) for finding in found], ensure_ascii=False, indent=1) + "\n")
    else:
        table = Table("", "", "", "what to do", show_header=True, box=None, pad_edge=False)
        colours = {Level.FINE: "green", Level.NOTE: "yellow", Level.WRONG: "red"}
        for finding in found:
            level = f"[{colours[finding.level]}]{finding.level}[/]"
            table.add_row(level, finding.about, finding.told, finding.remedy)
        Console(highlight=False).print(table)
    raise typer.Exit(int(any(finding.level is Level.WRONG for finding in found)))
