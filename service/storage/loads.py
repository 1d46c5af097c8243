"""The record of loads: what was sent when, what became of it, and the rows that were set aside."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update

from models.errors import NotFound
from service.storage import counters
from service.storage.database import ReadSession, WriteSession
from service.storage.tables import LOADS, SET_ASIDE

Mode = Literal["live", "history"]
Status = Literal["running", "loaded", "partly", "refused", "failed", "stopped", "interrupted"]
"""`failed`: an error ended it; `stopped`: it was asked to end; `interrupted`: its process died. In each of these the
files before stand, the one at hand left nothing, and loading again goes on from there."""


@dataclass(frozen=True, slots=True)
class LoadRecord:
    """One load; times are instants in microseconds UTC; `report` is the report as JSON once it has ended."""

    load_id: int
    name: str
    mode: Mode
    status: Status
    received_at: int
    finished_at: int | None
    report: str | None


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row that was not taken: where it stood, why, and the row itself as JSON. It holds a citizen's data."""

    file: str
    line: int
    column: str
    reason: str
    row: str


def begin(session: WriteSession, name: str, mode: Mode, received_at: int) -> int:
    """Note that a load began; returns its number."""
    load_id = counters.take(session, "load") + 1
    counters.give(session, "load", load_id)
    session.execute(
        insert(LOADS).values(load_id=load_id, name=name, mode=mode, status="running", received_at=received_at)
    )
    return load_id


def finish(session: WriteSession, load_id: int, status: Status, finished_at: int, report: str | None) -> None:
    """Note how a load ended."""
    query = update(LOADS).where(LOADS.c.load_id == load_id)
    session.execute(query.values(status=status, finished_at=finished_at, report=report))


def refuse(session: WriteSession, load_id: int, at: int) -> None:
    """Note that a load under way came to nothing before any file of it was read."""
    begun = update(LOADS).where(LOADS.c.load_id == load_id, LOADS.c.status == "running")
    session.execute(begun.values(status="refused", finished_at=at))


def running(session: ReadSession) -> tuple[int, ...]:
    """The loads that have not ended, as far as anybody noted."""
    return tuple(session.scalars(select(LOADS.c.load_id).where(LOADS.c.status == "running")))


def interrupt(session: WriteSession, load_ids: Sequence[int], at: int) -> None:
    """Note of loads under way that their process is gone, and when this was found."""
    dead = update(LOADS).where(LOADS.c.load_id.in_(load_ids), LOADS.c.status == "running")
    session.execute(dead.values(status="interrupted", finished_at=at))


def get(session: ReadSession, load_id: int) -> LoadRecord:
    """One load. Raises `NotFound`."""
    row = session.execute(select(LOADS).where(LOADS.c.load_id == load_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no load number {load_id}.")
    return _record(row)


def latest(session: ReadSession, limit: int = 50) -> tuple[LoadRecord, ...]:
    """The latest loads, newest first."""
    rows = session.execute(select(LOADS).order_by(LOADS.c.load_id.desc()).limit(limit))
    return tuple(_record(row) for row in rows)


def set_aside(session: WriteSession, load_id: int, rows: Sequence[SetAside]) -> None:
    """Keep rows that were not taken."""
    if rows:
        values = [{"file": r.file, "line": r.line, "column": r.column, "reason": r.reason, "row": r.row} for r in rows]
        session.execute(insert(SET_ASIDE).values(load_id=load_id), values)


def rejects(
    session: ReadSession, load_id: int, offset: int = 0, limit: int | None = None, *, of: str = ""
) -> Iterator[SetAside]:
    """The rows a load set aside, in the order they stood: all, or so many after the first so many.

    Of an upload's files only, where one is named, with the names they were sent under.
    """
    folder = _folder(session, load_id, of)
    query = select(SET_ASIDE).where(*_set_aside(load_id, folder)).order_by(SET_ASIDE.c.file, SET_ASIDE.c.line)
    for row in session.execute(query.offset(offset).limit(limit)):
        yield SetAside(row.file.removeprefix(folder), row.line, row.column, row.reason, row.row)


def count_rejects(session: ReadSession, load_id: int, *, of: str = "") -> int:
    """How many rows a load set aside; of an upload's files only, where one is named."""
    folder = _folder(session, load_id, of)
    query = select(func.count()).select_from(SET_ASIDE).where(*_set_aside(load_id, folder))
    return session.execute(query).scalar_one()


def _folder(session: ReadSession, load_id: int, of: str) -> str:
    """What stands before the names of an upload's files in a load of several; nothing where the load is its own."""
    return f"{of}/" if of and get(session, load_id).name != of else ""


def _set_aside(load_id: int, folder: str) -> tuple[ColumnElement[bool], ...]:
    own = SET_ASIDE.c.load_id == load_id
    return (own, SET_ASIDE.c.file.startswith(folder, autoescape=True)) if folder else (own,)


def forget_citizen(session: WriteSession, citizen_id: str) -> None:
    """Remove the rows set aside that are the citizen's, and what is no row at all and mentions the citizen."""
    mentioned = SET_ASIDE.c.row.contains(json.dumps(citizen_id, ensure_ascii=False)[1:-1], autoescape=True)
    for row in session.execute(select(SET_ASIDE).where(mentioned)).all():
        if _is_of(citizen_id, row.row):
            one = (SET_ASIDE.c.load_id == row.load_id, SET_ASIDE.c.file == row.file, SET_ASIDE.c.line == row.line)
            session.execute(delete(SET_ASIDE).where(*one))


def _is_of(citizen_id: str, mentioning: str) -> bool:
    """Whether what mentions an id is that citizen's row, or a broken record that may be."""
    try:
        row: object = json.loads(mentioning)
    except ValueError:
        return True
    if not isinstance(row, dict) or row.keys() == {"line", "record"}:  # a line of FHIR that holds no resource
        return True
    # Kept as delivered: a municipality may have another word for the column, and then any value may be the id.
    own = row.get("citizen_id")
    return own == citizen_id if own else citizen_id in row.values()


def _record(row: Row[Any]) -> LoadRecord:
    return LoadRecord(row.load_id, row.name, row.mode, row.status, row.received_at, row.finished_at, row.report)
