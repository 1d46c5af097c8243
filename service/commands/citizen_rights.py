"""`omhu citizen object`, `withdraw` and `report`: what a citizen may demand of whoever computes about them."""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from models.errors import RequestWrong
from service.clock import utc_now
from service.commands.looks import at_the_terminal, log_look
from service.commands.store import opened_store
from service.settings import Settings

_OUT = Console(highlight=False, markup=False, soft_wrap=True)

CitizenId = Annotated[str, typer.Argument(metavar="ID", help="As it stands in the drop.")]


def add_to(group: typer.Typer) -> None:
    """Add the commands to the group `citizen`."""
    group.command("object", help="Register an objection: neither ranked nor learnt from.")(object_)
    group.command("withdraw", help="Withdraw an objection.")(withdraw)
    group.command("report", help="Write everything held on a citizen, and who looked.")(report)


def object_(
    citizen_id: CitizenId,
    begins: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The day it holds from.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="What the citizen says, if anything.")] = "",
) -> None:
    """Register that a citizen objects. From now on nobody is shown the citizen's risk, on older lists neither."""
    from service.citizens import objections  # noqa: PLC0415 - brings pyarrow

    snapshot = Settings.read().state.snapshot
    with opened_store() as database:
        objections.register(database, snapshot, citizen_id, begins.date(), reason, at_the_terminal(), utc_now())
    _OUT.print(f"Registered, from {begins.date()}: neither ranked nor learnt from.")


def withdraw(citizen_id: CitizenId) -> None:
    """Withdraw the objection that stands; that it stood stays on record."""
    from service.citizens import objections  # noqa: PLC0415 - brings pyarrow

    with opened_store() as database:
        objections.withdraw(database, Settings.read().state.snapshot, citizen_id, at_the_terminal(), utc_now())
    _OUT.print("Withdrawn: ranked and learnt from again.")


def report(
    citizen_id: CitizenId,
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder to write report.json and report.html to.")],
    language: Annotated[str, typer.Option(help="The page's language: da or en.")] = "da",
) -> None:
    """Write everything held on a citizen as JSON and as a page, for the citizen to be given."""
    from service.citizens.access_report import gather, person_keys  # noqa: PLC0415 - brings pyarrow and the pages
    from service.ui.access_report import page  # noqa: PLC0415
    from service.ui.language import languages  # noqa: PLC0415

    if language not in languages():
        raise RequestWrong(f"There is no language {language!r}.", f"There are: {', '.join(languages())}.")
    with opened_store() as database:
        with database.read() as session:
            keys = person_keys(session, citizen_id)
        log_look(database, "citizen.report", keys)
        with database.read() as session:
            made = gather(session, keys, utc_now())
    _write(out, "report.json", json.dumps(made.as_json(), ensure_ascii=False, indent=1, default=str) + "\n")
    _write(out, "report.html", page(made, language))
    rows = sum(len(rows) for rows in made.tables.values())
    _OUT.print(f"{rows} rows and {len(made.looks)} looks, in {out / 'report.json'} and {out / 'report.html'}.")


def _write(folder: Path, name: str, text: str) -> None:
    """Write a file that only its owner may read."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise RequestWrong(f"{folder / name} cannot be written: {error.strerror}.", "Choose another --out.") from None
