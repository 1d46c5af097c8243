"""`omhu loads` and `omhu rejects`: what was loaded, and the rows that were set aside."""

import json
import os
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated

import typer
from rich.console import Console
from rich.table import Table

from service.commands.looks import log_look
from service.commands.store import opened_store
from service.storage import loads
from service.storage.running_loads import mark_interrupted
from service.storage.times import moment, stored

_OUT = Console(highlight=False, markup=False, soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("loads", help="List the latest loads.")(list_loads)
    app.command("rejects", help="Tell the rows a load set aside.")(rejects)


def list_loads(limit: Annotated[int, typer.Option(min=1, help="How many.")] = 20) -> None:
    """Print the latest loads, newest first; one whose process was killed is told as interrupted."""
    with opened_store() as database:
        mark_interrupted(database, stored(datetime.now(UTC)))
        with database.read() as session:
            found = [(one, loads.count_rejects(session, one.load_id)) for one in loads.latest(session, limit)]
    table = Table("load", "received", "name", "mode", "status", "set aside")
    for one, aside in found:
        received = moment(one.received_at).strftime("%Y-%m-%d %H:%M UTC")
        table.add_row(str(one.load_id), received, one.name, one.mode, one.status, f"{aside:,}")
    _OUT.print(table)


def rejects(
    load: Annotated[int, typer.Argument(metavar="LOAD", help="The load's number; `omhu loads` lists them.")],
    *,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write them as JSON lines, with the rows themselves.")
    ] = None,
) -> None:
    """Print file, line, column and reason of each row; the rows themselves hold citizens' data: to a file only."""
    with opened_store() as database:
        with database.read() as session:
            count = loads.count_rejects(session, loads.get(session, load).load_id)
        if out:
            log_look(database, "load.rejects", (), search=str(load))
        with database.read() as session, nullcontext() if out is None else _file(out) as sink:
            for row in loads.rejects(session, load):
                if sink:
                    sink.write(_line(row))
                else:
                    _OUT.print(f"{row.file}:{row.line}: {row.column or 'record'}: {row.reason}")
    _OUT.print(f"{count:,} rows set aside.")


def _file(path: Path) -> IO[str]:
    """A file nobody else may read."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    return os.fdopen(handle, "w", encoding="utf-8")


def _line(row: loads.SetAside) -> str:
    place = {"file": row.file, "line": row.line, "column": row.column, "reason": row.reason}
    return json.dumps(place | {"row": json.loads(row.row)}, ensure_ascii=False) + "\n"
