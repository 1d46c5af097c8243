"""`omhu mapping`: a municipality's own codes, units and columns: propose a file of them, check it, use it.

What they need is imported when they run, so that `omhu --help` stays quick.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from models.errors import RequestWrong

if TYPE_CHECKING:
    from service.intake.mapping.meanings import LocalMapping
    from service.intake.mapping.survey import Survey

_OUT = Console(highlight=False, markup=False, soft_wrap=True)

_Drop = Annotated[Path, typer.Argument(metavar="DROP", help="A drop's folder, one of its files, FHIR, or a zip.")]
_File = Annotated[Path, typer.Argument(metavar="FILE", help="A mapping file (TOML).")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(no_args_is_help=True, help="What a municipality's own codes, units and columns mean.")
    group.command("suggest", help="Propose a mapping file from what stands in a drop.")(suggest)
    group.command("check", help="Check a mapping file; exit code 2 when it cannot be used.")(check)
    group.command("use", help="Use a mapping file for every load from now on.")(use)
    app.add_typer(group, name="mapping")


def suggest(
    drop: _Drop,
    *,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it there; never over a file.")] = None,
) -> None:
    """Propose a mapping file: what is sure as entries, the rest as comments for a person to complete."""
    from service.intake.loading import opened_drop  # noqa: PLC0415
    from service.intake.mapping.suggest import suggest as proposal  # noqa: PLC0415

    if out is not None and out.exists():
        raise RequestWrong(f"{out.name} is there already.", "Name another file: what a person wrote is not replaced.")
    with opened_drop(drop) as opened:
        text = proposal(opened, _now())
    if out is None:
        typer.echo(text, nl=False)
        return
    out.write_text(text, encoding="utf-8")
    _OUT.print(f"Written: {out.name}. Complete it, then `omhu mapping check {out.name} --drop {drop.name}`.")


def check(
    file: _File,
    *,
    drop: Annotated[Path | None, typer.Option(metavar="DROP", help="Also tell what of it stays unknown.")] = None,
) -> None:
    """Tell every fault of a file with its line, and of a drop what the mapping does not reach."""
    from service.intake.loading import opened_drop  # noqa: PLC0415
    from service.intake.mapping.file import read_mapping  # noqa: PLC0415
    from service.intake.mapping.survey import survey  # noqa: PLC0415

    found = read_mapping(file)
    for fault in found.faults:
        _OUT.print(f"{file.name}: {fault}")
    if found.mapping is None:
        raise typer.Exit(2)
    _OUT.print(f"{file.name}: {_amount(found.mapping)}, no fault.")
    if drop is not None:
        with opened_drop(drop) as opened:
            left = survey(opened, found.mapping, _now())
        for line in _left(left):
            _OUT.print(line)
        if any(left.missing.values()) or left.unreadable:
            raise typer.Exit(2)


def use(file: _File) -> None:
    """Use a file for every load from now on; one with a fault is refused, and the one before stays in use."""
    from service.intake.mapping.file import use_mapping  # noqa: PLC0415
    from service.settings import Settings  # noqa: PLC0415

    mapping, content = use_mapping(file), file.read_bytes()
    place = Settings.read().state.mapping
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_name(f".{place.name}.new")
    beside.write_bytes(content)
    beside.replace(place)  # a load that begins meanwhile sees the old one or the new one, whole
    _OUT.print(f"In use from the next load on: {file.name}, {_amount(mapping)} ({mapping.digest}).")


def _amount(mapping: "LocalMapping") -> str:
    values = sum(len(said) for said in mapping.values.values())
    columns = sum(len(said) for said in mapping.columns.values())
    return f"{values} codes, {len(mapping.units)} units, {columns} columns"


def _left(left: "Survey") -> list[str]:
    """What a drop holds that the mapping does not reach, one line each."""
    lines = [f"not read: {message}" for message in left.unreadable]
    lines += [f"{table}: lacks {', '.join(names)}" for table, names in left.missing.items() if names]
    lines += [f"{table}: column left out: {name}" for table, names in left.columns.items() for name in names]
    for (table, column), words in left.words.items():
        lines += [f"{table}.{column}: not known: {word} ({times:,} rows)" for word, times in words.most_common()]
    lines += [f"{code}: unit not known: {unit} ({times:,} rows)" for (code, unit), times in left.units.most_common()]
    return lines or ["Everything in the drop is known."]


def _now() -> int:
    return int(datetime.now(UTC).timestamp() * 1_000_000)
