"""`omhu export meds`: the snapshot for tools that read a standard, and not our own files."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from models.home import Home
from training.commands.showing import stages


def register(app: typer.Typer) -> None:
    """Add the commands."""
    exports = typer.Typer(help="Write the snapshot in a standard's form.", no_args_is_help=True)
    exports.command("meds")(meds)
    app.add_typer(exports, name="export")


def meds(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A new folder to write the dataset into.")],
) -> None:
    """Write the snapshot as a MEDS dataset. It is checked against the standard's own schema."""
    from models.snapshot import Snapshot  # noqa: PLC0415
    from training.meds_export import export  # noqa: PLC0415

    snapshot = Snapshot.open(Home.of(os.environ).snapshot)
    with stages() as stage:
        done = export(snapshot, out, datetime.now(UTC), stage("Writing", snapshot.manifest.buckets))
    Console().print(
        f"{done.events:,} events of {done.subjects:,} subjects with {done.codes:,} codes in {out}.", highlight=False
    )
