"""The commands that bring data in and out: init, load, snapshot, erase.

What they need is imported when they run, so that `omhu --help` stays quick.
"""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from models.errors import RequestWrong
from service.commands.store import opened_store

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from service.intake.loading import Progress as LoadProgress


def init() -> None:
    """Create the store, or bring it to this version's schema."""
    from service.settings import Settings  # noqa: PLC0415
    from service.storage.database import Database  # noqa: PLC0415

    with Database.open(Settings.read().state.database_url) as database:
        database.migrate()
    Console().print("The store is ready.")


def load(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A drop's folder, one of its files, FHIR, or a zip.")],
    *,
    history: Annotated[
        bool,
        typer.Option("--history", help="Take it as known from when it was written down, not from when it came."),
    ] = False,
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the report as JSON.")] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Own codes, units and columns; else those in use."),
    ] = None,
) -> None:
    """Load a drop; loading it twice changes nothing. Exit code 2 when a file was refused."""
    from service.commands.report_table import show  # noqa: PLC0415
    from service.intake.loading import load_path  # noqa: PLC0415
    from service.intake.mapping.file import mapping_in_use, use_mapping  # noqa: PLC0415
    from service.settings import Settings  # noqa: PLC0415

    local = use_mapping(mapping) if mapping else mapping_in_use(Settings.read().state.mapping)

    now = int(datetime.now(UTC).timestamp() * 1_000_000)
    with opened_store(create=True) as database, _bar() as bar:
        done = load_path(database, path, "history" if history else "live", now, _load_progress(bar), mapping=local)
    show(done, Console())
    if report:
        report.write_text(done.model_dump_json(indent=2) + "\n", encoding="utf-8")
    raise typer.Exit(done.exit_code)


def snapshot(
    *, rebuild: Annotated[bool, typer.Option("--rebuild", help="Make it from nothing, not from what is new.")] = False
) -> None:
    """Bring the Parquet snapshot up to date with the store."""
    from service.settings import Settings  # noqa: PLC0415
    from service.snapshots import bring_up_to_date  # noqa: PLC0415

    with opened_store() as database, _bar() as bar:
        task = bar.add_task("snapshot", total=None)
        made = bring_up_to_date(
            database,
            Settings.read().state.snapshot,
            rebuild=rebuild,
            progress=lambda part: bar.update(task, description=f"snapshot: {part}"),
        )
    events = sum(file.rows for file in made.manifest.files)
    Console().print(f"{events:,} events in {len(made.manifest.files)} files, {made.hash[:12]}", highlight=False)


def erase(
    citizen_id: Annotated[str, typer.Argument(metavar="CITIZEN_ID", help="As it stands in the drop.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Needed: it cannot be undone.")] = False,
) -> None:
    """Erase a citizen from store and snapshot. What copies and PostgreSQL's files hold for longer: docs/it/run.md."""
    if not yes:
        raise RequestWrong("Erasing cannot be undone.", "Say --yes to do it.")
    from service.citizens.erasing import erase as erase_citizen  # noqa: PLC0415
    from service.commands.looks import log_look  # noqa: PLC0415
    from service.settings import Settings  # noqa: PLC0415
    from service.storage import identities  # noqa: PLC0415

    with opened_store() as database:
        with database.read() as session:
            citizen = identities.key_of(session, citizen_id)
        log_look(database, "citizen.erase", (citizen,), result="done")
        erase_citizen(database, Settings.read().state.snapshot, citizen_id)
    Console().print("Erased.")


@contextmanager
def _bar() -> "Generator[Progress]":
    """Progress on standard error, so that what a command prints can be piped."""
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield bar


def _load_progress(bar: "Progress") -> "LoadProgress":
    tasks: dict[str, TaskID] = {}

    def tell(file: str, done: int, of: int | None) -> None:
        if file not in tasks:
            tasks[file] = bar.add_task(file, total=of)
        bar.update(tasks[file], completed=done, total=of, description=f"{file}: {done:,} rows")

    return tell
