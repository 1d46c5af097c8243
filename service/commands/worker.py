"""`omhu worker`: what an installation does by itself, and what came of it."""

import signal
import threading
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from service.clock import DENMARK, utc_now
from service.commands.store import opened_store
from service.settings import Settings

_OUT = Console(highlight=False)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("worker", help="Do by itself what is due: snapshot, weekly list, outcomes, drift, retention.")(worker)


def worker(
    *,
    once: Annotated[bool, typer.Option("--once", help="Do what is due, then end; 1 if anything failed.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Only tell the last run of each job.")] = False,
) -> None:
    """Do each job when it is due, in Danish time; several workers share the work. Ctrl-C stops between two jobs."""
    if status:
        _show_status()
        return
    from service import logs  # noqa: PLC0415
    from service.operation.worker import Worker  # noqa: PLC0415
    from service.storage.runs import State  # noqa: PLC0415

    with opened_store() as database:
        doing = Worker.of(Settings.read(), database, utc_now)
        if once:
            ended = list(doing.once())
            for job, state, told in ended:
                _OUT.print(f"{job.name}: {state}. {told}")
            if not ended:
                _OUT.print("Nothing is due.")
            raise typer.Exit(int(any(state is State.FAILED for _, state, _ in ended)))
        logs.set_up()
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        doing.work(stop)


def _show_status() -> None:
    from service.operation.jobs import JOBS  # noqa: PLC0415
    from service.storage import runs  # noqa: PLC0415

    with opened_store() as database, database.read() as session:
        latest = runs.latest(session)
    table = Table("job", "when (crontab, Danish time)", "last due", "state", "told", title_justify="left")
    for job in JOBS:
        run = latest.get(job.name)
        last = (
            (run.due_at.astimezone(DENMARK).strftime("%Y-%m-%d %H:%M"), run.state, run.told)
            if run
            else ("never", "", "")
        )
        table.add_row(job.name, job.crontab, *last)
    _OUT.print(table)
