"""`omhu webhook`: which addresses are told of a finished list, and what became of telling them."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from models.errors import RequestWrong
from service.clock import DENMARK, utc_now
from service.commands.store import opened_store
from service.settings import Settings
from service.storage import webhooks

_OUT = Console(highlight=False, markup=False, soft_wrap=True)

Number = Annotated[int, typer.Argument(help="The webhook's number.")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(no_args_is_help=True, help="Which addresses are told of a finished list.")
    group.command("add", help="Tell an address of every list finished from now on.")(add)
    group.command("list", help="Show the webhooks.")(show)
    group.command("remove", help="Tell a webhook nothing more.")(remove)
    group.command("deliveries", help="Show what became of telling them; dead ones are tried no more.")(deliveries)
    group.command("deliver", help="Tell now what is due; the worker does so every five minutes.")(deliver)
    app.add_typer(group, name="webhook")


def add(
    url: Annotated[str, typer.Argument(help="The address, beginning with https.")],
    secret_file: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="The secret it is signed with.")],
) -> None:
    """Add a webhook. What it is sent names nobody: the list's date, and counts by district."""
    from service.outbound.outgoing import require_allowed  # noqa: PLC0415 - the network, for nobody else
    from service.outbound.webhooks import FEWEST_LETTERS  # noqa: PLC0415

    require_allowed(url, Settings.read())
    secret = secret_file.read_text(encoding="utf-8", errors="replace").strip()
    if len(secret) < FEWEST_LETTERS:
        raise RequestWrong("The secret is too short.", f"Use at least {FEWEST_LETTERS} letters, drawn by chance.")
    with opened_store() as database, database.write() as session:
        number = webhooks.add(session, url, secret, utc_now())
    _OUT.print(f"Webhook {number}: told of every list finished from now on.")


def show() -> None:
    """Show the webhooks in force."""
    with opened_store() as database, database.read() as session:
        found = webhooks.every(session)
    for one in found:
        _OUT.print(f"{one.number}: {one.url}, since {one.made_at.astimezone(DENMARK):%Y-%m-%d %H:%M}")
    if not found:
        _OUT.print("There is no webhook.")


def remove(number: Number) -> None:
    """Remove a webhook; what it was told stays on record."""
    with opened_store() as database, database.write() as session:
        webhooks.end(session, number, utc_now())
    _OUT.print(f"Webhook {number}: removed.")


def deliveries(limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50) -> None:
    """Show the newest deliveries."""
    with opened_store() as database, database.read() as session:
        found = webhooks.deliveries(session, limit)
    table = Table("delivery", "webhook", "state", "attempts", "next try or end", "told")
    for one in found:
        when = one.next_at.astimezone(DENMARK).strftime("%Y-%m-%d %H:%M")
        table.add_row(one.name, str(one.webhook.number), one.state, str(one.attempts), when, one.told)
    _OUT.print(table)


def deliver() -> None:
    """Try what is due now; exit code 1 when anything failed."""
    from service.outbound.webhooks import deliver_due  # noqa: PLC0415

    with opened_store() as database:
        made = deliver_due(database, Settings.read(), utc_now())
    _OUT.print(f"{made.delivered} delivered, {made.failed} failed and waiting, {made.dead} given up.")
    raise typer.Exit(int(bool(made.failed or made.dead)))
