"""Messages that wait, loaded together: as one load in one transaction, for each alone has twenty words with the store.

Each is read, refused and told of as if it had been alone, and whom one is about is never looked for in another. Killed
anywhere, all of them still wait.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from models.errors import FileRefused, NotFound
from service.clock import Clock
from service.intake import archive
from service.intake.drop import find_drop
from service.intake.fhir.bundle import Citizens
from service.intake.fhir.discovery import FhirFile
from service.intake.fhir.files import ReadFiles, is_lines, read
from service.intake.fhir.loading import FhirLoad
from service.intake.fhir.spool import rules_of
from service.intake.filing import FileLoad
from service.intake.loading import now_us, report_of
from service.intake.mapping.meanings import LocalMapping
from service.intake.orders import Group
from service.intake.reading import RawBatch
from service.intake.readings import read_new_notes
from service.intake.report import Refusal, TableReport
from service.intake.schema import TABLES
from service.intake.versions import Load
from service.storage import counters, loads, uploads
from service.storage.database import Database, WriteSession
from service.storage.times import stored
from service.storage.uploads import Over

_MOST_BYTES: Final = 128 << 10
"""A message larger than this is loaded alone. MedCom's notifications have some ten thousand."""
_MOST_BYTES_TOGETHER: Final = 4 << 20
_MOST_ROWS_TOGETHER: Final = 5_000
"""Where a group ends: the store is written to by nobody else meanwhile, and all of it is in memory."""


@dataclass(frozen=True, slots=True)
class Message:
    """An upload that is one file of FHIR, read: its number, the rows found, and what became of the file."""

    number: str
    size: int
    read: ReadFiles
    fhir: FhirLoad = field(default_factory=FhirLoad)

    @property
    def may_be_shared(self) -> bool:
        """Whether it says the same among others: of rows of citizens that stand in one load only the last counts."""
        return "citizens" not in self.read.rows.tables


def load_together(database: Database, group: Group, mapping: LocalMapping) -> int | None:
    """Load the first of some uploads that wait, as far as they are messages, and remove their files.

    How many are over: none when all were loaded or cancelled meanwhile, None when the first is no message.
    """
    messages = {one.number: one for one in _few(_messages(group))}
    if not messages:
        return None
    with database.write() as session:
        counters.take(session, "sequence")  # before the uploads, which their senders could not cancel meanwhile
        claimed = [messages[number] for number in uploads.claim(session, list(messages))]
        if claimed:
            _load(session, claimed, group.clock, mapping)
    for one in claimed:
        archive.discard(group.folder / one.number)
    if any("notes" in one.fhir.tables for one in claimed):
        read_new_notes(database)
    return len(claimed)


def _messages(group: Group) -> Iterator[Message]:
    """The first uploads, as far as they are messages that may be shared, and until it is time to stop.

    One whose folder is gone meanwhile was loaded by another process, or cancelled.
    """
    for number in group.numbers:
        try:
            file = _only_file(group.folder / number)
            size = file.path.stat().st_size if file else 0
        except (FileNotFoundError, NotFound):
            continue
        if file is None or size > _MOST_BYTES:
            return
        message = _read(Message(number, size, ReadFiles()), file)
        if not message.may_be_shared:
            return
        yield message
        if group.stopped():
            return


def _few(messages: Iterable[Message]) -> Iterator[Message]:
    """The first of them, until there is enough to load at once."""
    size = rows = 0
    for one in messages:
        yield one
        size, rows = size + one.size, rows + one.read.rows.rows
        if size >= _MOST_BYTES_TOGETHER or rows >= _MOST_ROWS_TOGETHER:
            return


def _only_file(folder: Path) -> FhirFile | None:
    """The one file of FHIR that an upload is; None when it is anything else."""
    if not folder.is_dir():
        return None
    drop = find_drop(folder)
    if drop.files or drop.unknown or len(drop.fhir) != 1 or is_lines(drop.fhir[0]):
        return None
    return drop.fhir[0]


def _read(message: Message, file: FhirFile) -> Message:
    try:
        if not read(file, Citizens(), message.read):
            message.fhir.foreign.append(file.name)
    except FileRefused as error:
        message.fhir.refused.append(Refusal.of(error))
    return message


def _load(session: WriteSession, messages: Sequence[Message], clock: Clock, mapping: LocalMapping) -> None:
    name, at = messages[0].number if len(messages) == 1 else f"{len(messages)} messages", stored(clock())
    load = Load(loads.begin(session, name, "live", at), "live", at, mapping)
    unread = [
        replace(record, file=folder + record.file) for folder, one in _named(messages) for record in one.read.unread
    ]
    loads.set_aside(session, load.load_id, unread)
    filed = _filed(session, load, messages)
    whole = FhirLoad()
    for (folder, one), reports in zip(_named(messages), filed, strict=True):
        one.fhir.add(one.read, reports)
        whole.add(one.read, reports)
        whole.refused += [refusal.model_copy(update={"file": folder + refusal.file}) for refusal in one.fhir.refused]
        whole.foreign += [folder + file for file in one.fhir.foreign]
    report = report_of(load, name, whole)
    loads.finish(session, load.load_id, report.outcome, now_us(), report.model_dump_json())
    uploads.finish_together(session, load.load_id, clock(), [_over(load, one) for one in messages])


def _filed(session: WriteSession, load: Load, messages: Sequence[Message]) -> list[list[tuple[str, TableReport]]]:
    """File the rows of all, and give the reports of each by table."""
    reports: list[list[tuple[str, TableReport]]] = [[] for _ in messages]
    for table in TABLES:
        rows = _joined(messages, table)
        if rows is None:
            continue
        filing = FileLoad.shared(session, rules_of(table), load, told=len(messages))
        filing.take(rows)
        for own, report in zip(reports, filing.finish(), strict=True):
            if report.read:
                own.append((table, report))
    return reports


def _joined(messages: Sequence[Message], table: str) -> RawBatch | None:
    """The rows of a table in all messages as one batch that says whose each is; None when there are none."""
    found = [
        (part, replace(raw, files=tuple(folder + file for file in raw.files)))
        for part, (folder, one) in enumerate(_named(messages))
        if table in one.read.rows.tables
        for raw in one.read.rows.batches(table)
    ]
    if not found:
        return None
    return RawBatch(
        rows=pa.concat_batches([raw.rows for _, raw in found]),
        lines=np.concatenate([raw.lines for _, raw in found]),
        files=tuple(file for _, raw in found for file in raw.files),
        parts=np.repeat(np.array([part for part, _ in found]), [raw.rows.num_rows for _, raw in found]),
    )


def _named(messages: Sequence[Message]) -> list[tuple[str, Message]]:
    """The messages, each with what stands before its file's name: its number where there are several."""
    return [(f"{one.number}/" if len(messages) > 1 else "", one) for one in messages]


def _over(load: Load, message: Message) -> Over:
    report = report_of(load, message.number, message.fhir)
    return Over(message.number, report.outcome, report.model_dump_json())
