"""`omhu drift`: has what is written down moved away from what the champion learnt from?"""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.forms import Form

if TYPE_CHECKING:
    from rich.console import Console

    from service.quality.drift import Drift


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("drift")(drift)


def drift(
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], metavar="DATE", help="The date to compare; without it the last Monday known of."
        ),
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How it is written.")] = Form.TABLE,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it to a file.")] = None,
) -> None:
    """Tell how far data and scores are from what was learnt from. Raises and clears alarms."""
    from models.snapshot import Snapshot  # noqa: PLC0415
    from service.quality import drift as drifting  # noqa: PLC0415
    from service.registry import load_champion  # noqa: PLC0415
    from service.settings import Settings  # noqa: PLC0415

    state = Settings.read().state
    snapshot = Snapshot.open(state.snapshot)
    day = as_of.date() if as_of else drifting.default_date(snapshot)
    found = drifting.with_alarms(drifting.measure(snapshot, load_champion(state), day), state.drift)
    if form is Form.JSON or out:
        _write(found.text(), out)
    else:
        _show(found)


def _write(text: str, out: Path | None) -> None:
    if out:
        out.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


def _show(found: "Drift") -> None:
    from rich.console import Console  # noqa: PLC0415

    console = Console(highlight=False, markup=False)
    console.print(
        f"{found.as_of}, {found.citizens:,} citizens, against {found.reference[0]} to {found.reference[-1]}"
        f" (model version {found.model_version}). By chance PSI reaches {found.by_chance:.2f}."
    )
    _tables(console, found)
    console.print(f"Alarms: {', '.join(found.alarms) or 'none'}")


def _tables(console: "Console", found: "Drift") -> None:
    from rich.table import Table  # noqa: PLC0415

    groups = Table("feature group", "moved", "worst feature", "PSI", "KS", title="Features", title_justify="left")
    for group in sorted(found.groups, key=lambda each: -each.psi)[:12]:
        groups.add_row(group.group, f"{group.moved:.0%}", group.worst, f"{group.psi:.2f}", f"{group.ks:.2f}")
    codes = Table("code", "before", "now", "times as often", title="What is written", title_justify="left")
    for code in found.codes[:12]:
        codes.add_row(code.name, str(code.before), str(code.now), f"{code.ratio:.2f}")
    districts = Table("district", "a citizen and week", "late before", "late now", title="Districts")
    for each in found.districts:
        volume = f"{each.before:.1f} -> {each.now:.1f}"
        districts.add_row(each.district, volume, f"{each.late_before:.0%}", f"{each.late_now:.0%}")
    for table in (groups, codes, districts):
        console.print(table)
    console.print(
        f"Scores: PSI {found.scores.psi:.2f}, mean probability {found.scores.before:.1%} -> {found.scores.now:.1%}"
    )
