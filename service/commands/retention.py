"""`omhu retention`: tell what is older than it is kept, and let it go."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from service.clock import utc_now
from service.commands.looks import at_the_terminal
from service.commands.store import opened_store
from service.settings import Settings

if TYPE_CHECKING:
    from service.citizens.retention import Due

_OUT = Console(highlight=False, markup=False, soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="How long things are kept.")
    group.callback()(_group)
    group.command("apply", help="Tell what is due to go; with --yes, let it go.")(apply)
    app.add_typer(group, name="retention")


def _group() -> None:
    """A group of one command, which typer would otherwise take for the command itself."""


def apply(*, yes: Annotated[bool, typer.Option("--yes", help="Needed: it cannot be undone.")] = False) -> None:
    """Remove what is older than the settings keep it. Without --yes nothing changes, and it is only told."""
    from service.citizens import retention  # noqa: PLC0415 - brings pyarrow

    settings = Settings.read()
    rules = retention.Rules(
        settings.retention_audit_months, settings.retention_list_months, settings.retention_fact_months
    )
    with opened_store() as database:
        if yes:
            _tell(retention.apply(database, settings.state.snapshot, rules, at_the_terminal(), utc_now()), "Removed")
            return
        with database.read() as session:
            _tell(retention.due(session, rules, utc_now()), "Due")
    _OUT.print("Nothing was changed: say --yes to do it.")


def _tell(due: "Due", word: str) -> None:
    counted = (
        f"{due.looks} records of the look-up log",
        f"{len(due.lists)} lists",
        f"{len(due.citizens)} citizens out of care",
    )
    _OUT.print(f"{word}: {', '.join(counted)}.")
