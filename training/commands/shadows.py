"""`omhu shadow`: what a challenger's lists would have been, beside the champion's, shown to nobody."""

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from models.errors import RequestWrong
from models.home import Home
from training.commands.showing import date_of

if TYPE_CHECKING:
    from training.release.shadow import Caught, Shadow


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("shadow")(shadow)


def shadow(
    as_of: Annotated[list[str], typer.Option(metavar="DATE", help="A list's date; may be given several times.")],
    run: Annotated[str | None, typer.Option(metavar="ID", help="The challenger's run; without it the newest.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write each date as JSON into a folder.")] = None,
) -> None:
    """Score champion and challenger side by side, in silence. The comparison is kept with the challenger's run."""
    from models.snapshot import Snapshot  # noqa: PLC0415
    from training.release.shadow import shadow as compare  # noqa: PLC0415

    home = Home.of(os.environ)
    found = compare(home, Snapshot.open(home.snapshot), run, [_day(text) for text in as_of])
    if out:
        out.mkdir(parents=True, exist_ok=True)
        for one in found:
            (out / f"{one.as_of}.json").write_text(one.text(), encoding="utf-8")
    Console().print(_table(found))


def _day(text: str) -> date:
    day = date_of("--as-of", text)
    if day is None:
        raise RequestWrong("--as-of needs a date.", "Write it as 2025-02-24.")
    return day


def _table(found: "tuple[Shadow, ...]") -> Table:
    table = Table(title="Champion and challenger, top 5 %", title_justify="left")
    for heading in ("as of", "ranked", "on both lists", "order", "champion caught", "challenger caught"):
        table.add_column(heading)
    for one in found:
        caught = (_caught(by, one.untold) for by in (one.caught_by_champion, one.caught_by_challenger))
        table.add_row(str(one.as_of), str(one.ranked), f"{one.overlap:.0%}", f"{one.order:.2f}", *caught)
    return table


def _caught(caught: "Caught | None", untold: str | None) -> str:
    return f"{caught.admitted_on_list:.0f} of {caught.admitted:.0f}" if caught else untold or ""
