"""What became of a load, counted: stored with the load, printed by the command line, answered by the API.

Counts and names only; no row, no citizen.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict

from models.errors import FileRefused
from service.intake.classify import Kind


class TableReport(BaseModel):
    """One table: every row read is new, corrected, unchanged, retracted, or set aside for one reason."""

    model_config = ConfigDict(frozen=True)
    read: int = 0
    new: int = 0
    corrected: int = 0
    unchanged: int = 0
    retracted: int = 0
    set_aside: dict[str, int] = {}
    late: int = 0
    """Taken rows written down more than 24 hours after what they tell of."""
    unknown_codes: dict[str, int] = {}
    conflicts: int = 0
    """Rows of the same id and `recorded_at` as another that says something else; the last one counts."""
    ahead: int = 0
    """Taken rows written down more than 24 hours before what they tell of: plans."""
    skewed: int = 0
    """Taken rows that tell what was done, said to have happened after they were written, by a day at most: a clock."""
    recorded_in_future: int = 0
    """Taken rows written down after they were received."""
    citizens_unknown: int = 0
    """Citizens met here for the first time who are in no row of `citizens` of this file."""
    columns_left_out: tuple[str, ...] = ()
    mapped: dict[str, int] = {}
    """By column, how many values of taken rows the municipality's mapping changed."""
    columns_mapped: dict[str, str] = {}
    """Local columns the mapping says are columns of the table."""
    codes_too_early: dict[str, int] = {}
    """Codes in rows of a day before they could be used: FSIII's simplified ones, ældreloven's interventions."""


class Refusal(BaseModel):
    """A file that was not taken at all."""

    model_config = ConfigDict(frozen=True)
    file: str
    message: str
    remedy: str

    @classmethod
    def of(cls, error: FileRefused) -> "Refusal":
        """The refusal an error tells of."""
        return cls(file=error.file, message=error.message, remedy=error.remedy)


class ResourceReport(BaseModel):
    """The FHIR resources of one type: how many were read, and how many of them have no meaning here."""

    model_config = ConfigDict(frozen=True)
    read: int
    left_out: int = 0


class LoadReport(BaseModel):
    """A whole load."""

    model_config = ConfigDict(frozen=True)
    load: int
    drop: str
    mode: Literal["live", "history"]
    received_at: str
    tables: dict[str, TableReport] = {}
    refused: tuple[Refusal, ...] = ()
    unknown_files: tuple[str, ...] = ()
    resources: dict[str, ResourceReport] = {}
    """FHIR resources by type."""
    unread: dict[str, int] = {}
    """Lines of FHIR that hold no resource, set aside by reason."""
    mapping: str | None = None
    """The mapping file the load was made with, and the beginning of its SHA-256."""
    stopped: bool = False
    """Whether it was asked to end before all files were loaded."""

    @property
    def exit_code(self) -> int:
        """The command line's answer: 2 when a file was refused."""
        return 2 if self.refused else 0

    @property
    def outcome(self) -> Literal["loaded", "partly", "refused"]:
        """What the load came to, once it has gone through all files."""
        if self.refused:
            return "partly" if self.tables else "refused"
        return "loaded"


@dataclass(slots=True)
class Tally:
    """Counts of a table while it is read."""

    read: int = 0
    kinds: Counter[Kind] = field(default_factory=Counter[Kind])
    set_aside: Counter[str] = field(default_factory=Counter[str])
    unknown_codes: Counter[str] = field(default_factory=Counter[str])
    columns_left_out: tuple[str, ...] = ()
    mapped: Counter[str] = field(default_factory=Counter[str])
    columns_mapped: dict[str, str] = field(default_factory=dict[str, str])
    codes_too_early: Counter[str] = field(default_factory=Counter[str])
    late: int = 0
    conflicts: int = 0
    ahead: int = 0
    skewed: int = 0
    recorded_in_future: int = 0
    citizens_unknown: int = 0

    def report(self) -> TableReport:
        """The counts as they are told."""
        return TableReport(
            read=self.read,
            new=self.kinds[Kind.NEW],
            corrected=self.kinds[Kind.CORRECTED],
            unchanged=self.kinds[Kind.UNCHANGED],
            retracted=self.kinds[Kind.RETRACTED],
            set_aside=dict(sorted(self.set_aside.items())),
            late=self.late,
            unknown_codes=dict(self.unknown_codes.most_common()),
            conflicts=self.conflicts,
            ahead=self.ahead,
            skewed=self.skewed,
            recorded_in_future=self.recorded_in_future,
            citizens_unknown=self.citizens_unknown,
            columns_left_out=self.columns_left_out,
            mapped=dict(sorted(self.mapped.items())),
            columns_mapped=dict(sorted(self.columns_mapped.items())),
            codes_too_early=dict(self.codes_too_early.most_common()),
        )


def added(reports: Sequence[TableReport]) -> TableReport:
    """The reports of several files of one table as one."""
    total = Tally()
    for report in reports:
        total.read += report.read
        total.kinds += Counter(
            {
                Kind.NEW: report.new,
                Kind.CORRECTED: report.corrected,
                Kind.UNCHANGED: report.unchanged,
                Kind.RETRACTED: report.retracted,
            }
        )
        total.set_aside += Counter(report.set_aside)
        total.unknown_codes += Counter(report.unknown_codes)
        total.late += report.late
        total.conflicts += report.conflicts
        total.ahead += report.ahead
        total.skewed += report.skewed
        total.recorded_in_future += report.recorded_in_future
        total.citizens_unknown += report.citizens_unknown
        total.columns_left_out = (*total.columns_left_out, *report.columns_left_out)
        total.mapped += Counter(report.mapped)
        total.columns_mapped |= report.columns_mapped
        total.codes_too_early += Counter(report.codes_too_early)
    return total.report()
