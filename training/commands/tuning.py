"""`omhu tune`: look for better settings of the trees, on weeks before those the figures come from."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from models.home import Home
from training.commands.options import Until
from training.commands.showing import date_of, stages


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("tune")(tune)


def tune(
    trials: Annotated[int, typer.Option(min=1, help="How many trials in all; those of earlier calls count.")] = 40,
    until: Until = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Settings (TOML) to start from, and to keep but for the trees.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write the settings; tuned.toml in OMHU_HOME without.")
    ] = None,
) -> None:
    """Search for settings that catch more at the nurses' capacity. Stopped, it goes on where it stood."""
    from models.snapshot import Snapshot  # noqa: PLC0415
    from training import settings, tuning  # noqa: PLC0415

    home, cut = Home.of(os.environ), date_of("--until", until)
    chosen, snapshot = settings.read(config), Snapshot.open(home.snapshot)
    written = out or home.folder / "tuned.toml"
    with stages() as stage:
        found = tuning.tune(home, snapshot, chosen, cut, trials, written, stage)
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"{found.trials} trials: the best catches {found.best:.4f} over all list lengths, the settings to start from"
        f" {found.default:.4f}, on weeks before the test weeks. A lead of a few thousandths is luck."
    )
    console.print(f"Written to {written}: use it with `omhu train --config`.")
    print(found.run_id)  # noqa: T201 - the last line is the run's id alone, for scripts
