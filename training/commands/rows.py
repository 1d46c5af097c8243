"""`omhu matrix` and `omhu features`: the rows a model learns from, as a file, and what their columns are."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from models.engines import Engine
from models.home import Home
from training.commands.options import Config, Until
from training.commands.showing import date_of, one_bar

_WIDE = 160
"""Columns of a table that is written to a file or a pipe, where nothing says how wide it is."""


class Form(StrEnum):
    """How the catalogue is written."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("matrix")(matrix)
    app.command("features")(features)


def matrix(
    out: Annotated[Path, typer.Option(metavar="FILE.parquet", help="Where to write; its manifest is put beside it.")],
    engine: Annotated[Engine, typer.Option(help="Where to compute.")] = Engine.LOCAL,
    first: Annotated[str | None, typer.Option("--from", metavar="DATE", help="No as-of date before this one.")] = None,
    until: Until = None,
    as_of: Annotated[
        list[str] | None,
        typer.Option(metavar="DATE", help="This as-of date; may be given again. Without it, the weeks of training."),
    ] = None,
    config: Config = None,
) -> None:
    """Write the training matrix. It has a row for each citizen and date, its features and its outcome."""
    from models.snapshot import Snapshot  # noqa: PLC0415
    from training import settings  # noqa: PLC0415
    from training.matrix import matrices  # noqa: PLC0415

    dates = [day for text in as_of or () if (day := date_of("--as-of", text))]
    wanted = matrices.Wanted(tuple(dates), date_of("--from", first), date_of("--until", until))
    snapshot = Snapshot.open(Home.of(os.environ).snapshot)
    with one_bar("Computing") as tell:
        made = matrices.write(
            snapshot, wanted, settings.read(config).data, engine, out, lambda share: tell(share, "rows")
        )
    said = f"Wrote {made.rows:,} rows of {made.columns:,} features on {made.dates} dates to {made.file}"
    Console(stderr=True).print(f"{said}, described in {made.manifest}.", highlight=False, soft_wrap=True)


def features(
    group: Annotated[str | None, typer.Option(help="Only this feature group.")] = None,
    form: Annotated[Form, typer.Option("--format", help="How to write it.")] = Form.TABLE,
) -> None:
    """Print the catalogue of features. Of each: name, group, phrase, unit, window and source."""
    from models.features.catalogue import CATALOGUE  # noqa: PLC0415
    from training.report import features_page  # noqa: PLC0415

    chosen = features_page.chosen(CATALOGUE, group)
    console = Console()
    width = console.width if console.is_terminal else _WIDE
    text = {
        Form.TABLE: lambda: features_page.as_table(chosen, CATALOGUE, width),
        Form.JSON: lambda: features_page.as_json(chosen, CATALOGUE),
        Form.MARKDOWN: lambda: features_page.as_markdown(chosen, CATALOGUE),
    }[form]()
    typer.echo(text, nl=False)
