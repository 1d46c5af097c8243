"""What a municipality's own codes, units and columns mean here, made ready to be looked up while a load runs.

A file of such meanings is read and judged by `service.intake.mapping.file`; here nothing is validated. Each entry may
hold for some days only. A row is judged on the day it tells of, so a table's time is cut into epochs, stretches in
which no entry begins or ends; within an epoch every lookup is one of a dictionary.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.vocabulary import Conversion

EVER: Final = (np.iinfo(np.int64).min, np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True)
class Span:
    """When an entry holds, as instants in microseconds UTC: `start` belongs to it, `end` does not."""

    start: int = EVER[0]
    end: int = EVER[1]

    def holds(self, moment: int) -> bool:
        """Whether the entry holds at an instant."""
        return self.start <= moment < self.end

    def overlaps(self, other: "Span") -> bool:
        """Whether both hold at some instant."""
        return self.start < other.end and other.start < self.end

    @property
    def is_always(self) -> bool:
        """Whether the entry has neither beginning nor end."""
        return (self.start, self.end) == EVER


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a local value means: `to`, and for a code the unit of values that come without one."""

    to: str
    unit: str | None = None
    span: Span = Span()


@dataclass(frozen=True, slots=True)
class UnitMeaning:
    """What a local unit means: `to` in UCUM, for one code or all, by a conversion of its own or the vocabulary's."""

    to: str
    code: str | None = None
    conversion: Conversion | None = None
    span: Span = Span()


@dataclass(frozen=True, slots=True)
class ColumnMeaning:
    """Which column of the drop a local one is."""

    local: str
    to: str
    span: Span = Span()


Values = Mapping[tuple[str, str], Mapping[str, tuple[Meaning, ...]]]
Units = Mapping[str, tuple[UnitMeaning, ...]]
Columns = Mapping[str, tuple[ColumnMeaning, ...]]


@dataclass(frozen=True, slots=True)
class LocalMapping:
    """All a municipality's file says. `values` is by table and column, `columns` by table, `units` by local unit.

    `name` and `digest` say in a load's report which file it was.
    """

    name: str = ""
    digest: str = ""
    values: Values = field(default_factory=dict[tuple[str, str], Mapping[str, tuple[Meaning, ...]]])
    units: Units = field(default_factory=dict[str, tuple[UnitMeaning, ...]])
    columns: Columns = field(default_factory=dict[str, tuple[ColumnMeaning, ...]])

    def of_table(self, table: str) -> "TableMapping":
        """What it says of one table."""
        values = {column: said for (name, column), said in self.values.items() if name == table}
        units = self.units if table in {"observations", "monitoring_plans"} else {}
        columns = self.columns.get(table, ())
        spans = [meaning.span for said in values.values() for one in said.values() for meaning in one]
        spans += [meaning.span for one in units.values() for meaning in one] + [column.span for column in columns]
        cuts = sorted({cut for span in spans for cut in (span.start, span.end) if cut not in EVER})
        return TableMapping(values, units, columns, np.array(cuts, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class TableMapping:
    """What a mapping says of one table; `cuts`, shape (n,), are the instants at which an entry begins or ends."""

    values: Mapping[str, Mapping[str, tuple[Meaning, ...]]]
    units: Units
    columns: tuple[ColumnMeaning, ...]
    cuts: NDArray[np.int64]

    @property
    def maps_codes(self) -> bool:
        """Whether it has anything to say of codes or units."""
        return "code" in self.values or bool(self.units)

    def epochs(self, moments: NDArray[np.int64]) -> NDArray[np.int64]:
        """The epoch each instant lies in, shape (n,), from 0 to the number of cuts."""
        return np.searchsorted(self.cuts, moments, side="right")

    def moment_of(self, epoch: int) -> int:
        """An instant of an epoch."""
        return int(self.cuts[epoch - 1]) if epoch else EVER[0]

    def value(self, column: str, local: str | None, epoch: int) -> Meaning | None:
        """What a value of a column means in an epoch."""
        moment = self.moment_of(epoch)
        found = self.values.get(column, {}).get((local or "").strip(), ())
        return next((meaning for meaning in found if meaning.span.holds(moment)), None)

    def unit(self, code: str, local: str | None, epoch: int) -> UnitMeaning | None:
        """What a unit means for a code in an epoch; what is said for the code itself comes before what is for all."""
        moment = self.moment_of(epoch)
        found = [one for one in self.units.get((local or "").strip(), ()) if one.span.holds(moment)]
        return next((one for one in found if one.code == code), None) or next(
            (one for one in found if one.code is None), None
        )


UNMAPPED: Final = LocalMapping()
"""The mapping of a municipality that sends known codes only."""
