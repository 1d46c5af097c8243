"""`omhu legal`: put on record what the municipality may use the data for."""

import getpass
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from models.errors import SystemWrong
from service.clock import danish_date, utc_now
from service.commands.store import opened_store
from service.legal import LegalBasis, Purpose, in_force
from service.storage import legal as stored_legal

_DAY = ["%Y-%m-%d"]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(no_args_is_help=True, help="What the data may be used for, on what legal basis.")
    group.command("set", help="Put a legal basis on record for a purpose.")(set_basis)
    group.command("show", help="Show what is on record, and what holds today.")(show)
    app.add_typer(group, name="legal")


def set_basis(
    purpose: Annotated[Purpose, typer.Argument(help="What for: train, silent or operate.")],
    basis: Annotated[str, typer.Option(help="The legal basis, in words.")],
    document: Annotated[str, typer.Option(metavar="REF", help="Where it is written: a case or document number.")],
    begins: Annotated[datetime, typer.Option("--from", formats=_DAY, help="The first day it holds.")],
    ends: Annotated[datetime | None, typer.Option("--to", formats=_DAY, help="The last day it holds.")] = None,
) -> None:
    """Put a legal basis on record for a purpose."""
    entry = LegalBasis(
        purpose=purpose,
        basis=basis,
        document=document,
        valid_from=begins.date(),
        valid_to=ends.date() if ends else None,
        set_by=getpass.getuser(),
        set_at=utc_now(),
    )
    with opened_store() as database, database.write() as session:
        stored_legal.add(session, entry)
    to = f" to {entry.valid_to}" if entry.valid_to else ""
    Console().print(f"{purpose.value}: on record from {entry.valid_from}{to}.", highlight=False)


def warn_before_training() -> None:
    """Say on standard error, in one line, that no purpose has a legal basis today; training goes on (decision 9)."""
    try:
        with opened_store() as database, database.read() as session:
            entries = stored_legal.entries(session)
    except SystemWrong:
        return  # training reads the snapshot alone, and may run where no store is
    if not any(in_force(entries, purpose, danish_date(utc_now())) for purpose in Purpose):
        told = "No legal basis is on record for today, not even to train: see `omhu legal set train --help`."
        Console(stderr=True, highlight=False, markup=False).print(told, soft_wrap=True)


def show() -> None:
    """Show what is on record, and what holds today."""
    with opened_store() as database, database.read() as session:
        entries = stored_legal.entries(session)
    today = danish_date(utc_now())
    table = Table("purpose", "basis", "document", "from", "to", "set by", "holds today")
    for entry in entries:
        holds = "yes" if in_force(entries, entry.purpose, today) == entry else ""
        to = str(entry.valid_to or "")
        table.add_row(entry.purpose, entry.basis, entry.document, str(entry.valid_from), to, entry.set_by, holds)
    # What was written is shown as it was written: "[art. 6]" is no markup.
    Console(markup=False, emoji=False).print(table)
