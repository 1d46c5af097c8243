"""A stored list as a table, CSV or JSON, for the command line: citizens named by the drop's own id.

CSV is read by people in spreadsheets too: a text that a spreadsheet would take for a formula is written as text.
"""

import csv
import io
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from models.engines import Engine
from models.engines.choice import matrix_by
from models.errors import RequestWrong
from models.snapshot import Snapshot
from service.clock import danish_date
from service.legal import NoLegalBasis, Purpose, list_purpose
from service.quality.feeds import Word
from service.registry import load_champion
from service.settings import Settings
from service.storage import identities
from service.storage import legal as stored_legal
from service.storage import lists as stored_lists
from service.storage import quality as stored_quality
from service.storage.database import Database
from service.storage.quality import Acceptance
from service.weekly import making
from service.weekly.lists import Entry, ListHead, Status

COLUMNS = (
    *("rank", "citizen_id", "probability", "band", "district", "team", "district_rank", "change"),
    *("reason_1", "reason_2", "reason_3"),
)

HINDSIGHT = "Its model had learnt from what came after this date, so no outcome of this list is told."


@dataclass(frozen=True, slots=True)
class Listed:
    """A stored list with the ids its citizens have in the drop; `by_district` when ranks are told within one.

    `objecting` counts those in care who object; nobody is told who they are.
    """

    head: ListHead
    is_new: bool
    entries: tuple[Entry, ...]
    ids: Mapping[int, str]
    by_district: bool = False
    objecting: int = 0
    acceptance: Acceptance | None = None
    """Of a list that was made although a feed was stale."""


def fetch(
    settings: Settings,
    as_of: date,
    now: datetime,
    progress: Callable[[str], None],
    engine: Engine = Engine.LOCAL,
    accept_stale: Word | None = None,
) -> Listed:
    """The list of the date by the champion, made now if it was not made before. Raises what is missing.

    Raises `NoLegalBasis` unless operating is switched on; where only silent lists are, one is made and stored first.
    """
    with Database.open(settings.state.database_url) as database:
        database.require_migrated()
        _require_any_basis(database, now)
        loaded = load_champion(settings.state)
        snapshot = Snapshot.open(settings.state.snapshot)
        made = making.find_or_make(database, snapshot, loaded, as_of, now, progress, matrix_by(engine), accept_stale)
        if made.head.silent:
            raise NoLegalBasis.of(Purpose.OPERATE, f"The silent list of {as_of} is stored, and shown to nobody.")
        with database.read() as session:
            entries = stored_lists.every_entry(session, made.head.number)
            ids = identities.citizen_ids(session, [entry.citizen for entry in entries])
            objecting = stored_lists.objecting(session, made.head.number)
            acceptance = stored_quality.accepted(session, made.head.number)
    return Listed(made.head, made.is_new, entries, ids, objecting=objecting, acceptance=acceptance)


def _require_any_basis(database: Database, now: datetime) -> None:
    """Said before a model is looked for: where no list may be made, nothing else that is missing matters."""
    with database.read() as session:
        list_purpose(stored_legal.entries(session), danish_date(now))


def choose(listed: Listed, *, district: str | None, top: int | None, every: bool) -> tuple[Entry, ...]:
    """The ranked entries asked for, by rank: the shown, the first `top`, or all. Raises for an unknown district."""
    ranked = [entry for entry in listed.entries if entry.rank is not None]
    if district is not None:
        known = sorted({entry.district for entry in listed.entries if entry.district})
        if district not in known:
            raise RequestWrong(f"There is no district {district!r} on this list.", f"There are: {', '.join(known)}.")
        ranked = [entry for entry in ranked if entry.district == district]
    if top is not None:
        return tuple(ranked[:top])
    return tuple(entry for entry in ranked if every or entry.shown)


def write(chosen: Sequence[Entry], listed: Listed, form: str, out: Path | None) -> None:
    """Write the entries as `table`, `csv` or `json`, to the file or to standard output.

    `rank` counts within what was asked for: the district where one was named, else the municipality.
    """
    text = {"csv": _csv, "json": _json, "table": _table}[form](chosen, listed)
    if out is None:
        sys.stdout.write(text)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RequestWrong(f"{out} cannot be written: {error.strerror}.", "Choose another file with --out.") from None


