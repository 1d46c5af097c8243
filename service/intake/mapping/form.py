"""The form of a mapping file: what pydantic asks of it, before any code or column in it is looked up."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from models.windows import midnight
from service.intake.mapping.meanings import EVER, Span


class Entry(BaseModel):
    """What all entries have: what the local word means, and the days it holds, `valid_to` not included."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    to: Annotated[str, Field(min_length=1, max_length=200)]
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def span(self) -> Span:
        """The days as instants, by Danish midnights."""
        return Span(
            EVER[0] if self.valid_from is None else midnight(self.valid_from),
            EVER[1] if self.valid_to is None else midnight(self.valid_to),
        )


class ValueEntry(Entry):
    """A local value; for a code, `unit` is that of its values when they come without one."""

    unit: str | None = None


class UnitEntry(Entry):
    """A local unit; with `code`, for that code alone. `scale` and `offset`: value in `to` = value * scale + offset."""

    code: str | None = None
    scale: Annotated[float, Field(allow_inf_nan=False)] | None = None
    offset: Annotated[float, Field(allow_inf_nan=False)] = 0.0
    source: str | None = None


class ColumnEntry(Entry):
    """A local column."""


def _as_list(written: object) -> object:
    """`"NPU03804"`, `{ to = "NPU03804" }` and a list of such tables say the same."""
    if isinstance(written, str):
        return [{"to": written}]
    return [written] if isinstance(written, dict) else written


Local = Annotated[str, Field(min_length=1, max_length=200)]
Values = Annotated[list[ValueEntry], BeforeValidator(_as_list), Field(min_length=1)]
Units = Annotated[list[UnitEntry], BeforeValidator(_as_list), Field(min_length=1)]
Columns = Annotated[list[ColumnEntry], BeforeValidator(_as_list), Field(min_length=1)]


class MappingFile(BaseModel):
    """The whole file: `codes` by table, column and local value; `units` by local unit; `columns` by table and name."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    municipality: str = ""
    columns: dict[str, dict[Local, Columns]] = {}
    codes: dict[str, dict[str, dict[Local, Values]]] = {}
    units: dict[Local, Units] = {}
