"""Loading a drop: the way in for the command line, the API and whatever else brings one.

Each file is one transaction: cut off anywhere, it leaves all of the file or nothing of it, and loading again goes on
from there. What was sent before is told from what is new, so that nothing is stored twice.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from models.errors import FileRefused
from service.intake.archive import check_archive, unpack
from service.intake.drop import Drop, TableFile, find_drop
from service.intake.fhir.loading import FhirLoad, load_fhir
from service.intake.filing import FileLoad
from service.intake.localising import kept_columns, mapped_columns
from service.intake.mapping.meanings import UNMAPPED, LocalMapping
from service.intake.reading import open_file
from service.intake.readings import read_new_notes
from service.intake.report import LoadReport, Refusal, TableReport, added
from service.intake.schema import TABLES
from service.intake.versions import Load
from service.storage import load_locks, loads
from service.storage.database import Database
from service.storage.loads import Mode, Status
from service.storage.running_loads import mark_interrupted

Progress = Callable[[str, int, int | None], None]
"""Told of the file under way: its name, the rows read of it so far, and how many there are where that is known."""


Stopped = Callable[[], bool]
"""Asked between files whether the load is to end there."""


@contextmanager
def begun_load(
    database: Database, name: str, mode: Mode, received_at: int, mapping: LocalMapping = UNMAPPED
) -> Generator[Load]:
    """A load with its number, before any of it is read; as long as it is held, others see that it is alive."""
    mark_interrupted(database, now_us())
    with ExitStack() as held:
        with database.write() as session:
            load_id = loads.begin(session, name, mode, received_at)
            held.enter_context(load_locks.held(database, load_id))
        yield Load(load_id, mode, received_at, mapping)


def load_path(
    database: Database,
    path: Path,
    mode: Mode,
    received_at: int,
    progress: Progress | None = None,
    stopped: Stopped | None = None,
    mapping: LocalMapping = UNMAPPED,
) -> LoadReport:
    """Load the drop at a path, a zip of one too, with a municipality's own codes by its mapping.

    Raises `NotFound` when there is none, `RequestWrong` for a zip that cannot be taken; a refused file is reported.
    """
    with opened_drop(path) as drop, begun_load(database, drop.name, mode, received_at, mapping) as load:
        return run_load(database, load, drop, progress, stopped)


@contextmanager
def opened_drop(path: Path) -> Generator[Drop]:
    """The drop at a path; a zip's for as long as it is looked at."""
    if path.suffix.lower() != ".zip" or not path.is_file():
        yield find_drop(path)
        return
    with TemporaryDirectory(prefix="omhu-") as name:
        check_archive(path)
        unpack(path, Path(name))
        yield replace(find_drop(Path(name)), name=path.name)


def run_load(
    database: Database, load: Load, drop: Drop, progress: Progress | None = None, stopped: Stopped | None = None
) -> LoadReport:
    """Load the files of a drop one after the other, and store the report."""
    told = progress or _nobody
    try:
        report = _run(database, load, drop, told, stopped or _never)
    except BaseException:
        # Whatever stopped it, Ctrl-C too: the files before stand, this one left nothing, and the record says so.
        _finish(database, load, "failed", None)
        raise
    _finish(database, load, "stopped" if report.stopped else report.outcome, report)
    if "notes" in report.tables:  # what a load that was cut off left is read by the next, or for the snapshot
        read_new_notes(database, partial(progress or _nobody, "reading notes"))
    return report


def _run(database: Database, load: Load, drop: Drop, told: Progress, stopped: Stopped) -> LoadReport:
    tables: dict[str, list[TableReport]] = {}
    refused: list[Refusal] = []
    files = iter(drop.files)
    while not (ended := stopped()) and (file := next(files, None)):
        try:
            tables.setdefault(file.table, []).append(_load_file(database, load, file, told))
        except FileRefused as error:
            refused.append(Refusal.of(error))
    fhir = FhirLoad(stopped=True) if ended else load_fhir(database, load, drop.fhir, told, stopped)
    return report_of(load, drop.name, fhir, tables, refused, drop.unknown)


def report_of(
    load: Load,
    name: str,
    fhir: FhirLoad,
    tables: Mapping[str, list[TableReport]] | None = None,
    refused: Sequence[Refusal] = (),
    unknown: Sequence[str] = (),
) -> LoadReport:
    """What is told of a load: what became of its FHIR files, and of its others."""
    return LoadReport(
        load=load.load_id,
        drop=name,
        mode=load.mode,
        received_at=_told_time(load.received_at),
        tables=_by_table(tables or {}, fhir.tables),
        refused=(*refused, *fhir.refused),
        unknown_files=(*unknown, *fhir.foreign),
        resources=fhir.resources.report(),
        unread=dict(sorted(fhir.unread.items())),
        stopped=fhir.stopped,
        mapping=f"{load.mapping.name} {load.mapping.digest}" if load.mapping.digest else None,
    )


def _by_table(*reports: Mapping[str, list[TableReport]]) -> dict[str, TableReport]:
    """The reports of each table as one, in the order tables are loaded."""
    found = {name: [report for each in reports for report in each.get(name, [])] for name in TABLES}
    return {name: added(each) for name, each in found.items() if each}


def _load_file(database: Database, load: Load, file: TableFile, told: Progress) -> TableReport:
    table = TABLES[file.table]
    mapping = None if load.mapping is UNMAPPED else load.mapping.of_table(table.name)
    raw = open_file(file, table, mapping)
    with database.write() as session:
        filing = FileLoad.begin(session, file.name, table, load)
        (tally,) = filing.tallies
        tally.columns_left_out = tuple(sorted(set(raw.found) - set(kept_columns(raw.found, table, mapping))))
        tally.columns_mapped = mapped_columns(raw.found, mapping)
        for batch in raw.batches:
            filing.take(batch)
            told(file.name, tally.read, raw.rows)
        return filing.finish()[0]


def _finish(database: Database, load: Load, status: Status, report: LoadReport | None) -> None:
    with database.write() as session:
        text = report.model_dump_json() if report else None
        loads.finish(session, load.load_id, status, now_us(), text)


def now_us() -> int:
    """The instant it is, in microseconds UTC."""
    return int(datetime.now(UTC).timestamp() * 1_000_000)


def _told_time(instant_us: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant_us)).isoformat(timespec="seconds")


def _nobody(_file: str, _done: int, _of: int | None) -> None:
    """Progress nobody asked for."""


def _never() -> bool:
    """Nobody asked for the load to end early."""
    return False
