"""`omhu watch`: load what senders put into a folder, every night without anybody at the terminal."""

import signal
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from models.errors import SystemWrong

if TYPE_CHECKING:
    from service.intake.report import LoadReport
    from service.intake.watching import Watcher
    from service.storage.database import Database

_OUT = Console(highlight=False, markup=False, soft_wrap=True)


def watch(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that drops are put into.")],
    *,
    quiet: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="Take a drop without _DONE when unchanged for so long.")
    ] = 300,
    once: Annotated[bool, typer.Option("--once", help="Take what is complete, and end: for cron.")] = False,
    every: Annotated[float, typer.Option(metavar="SECONDS", min=0.1, help="How often to look.")] = 10,
) -> None:
    """Load each complete drop put into a folder. Then it is moved to done/ or failed/ there, its report beside it.

    A drop is a folder, a file or a zip. It is complete when _DONE lies in it (for a file: beside it, as NAME_DONE) or
    when nothing of it has changed for a while. Ends between two drops on SIGTERM. Exit code with --once: 2 when a drop
    failed.
    """
    from service.intake.inbox import Inbox  # noqa: PLC0415
    from service.intake.watching import Watcher  # noqa: PLC0415
    from service.logs import set_up  # noqa: PLC0415
    from service.settings import Settings  # noqa: PLC0415
    from service.storage.database import Database  # noqa: PLC0415

    set_up()
    stopped = Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    inbox = Inbox(folder.absolute(), quiet)
    with inbox.watched(), Database.open(Settings.read().state.database_url) as database:
        database.require_migrated(create=True)
        watcher = Watcher(inbox, lambda path: _load(database, path), database.require_migrated)
        failed = _round(watcher, stopped, once=once)
        while not once and not stopped.wait(every):
            _round(watcher, stopped, once=once)
    raise typer.Exit(2 if once and failed else 0)


def _round(watcher: "Watcher", stopped: Event, *, once: bool) -> bool:
    """Take what is complete; whether a drop failed. While watching, a store that is away is waited for."""
    failed = False
    try:
        for taken in watcher.take_all(stopped.is_set):
            _OUT.print(f"{taken.name}: {taken.words}")
            failed = failed or taken.outcome == "failed"
    except SystemWrong as error:
        if once:
            raise
        _OUT.print(f"{error.message} To be tried again.")
    return failed


def _load(database: "Database", path: Path) -> "LoadReport":
    from service.intake.loading import load_path  # noqa: PLC0415
    from service.intake.mapping.file import mapping_in_use  # noqa: PLC0415
    from service.settings import Settings  # noqa: PLC0415

    local = mapping_in_use(Settings.read().state.mapping)
    return load_path(database, path, "live", int(datetime.now(UTC).timestamp() * 1_000_000), mapping=local)
