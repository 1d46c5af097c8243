"""Options that several commands of training have, in the same words."""

from pathlib import Path
from typing import Annotated

import typer

Until = Annotated[str | None, typer.Option(metavar="DATE", help="Use nothing known on this date or later.")]
Config = Annotated[Path | None, typer.Option(metavar="FILE", help="Settings (TOML) that change the defaults.")]
Truth = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The truth.parquet of an invented municipality, to measure against."),
]
