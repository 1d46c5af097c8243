"""`omhu backup` and `omhu restore`: a copy of the installation for safekeeping, and back."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from service.clock import utc_now
from service.commands.store import opened_store
from service.settings import Settings
from service.storage.database import Database

_PROGRESS = Console(stderr=True)
_OUT = Console(highlight=False, markup=False, soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A new folder; it will hold everything on everyone.")],
) -> None:
    """Copy store, champion and settings while all goes on running."""
    from service.operation.backup import back_up  # noqa: PLC0415

    with opened_store() as database, _PROGRESS.status("Copying") as status:
        made = back_up(database, Settings.read().state, out, utc_now(), lambda name: status.update(f"Copied {name}"))
    _OUT.print(f"{sum(made.rows.values()):,} rows of {len(made.rows)} tables, at schema {made.revision}: {out}")


def restore(
    copy: Annotated[Path, typer.Argument(metavar="COPY", help="A folder `omhu backup` made.")],
    *,
    check: Annotated[bool, typer.Option("--check", help="Only see whether every file is as it was written.")] = False,
) -> None:
    """Put a copy back into an installation that is empty. An older schema is brought up to this version's."""
    from service.operation.backup import restore as put_back  # noqa: PLC0415
    from service.operation.backup import verify  # noqa: PLC0415

    if check:
        found = verify(copy)
        _OUT.print(f"Whole: {sum(found.rows.values()):,} rows of {found.taken_at:%Y-%m-%d %H:%M} UTC.")
        return
    state = Settings.read().state
    with Database.open(state.database_url) as database, _PROGRESS.status("Putting back") as status:
        made = put_back(database, state, copy, lambda name: status.update(f"Put back {name}"))
    _OUT.print(f"{sum(made.rows.values()):,} rows put back. Run `omhu snapshot` to make the snapshot again.")
