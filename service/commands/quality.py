"""`omhu quality`: how the data of the week before a date was."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from service.clock import danish_date, utc_now
from service.commands.forms import Form
from service.commands.store import opened_store
from service.settings import Settings

if TYPE_CHECKING:
    from service.quality.weeks import Quality


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("quality", help="Tell how much data came in a week, how late, what stopped.")(show)


def show(
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="As known before this date; today when not given."),
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How to write it.")] = Form.TABLE,
) -> None:
    """Tell the quality of the data; counts and shares only."""
    from models.snapshot import Snapshot  # noqa: PLC0415
    from service.quality import weeks  # noqa: PLC0415

    day = as_of.date() if as_of else danish_date(utc_now())
    with opened_store() as database:
        found = weeks.quality(database, Snapshot.open(Settings.read().state.snapshot), day)
    if form is Form.JSON:
        typer.echo(json.dumps(weeks.as_json(found), ensure_ascii=False, indent=1))
    else:
        _print(found, Console(markup=False, emoji=False, highlight=False))


def _print(found: "Quality", console: Console) -> None:
    volumes = Table("table", "district", "rows", "usual", "late", "ahead", title=f"Week before {found.as_of}")
    for one in found.volumes:
        usual = "" if one.usual is None else f"{one.usual:,.0f}"
        volumes.add_row(one.table, one.district, f"{one.rows:,}", usual, _told(one.late_share), _told(one.ahead_share))
    console.print(volumes)
    twice = ", ".join(f"{table} {share:.1%}" for table, share in found.repeated_share.items())
    console.print(f"Said twice under two ids: {twice or 'nothing came'}")
    silence = Table("district", "in care", "silent for 14 days")
    for one in found.silence:
        silence.add_row(one.district, str(one.in_care), str(one.silent))
    console.print(silence)
    feeds = Table("feed", "district", "last seen", "silent days", "allowed", "")
    for one in found.feeds:
        days = (str(one.last_seen), str(one.silent_days), str(one.allowed_days))
        feeds.add_row(one.table, one.district, *days, "STALE" if one.is_stale else "")
    console.print(feeds)
    if found.loads:
        loads = Table("load", "table", "read", "late", "there already", "clock skew", "set aside")
        for one in found.loads:
            shares = (one.late_share, one.repeated_share, one.skewed_share, one.set_aside_share)
            loads.add_row(str(one.load), one.table, f"{one.read:,}", *(_told(share) for share in shares))
        console.print(loads)


def _told(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"
