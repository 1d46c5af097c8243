"""A load's report for the eye: one row a table, then what needs a look."""

from rich.console import Console
from rich.table import Column, Table

from service.intake.report import LoadReport, TableReport

_COUNTS = ("read", "new", "corrected", "unchanged", "retracted", "set aside", "late")
_ALWAYS = ("read", "new")
_SHOWN = 10
"""Unknown codes named for a table; the JSON report has all."""


def show(report: LoadReport, console: Console) -> None:
    """Print the report."""
    console.print(_table(report))
    for name, told in report.tables.items():
        for line in _notes(told):
            console.print(f"{name}: {line}", highlight=False, markup=False, soft_wrap=True)
    for file in report.unknown_files:
        console.print(f"{file}: not a table of a drop, left out.", highlight=False, markup=False, soft_wrap=True)
    for refusal in report.refused:
        console.print(f"Refused {refusal.message} {refusal.remedy}", style="red", markup=False, soft_wrap=True)
    for line in _resources(report):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    if not report.tables and not report.refused and not report.resources:
        console.print("Nothing to load was found.", style="red")


def _table(report: LoadReport) -> Table:
    """The counts, without the columns that are nought for every table: what is left fits a narrow terminal."""
    rows = {name: _numbers(told) for name, told in report.tables.items()}
    shown = [at for at, name in enumerate(_COUNTS) if name in _ALWAYS or any(row[at] for row in rows.values())]
    table = Table(Column("table", no_wrap=True), *(Column(_COUNTS[at], justify="right", no_wrap=True) for at in shown))
    for name, row in rows.items():
        table.add_row(name, *(f"{row[at]:,}" for at in shown))
    return table


def _numbers(told: TableReport) -> tuple[int, ...]:
    aside = sum(told.set_aside.values())
    return told.read, told.new, told.corrected, told.unchanged, told.retracted, aside, told.late


def _notes(told: TableReport) -> list[str]:
    notes = [f"{count:,} set aside: {reason}" for reason, count in told.set_aside.items()]
    if told.unknown_codes:
        codes = ", ".join(f"{code} ({count:,})" for code, count in list(told.unknown_codes.items())[:_SHOWN])
        notes.append(f"{len(told.unknown_codes)} codes not known: {codes}")
    if told.conflicts:
        notes.append(f"{told.conflicts:,} say something else than another of the same id and recorded_at")
    if told.ahead:
        notes.append(f"{told.ahead:,} recorded more than a day before what they tell of")
    if told.recorded_in_future:
        notes.append(f"{told.recorded_in_future:,} recorded after they were received")
    if told.citizens_unknown:
        notes.append(f"{told.citizens_unknown:,} citizens not met before")
    if told.columns_left_out:
        notes.append(f"columns left out: {', '.join(told.columns_left_out)}")
    return [*notes, *_mapped(told)]


def _mapped(told: TableReport) -> list[str]:
    """What the municipality's mapping did, and codes of days before they could be used."""
    notes: list[str] = []
    if told.mapped:
        changed = ", ".join(f"{column} ({count:,})" for column, count in told.mapped.items())
        notes.append(f"values changed by the mapping: {changed}")
    if told.columns_mapped:
        columns = ", ".join(f"{local} as {column}" for local, column in told.columns_mapped.items())
        notes.append(f"columns read by the mapping: {columns}")
    if told.codes_too_early:
        codes = ", ".join(f"{code} ({count:,})" for code, count in list(told.codes_too_early.items())[:_SHOWN])
        notes.append(f"codes of days before they could be used: {codes}")
    return notes


def _resources(report: LoadReport) -> list[str]:
    """What FHIR there was: the types read, then those with no meaning here, then what was no resource."""
    read = ", ".join(f"{kind} ({count.read:,})" for kind, count in report.resources.items())
    left = ", ".join(f"{kind} ({count.left_out:,})" for kind, count in report.resources.items() if count.left_out)
    lines = [f"FHIR read: {read}"] if read else []
    lines += [f"FHIR with no meaning here: {left}"] if left else []
    return lines + [f"{count:,} lines set aside: {reason}" for reason, count in report.unread.items()]
