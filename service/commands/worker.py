"""`omhu worker`: what an installation does by itself, and what came of it; for each of several municipalities."""

import os
import signal
import sys
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
    app.command("worker", help="Do by itself what is due. Jobs: snapshot, list, outcomes, drift, retention.")(worker)


def worker(
    *,
    once: Annotated[bool, typer.Option("--once", help="Do what is due, then end; 1 if anything failed.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Only tell the last run of each job.")] = False,
    until_stdin_ends: Annotated[bool, typer.Option("--until-stdin-ends", hidden=True)] = False,
) -> None:
    """Do each job when it is due, in Danish time; several workers share the work. Ctrl-C stops between two jobs."""
    if os.environ.get("OMHU_MUNICIPALITIES"):
        _for_all("--status" if status else "--once" if once else "")
    elif status:
        _show_status()
    elif once:
        _work_once()
    else:
        _work(led=until_stdin_ends)


def _for_all(option: str) -> None:
    from service.municipalities.environments import names  # noqa: PLC0415
    from service.operation.workers import Workers, for_each  # noqa: PLC0415

    those = names(os.environ)
    if option:
        raise typer.Exit(int(not for_each(those, os.environ, option, _say)))
    Workers(those, os.environ).work(_told_to_stop())


def _work(*, led: bool) -> None:
    from service.operation.worker import Worker  # noqa: PLC0415
    from service.operation.workers import stop_when_ended  # noqa: PLC0415

    stop = _told_to_stop()
    if led:
        stop_when_ended(sys.stdin.fileno(), stop)
    with opened_store() as database:
        Worker.of(Settings.read(), database, utc_now).work(stop)


def _told_to_stop() -> threading.Event:
    """Set when the process is told to stop; from here on it logs, too."""
    from service import logs  # noqa: PLC0415

    logs.set_up()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _work_once() -> None:
    from service import logs  # noqa: PLC0415
    from service.operation.worker import Worker  # noqa: PLC0415
    from service.storage.runs import State  # noqa: PLC0415

    logs.set_up()
    with opened_store() as database:
        ended = list(Worker.of(Settings.read(), database, utc_now).once())
    for job, state, told in ended:
        _OUT.print(f"{job.name}: {state}. {told}")
    if not ended:
        _OUT.print("Nothing is due.")
    raise typer.Exit(int(any(state is State.FAILED for _, state, _ in ended)))


def _say(words: str) -> None:
    print(words, flush=True)  # noqa: T201 - before what the program it announces prints


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
