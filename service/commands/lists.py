"""`omhu list`: make or fetch the list of a date, and write it out."""

from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from models.engines import Engine
from models.errors import RequestWrong
from service.commands.looks import at_the_terminal, log_look
from service.commands.store import opened_store
from service.settings import Settings

_PROGRESS = Console(stderr=True)


class Format(StrEnum):
    """How a list is written out."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("list", help="Make the ranked list of a date, or fetch it if it was made.")(list_command)


def list_command(
    as_of: Annotated[
        datetime,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="The list's date; it knows nothing from that day on."),
    ],
    district: Annotated[str | None, typer.Option(help="Only this district.")] = None,
    top: Annotated[int | None, typer.Option(min=1, help="The first N instead of each district's capacity.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Everyone who is ranked.")] = False,
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TABLE,
    out: Annotated[Path | None, typer.Option(help="Write to this file instead of the screen.")] = None,
    accept_stale: Annotated[
        str | None, typer.Option(metavar="REASON", help="Make it although data stopped coming; put on record.")
    ] = None,
    engine: Annotated[Engine, typer.Option(help="Where a new list is computed; each makes the same.")] = Engine.LOCAL,
) -> None:
    """Rank everyone in home care by the risk of an acute admission within 30 days, as known before the date."""
    if top and every:
        raise RequestWrong("--top and --all ask for different lists.", "Give one of them.")
    if accept_stale is not None and not accept_stale.strip():
        raise RequestWrong("Accepting stale data needs a reason.", "Give --accept-stale REASON.")
    # What computes is imported when a list is asked for, so that `omhu --help` answers at once.
    from service.quality.feeds import Word  # noqa: PLC0415
    from service.weekly import listing  # noqa: PLC0415

    settings = Settings.read()
    word = Word(accept_stale, at_the_terminal()) if accept_stale else None
    with _PROGRESS.status("Looking for the list") as status:
        found = listing.fetch(settings, as_of.date(), datetime.now(UTC), status.update, engine, word)
    chosen = listing.choose(found, district=district, top=top, every=every)
    with opened_store() as database:
        log_look(database, "list.view", tuple(entry.citizen for entry in chosen), search=f"{as_of:%Y-%m-%d}")
    listing.write(chosen, replace(found, by_district=district is not None), form.value, out)
    _PROGRESS.print(listing.summary(found, chosen))
