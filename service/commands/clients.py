"""`omhu client`: machines that prove themselves with a key of their own (SMART Backend Services)."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from models.errors import RequestWrong
from service.clock import DENMARK, utc_now
from service.commands.store import opened_store
from service.storage import clients

_OUT = Console(highlight=False, markup=False, soft_wrap=True)

Name = Annotated[str, typer.Argument(help="The client's id: `iss` and `sub` of what it signs.")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(no_args_is_help=True, help="Which machines get short tokens by signing with their own key.")
    group.command("add", help="Register a client with its public keys.")(add)
    group.command("list", help="Show the clients, with scopes and districts.")(show)
    group.command("end", help="End a client and its tokens, at once.")(end)
    app.add_typer(group, name="client")


def add(
    name: Name,
    jwks: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="Its public keys, a JSON Web Key Set.")],
    scope: Annotated[list[str], typer.Option(help="What it may ask for, such as system/RiskAssessment.rs; repeat.")],
    district: Annotated[list[str] | None, typer.Option(help="A district it reaches; repeat for more.")] = None,
) -> None:
    """Register a client. Nothing is ever fetched from it: new keys come in a file too."""
    from service.security import smart, smart_scopes  # noqa: PLC0415 - cryptography, for nobody else

    if not name.strip() or len(name) > 100:
        raise RequestWrong("The name is empty or too long.", "Choose one of at most 100 characters.")
    smart_scopes.require_known(scope)
    keys = smart.read_keys(jwks.read_text(encoding="utf-8", errors="replace"))
    with opened_store() as database, database.write() as session:
        number = clients.add(session, name, keys, scope, district or [], utc_now())
    _OUT.print(f"{name}: registered as client {number}, with {', '.join(scope)}.")


def show() -> None:
    """Show every client, ended ones too."""
    with opened_store() as database, database.read() as session:
        found = clients.every(session)
    table = Table("client", "scopes", "districts", "since", "ended")
    for one in found:
        ended = one.ended_at.astimezone(DENMARK).strftime("%Y-%m-%d %H:%M") if one.ended_at else ""
        since = one.made_at.astimezone(DENMARK).strftime("%Y-%m-%d")
        table.add_row(one.name, "\n".join(sorted(one.scopes)), ", ".join(sorted(one.districts)), since, ended)
    _OUT.print(table)


def end(name: Name) -> None:
    """End a client for good; its name is not given to another."""
    with opened_store() as database, database.write() as session:
        clients.end(session, name, utc_now())
    _OUT.print(f"{name}: ended.")
