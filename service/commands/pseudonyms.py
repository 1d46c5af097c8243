"""`omhu pseudonymise`: ids of a table exchanged for keys, for measuring what training cannot know by itself."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("pseudonymise")(pseudonymise)


def pseudonymise(
    table: Annotated[Path, typer.Argument(metavar="FILE", help="A Parquet file with the column citizen_id.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The Parquet file to write, with citizen instead.")],
) -> None:
    """Put the keys training sees in place of a table's own ids."""
    from service.citizens.pseudonyms import exchange  # noqa: PLC0415
    from service.commands.store import opened_store  # noqa: PLC0415

    with opened_store() as database:
        written, unknown = exchange(database, table, out)
    Console().print(f"{written:,} rows written, {unknown:,} of citizens nobody knows left out.", highlight=False)
