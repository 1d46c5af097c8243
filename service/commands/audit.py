"""`omhu audit`: check that the look-up log is whole, and write it out."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from models.errors import SystemWrong
from service.audit import first_broken
from service.commands.store import opened_store
from service.storage import audit

_OUT = Console(highlight=False, markup=False, soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(no_args_is_help=True, help="The look-up log: who looked at whom.")
    group.command("verify", help="Check that nothing in the log was changed; exit 1 when it was.")(verify)
    group.command("export", help="Write the log as JSON lines.")(export)
    app.add_typer(group, name="audit")


def verify() -> None:
    """Recompute every hash of the chain, and tell the last one, to be kept elsewhere."""
    with opened_store() as database, database.read() as session:
        broken, last = first_broken(audit.records(session), audit.start(session)), audit.last(session)
    if broken is not None:
        raise SystemWrong(f"Record {broken} is not what it was when written.", "Compare with a kept copy of the log.")
    _OUT.print(f"Whole, up to record {last.number}: {last.hash}" if last else "Whole: no records yet.")


def export(out: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Write each record on a line of its own, with its hash and the one before it."""
    with opened_store() as database, database.read() as session, out.open("w", encoding="utf-8") as file:
        for record in audit.records(session):
            file.write(json.dumps(asdict(record), default=str, ensure_ascii=False) + "\n")
