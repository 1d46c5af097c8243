"""The commands of training: invent a municipality, train, promote, go back.

Registered under the entry-point group `omhu.commands`. They read the surroundings, show progress and print; what they
do stands in the modules they call, which are imported when a command runs, so that `omhu --help` stays quick.
"""

import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from models.home import Home
from training.commands import backtests, exports, rows, shadows, tuning
from training.commands.options import Config, Truth, Until
from training.commands.showing import date_of, one_bar, stages


def register(app: typer.Typer) -> None:
    """Add training's commands to the root command."""
    app.command("synthesise")(synthesise)
    app.command("train")(train)
    app.command("promote")(promote)
    app.command("rollback")(rollback)
    backtests.register(app)
    tuning.register(app)
    shadows.register(app)
    exports.register(app)
    rows.register(app)


def synthesise(
    out: Annotated[Path, typer.Argument(help="Folder to write drop/*.parquet and truth.parquet into.")],
    citizens: Annotated[int, typer.Option(min=10, help="How many citizens receive home care over the time.")] = 2000,
    weeks: Annotated[int, typer.Option(min=8, help="How many weeks of history.")] = 104,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same municipality.")] = 1,
    end: Annotated[
        str | None, typer.Option(metavar="DATE", help="The Monday it ends before; without it 2025-06-30.")
    ] = None,
) -> None:
    """Make an invented municipality. It is a drop as a real one would deliver it, and everybody's true risk."""
    from training.synthetic.town import LAST_MONDAY, danish_town  # noqa: PLC0415
    from training.synthetic.write import synthesise as write  # noqa: PLC0415

    town = danish_town(citizens, weeks, seed, date_of("--end", end) or LAST_MONDAY)
    with one_bar("Inventing") as tell:
        write(town, out, tell)
    Console().print(f"Wrote {out / 'drop'} and {out / 'truth.parquet'}: nobody in it has ever lived.")


def train(
    until: Until = None,
    config: Config = None,
    truth: Truth = None,
) -> None:
    """Train a model, measure it honestly, register it in MLflow."""
    from models.snapshot import Snapshot  # noqa: PLC0415
    from training import pipeline, settings  # noqa: PLC0415
    from training.commands.truth import oracle_of  # noqa: PLC0415
    from training.release import publishing  # noqa: PLC0415
    from training.report import report  # noqa: PLC0415

    home, cut = Home.of(os.environ), date_of("--until", until)
    chosen, snapshot = settings.read(config), Snapshot.open(home.snapshot)
    oracle = oracle_of(truth)
    with stages() as stage:
        trained = pipeline.train(snapshot, chosen, cut, partial(publishing.current_champion, home), stage, oracle)
        step = stage("Registering in MLflow", 1)
        registered, against = publishing.publish(home, trained, cut)
        step()
    console = Console()
    console.print(report.terminal(trained.findings))
    for objection in against:
        console.print(f"[yellow]The gate: {objection.words}[/yellow]", highlight=False)
    console.print(f"Run {registered.run_id}, registered as version {registered.version} of the model.", highlight=False)
    print(registered.run_id)  # noqa: T201 - the last line is the run's id alone, for scripts


def promote(
    run: Annotated[str | None, typer.Option(metavar="ID", help="The run to promote; without it the newest.")] = None,
    accept: Annotated[
        str | None,
        typer.Option(metavar="REASON", help="Accept, and put on record, what too little data cannot tell."),
    ] = None,
) -> None:
    """Let a model through the gate; it is champion from then on."""
    from training.release import promotion  # noqa: PLC0415

    with stages() as stage:
        step = stage("Asking the gate", 1)
        done = promotion.promote(Home.of(os.environ), run, accept, datetime.now(UTC))
        step()
    console = Console()
    for objection in done.accepted:
        console.print(f"[yellow]Accepted though it cannot be told: {objection.words}[/yellow]", highlight=False)
    console.print(f"Version {done.version} is champion.{_instead(done.before, done.version)}", highlight=False)


def rollback(
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; put on record.")],
) -> None:
    """Make the champion before this one champion again."""
    from training.release import promotion  # noqa: PLC0415

    done = promotion.roll_back(Home.of(os.environ), reason, datetime.now(UTC))
    Console().print(f"Version {done.version} is champion again, instead of version {done.before}.", highlight=False)


def _instead(before: str | None, version: str) -> str:
    return f" Before it was version {before}." if before and before != version else ""