def summary(listed: Listed, chosen: Sequence[Entry]) -> str:
    """One line on what the list holds, and who is in care without being ranked."""
    unranked = Counter(entry.status for entry in listed.entries if entry.status is not Status.RANKED)
    unranked |= Counter({Status.OBJECTED: listed.objecting} if listed.objecting else {})
    apart = ", ".join(f"{count} {status.value.replace('_', ' ')}" for status, count in sorted(unranked.items()))
    made = "made now" if listed.is_new else "fetched"
    return (
        f"List of {listed.head.as_of} by model version {listed.head.model_version} ({made}): {len(chosen)} of "
        f"{len(listed.entries) + listed.objecting} citizens in care written, {apart or 'none'} not ranked."
        + (f" Made of stale data, accepted: {listed.acceptance.reason}" if listed.acceptance else "")
        + (f"\n{HINDSIGHT}" if listed.head.hindsight else "")
    )


def _row(entry: Entry, listed: Listed) -> dict[str, object]:
    told = [reason.da for reason in entry.reasons[:3]] + ["", "", ""]
    return {
        "rank": entry.rank if listed.by_district else entry.overall_rank,
        "citizen_id": listed.ids[entry.citizen],
        "probability": entry.probability,
        "band": entry.band.value if entry.band else "",
        "district": entry.district,
        "team": entry.team,
        "district_rank": entry.rank,
        "change": entry.change.value if entry.change else "",
        "reason_1": told[0],
        "reason_2": told[1],
        "reason_3": told[2],
    }


def _csv(chosen: Sequence[Entry], listed: Listed) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for entry in chosen:
        writer.writerow({column: as_text(value) for column, value in _row(entry, listed).items()})
    return text.getvalue()


def as_text(value: object) -> object:
    """The value, made harmless for a spreadsheet: text that begins like a formula is led by an apostrophe.

    A carriage return, which the writer would leave bare and a spreadsheet take for a new row, becomes a space.
    """
    if not isinstance(value, str):
        return value
    plain = value.replace("\r", " ")
    return f"'{plain}" if value[:1] in tuple("=+-@\t\r\n") else plain


def _json(chosen: Sequence[Entry], listed: Listed) -> str:
    entries = [
        {
            **_row(entry, listed),
            "reasons": [asdict(reason) for reason in entry.reasons],
            "against": [asdict(reason) for reason in entry.against],
        }
        for entry in chosen
    ]
    head = listed.head
    unranked = [entry for entry in listed.entries if entry.status is not Status.RANKED]
    whole = {
        "as_of": head.as_of,
        "made_at": head.made_at,
        "model_version": head.model_version,
        "snapshot": head.snapshot_hash,
        "data_until": head.data_until,
        "stale_accepted": asdict(listed.acceptance) if listed.acceptance else None,
        "entries": entries,
        "not_ranked": [{"citizen_id": listed.ids[e.citizen], "status": e.status.value} for e in unranked],
        "objected": listed.objecting,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1, default=_isoformat) + "\n"


def _isoformat(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _table(chosen: Sequence[Entry], listed: Listed) -> str:
    table = Table(title=f"As of {listed.head.as_of}", title_justify="left")
    for heading in ("#", "citizen", "risk", "band", "district", "why"):
        table.add_column(heading, justify="right" if heading in {"#", "risk"} else "left", overflow="fold")
    for entry in chosen:
        row = _row(entry, listed)
        why = "\n".join(str(row[f"reason_{number}"]) for number in (1, 2, 3) if row[f"reason_{number}"])
        table.add_row(*(str(row[c]) for c in ("rank", "citizen_id")), f"{entry.probability:.0%}", *_places(row), why)
    text = io.StringIO()
    # Ids, districts and reasons are data: a square bracket in them is no markup.
    Console(file=text, width=120, markup=False, emoji=False).print(table)
    return text.getvalue()


def _places(row: Mapping[str, object]) -> tuple[str, str]:
    return str(row["band"]), str(row["district"])
