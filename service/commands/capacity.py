"""`omhu capacity`: how many citizens each district's nurses can go through in a week."""

from typing import Annotated

import typer
from rich.console import Console

from service.commands.store import opened_store
from service.storage import capacities

_OUT = Console(highlight=False, markup=False, soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(no_args_is_help=True, help="How long each district's list is.")
    group.command("set", help="Set a district's capacity, from the next list on.")(set_capacity)
    group.command("show", help="Show the capacities that are set.")(show)
    app.add_typer(group, name="capacity")


def set_capacity(
    district: Annotated[str, typer.Argument(help="The district, as the drop names it.")],
    citizens: Annotated[int, typer.Argument(min=0, help="Citizens its nurses can go through in a week.")],
) -> None:
    """Set a district's capacity; lists that are made already stay as they are."""
    with opened_store() as database, database.write() as session:
        capacities.set_capacity(session, district, citizens)
    _OUT.print(f"{district}: {citizens} citizens a week, from the next list on.")


def show() -> None:
    """Show the capacities that are set, and what the other districts have."""
    with opened_store() as database, database.read() as session:
        stored = capacities.capacities(session)
    for district, citizens in sorted(stored.items()):
        _OUT.print(f"{district}: {citizens}")
    _OUT.print(f"every other district: {capacities.DEFAULT_CAPACITY}")
