"""`omhu citizen`: tell that two ids are one person's, and take it back."""

from typing import Annotated

import typer
from rich.console import Console

from service.clock import utc_now
from service.commands import citizen_rights
from service.commands.looks import at_the_terminal
from service.commands.store import opened_store

_OUT = Console(highlight=False, markup=False, soft_wrap=True)
_NEXT = "The next `omhu snapshot` takes it in; lists already made do not change."

CitizenId = Annotated[str, typer.Argument(metavar="ID", help="As it stands in the drop.")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(no_args_is_help=True, help="A citizen's ids and rights.")
    group.command("merge", help="Tell that an id is the person of another id.")(merge)
    group.command("unmerge", help="Take it back: the id is a person by itself again.")(unmerge)
    citizen_rights.add_to(group)
    app.add_typer(group, name="citizen")


def merge(
    citizen_id: CitizenId,
    into_id: Annotated[str, typer.Argument(metavar="INTO_ID", help="The id whose name and place stand for both.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why they are one person; put on record.")],
) -> None:
    """Merge an id into another."""
    from service.citizens import merging  # noqa: PLC0415

    with opened_store() as database:
        merging.merge(database, citizen_id, into_id, reason, at_the_terminal(), utc_now())
    _OUT.print(f"Merged. {_NEXT}")


def unmerge(citizen_id: CitizenId) -> None:
    """Un-merge an id."""
    from service.citizens import merging  # noqa: PLC0415

    with opened_store() as database:
        merging.unmerge(database, citizen_id, at_the_terminal(), utc_now())
    _OUT.print(f"Un-merged. {_NEXT}")
