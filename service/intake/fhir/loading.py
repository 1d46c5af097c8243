"""FHIR files into the store, by the same filing as a drop's tables.

A large file is one transaction; small ones share one, several hundred at a time, since a message is a file of its own
and a transaction costs more than reading it. Either way a file is in the store as a whole or not at all.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from models.errors import FileRefused
from service.intake.fhir.discovery import FhirFile
from service.intake.fhir.files import ReadFiles, is_lines, meet_citizens, read
from service.intake.fhir.rows import Resources
from service.intake.fhir.spool import rules_of
from service.intake.filing import FileLoad
from service.intake.report import Refusal, TableReport
from service.intake.versions import Load
from service.storage import loads
from service.storage.database import Database, WriteSession

_MOST_ROWS: Final = 20_000
_MOST_FILES: Final = 500


@dataclass(slots=True)
class FhirLoad:
    """What became of the FHIR files of a load: reports by table, refused and foreign files, resources by type."""

    tables: dict[str, list[TableReport]] = field(default_factory=dict[str, list[TableReport]])
    refused: list[Refusal] = field(default_factory=list[Refusal])
    foreign: list[str] = field(default_factory=list[str])
    unread: Counter[str] = field(default_factory=Counter[str])
    files: int = 0
    resources: Resources = field(default_factory=Resources)
    stopped: bool = False

    def add(self, read: ReadFiles, reports: Iterable[tuple[str, TableReport]]) -> None:
        """Add what some files came to, once they are in the store."""
        for table, report in reports:
            self.tables.setdefault(table, []).append(report)
        self.resources.add(read.resources)
        self.unread.update(record.reason for record in read.unread)
        self.files += len(read.files)


def load_fhir(
    database: Database,
    load: Load,
    files: Sequence[FhirFile],
    told: Callable[[str, int, int | None], None],
    stopped: Callable[[], bool],
) -> FhirLoad:
    """Load FHIR files; `told` hears how many are done, `stopped` is asked between files that are stored together.

    A refused file is in the answer and nowhere else.
    """
    done = FhirLoad()
    for group in _groups(files, done):
        try:
            if stopped():
                done.stopped = True
                return done
            with database.write() as session:
                reports = list(_filed(session, load, group))
        finally:
            group.rows.close()
        done.add(group, reports)
        told("FHIR", done.files, len(files))
    return done


def _groups(files: Sequence[FhirFile], done: FhirLoad) -> Iterator[ReadFiles]:
    """The files read, those together that are stored together."""
    citizens = meet_citizens(files)
    group = ReadFiles()
    for file in files:
        alone = ReadFiles() if is_lines(file) else None
        try:
            if not read(file, citizens, alone or group):
                done.foreign.append(file.name)
        except FileRefused as error:
            if alone:
                alone.rows.close()
            done.refused.append(Refusal.of(error))
            continue
        if alone:
            yield alone
        elif len(group.files) >= _MOST_FILES or group.rows.rows >= _MOST_ROWS:
            yield group
            group = ReadFiles()
    if group.files:
        yield group


def _filed(session: WriteSession, load: Load, group: ReadFiles) -> Iterator[tuple[str, TableReport]]:
    loads.set_aside(session, load.load_id, group.unread)
    for table in group.rows.tables:
        filing = FileLoad.begin(session, group.files[0], rules_of(table), load)
        for raw in group.rows.batches(table):
            filing.take(raw)
        yield table, filing.finish()[0]
