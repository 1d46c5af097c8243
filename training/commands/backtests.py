"""`omhu backtest`: what the figures would have been, again and again in the past, or in another district."""

import os
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from models.home import Home
from training.commands.options import Config, Truth, Until
from training.commands.showing import date_of, stages


class By(StrEnum):
    """What folds are laid out by."""

    TIME = "time"
    DISTRICT = "district"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("backtest")(backtest)


def backtest(
    folds: Annotated[int, typer.Option(min=1, max=104, help="How many folds at most.")] = 6,
    weeks: Annotated[
        int, typer.Option(min=1, max=26, help="Weeks each fold is measured on; 1 rolls week by week.")
    ] = 4,
    by: Annotated[By, typer.Option(help="Roll over time, or hold out one district after another.")] = By.TIME,
    until: Until = None,
    config: Config = None,
    truth: Truth = None,
) -> None:
    """Train and measure fold by fold, each knowing only its past. MLflow keeps a run a fold under a common one."""
    from models.snapshot import Snapshot  # noqa: PLC0415
    from training import backtesting, settings  # noqa: PLC0415
    from training.backtest import Asked  # noqa: PLC0415
    from training.commands.truth import oracle_of  # noqa: PLC0415
    from training.report.sheets import rich  # noqa: PLC0415

    home, cut = Home.of(os.environ), date_of("--until", until)
    chosen, snapshot = settings.read(config), Snapshot.open(home.snapshot)
    oracle = oracle_of(truth)
    with stages() as stage:
        done = backtesting.run(home, snapshot, chosen, cut, Asked(folds, weeks, by is By.DISTRICT), stage, oracle)
    for sheet in done.sheets:
        Console().print(rich(sheet))
    print(done.run_id)  # noqa: T201 - the last line is the run's id alone, for scripts
