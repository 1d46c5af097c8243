"""The tables of a drop as data: which columns there are, what they must hold, what happens when they do not.

This is the interchange's contract with municipalities. `service.storage.tables` says how the same facts are stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["id", "citizen", "text", "number", "time", "flag"]
"""`id` and `citizen` are never empty where required; a time may be a date, which means the start of that local day."""

ENTERED_IN_ERROR: Final = "entered-in-error"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `choices` is the closed list it is from, `low` and `high` the numbers it may be, both included."""

    name: str
    kind: Kind
    required: bool = False
    choices: frozenset[str] = frozenset()
    low: float | None = None
    high: float | None = None
    limit: int = 500
    """Characters a text may have."""


@dataclass(frozen=True, slots=True)
class TableRules:
    """One table of the drop. `happened_at` names the column that says when it happened, where it is not a plan."""

    name: str
    id_column: str
    columns: tuple[Column, ...]
    happened_at: str | None = None
    code: str | None = None

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the columns a file must have."""
        return tuple(column.name for column in self.columns if column.required)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ACTIVITIES: Final = _words(
    "admit-inpatient admit-emergency start-leave-inpatient end-leave-inpatient "
    "discharge-inpatient-home discharge-emergency-home deceased"
)
_CITIZEN = Column("citizen_id", "citizen", required=True, limit=64)
_RECORDED = Column("recorded_at", "time", required=True)
_CODE = Column("code", "text", required=True, limit=200)
_ROLE = Column("role", "text", limit=64)
# Any row can be retracted, also of a table that has no other status.
_RETRACTION = Column("status", "text", limit=64)


def _table(
    name: str, id_column: str, *columns: Column, happened_at: str | None = None, code: str | None = None
) -> TableRules:
    own = (Column(id_column, "id", required=True, limit=200), _CITIZEN, _RECORDED, *columns)
    status = () if any(column.name == "status" for column in columns) else (_RETRACTION,)
    return TableRules(name, id_column, own + status, happened_at, code)


_CITIZENS = TableRules(
    "citizens",
    "citizen_id",
    (
        _CITIZEN,
        Column("recorded_at", "time"),
        Column("birth_date", "time"),
        Column("sex", "text", choices=_words("female male other unknown")),
        Column("name", "text"),
        Column("district", "text"),
        Column("team", "text"),
        Column("care_start", "time"),
        Column("care_end", "time"),
        Column("death_date", "time"),
        Column("terminal", "flag"),
        _RETRACTION,
    ),
)

TABLES: Final[Mapping[str, TableRules]] = {
    table.name: table
    for table in (
        _CITIZENS,
        _table(
            "visits",
            "visit_id",
            Column("started_at", "time", required=True),
            Column("planned_minutes", "number", low=0, high=1440),
            Column("delivered_minutes", "number", low=0, high=1440),
            Column("kind", "text", limit=64),
            Column(
                "status",
                "text",
                choices=_words("completed declined no_response cancelled planned entered-in-error"),
            ),
            happened_at="started_at",
        ),
        _table(
            "observations",
            "observation_id",
            Column("observed_at", "time", required=True),
            _CODE,
            Column("value", "number"),
            Column("value_text", "text", limit=20_000),
            Column("unit", "text", limit=64),
            _ROLE,
            happened_at="observed_at",
            code="code",
        ),
        _table(
            "notes",
            "note_id",
            Column("observed_at", "time", required=True),
            _ROLE,
            Column("heading", "text"),
            Column("text", "text", required=True, limit=20_000),
            happened_at="observed_at",
        ),
        _table(
            "conditions",
            "condition_id",
            _CODE,
            Column("severity", "number", low=0, high=9),
            Column("status", "text", choices=_words("active inactive entered-in-error")),
            code="code",
        ),
        _table(
            "services",
            "grant_id",
            Column("valid_from", "time", required=True),
            Column("valid_to", "time"),
            _CODE,
            Column("minutes_per_week", "number", low=0, high=10_080),
            code="code",
        ),
        _table(
            "monitoring_plans",
            "plan_id",
            Column("valid_from", "time", required=True),
            Column("valid_to", "time"),
            _CODE,
            Column("times_per_week", "number", low=0, high=10_080),
            Column("low", "number"),
            Column("high", "number"),
            code="code",
        ),
        _table(
            "hospital_notifications",
            "notification_id",
            Column("episode_id", "id", required=True, limit=200),
            Column(
                "activity",
                "text",
                required=True,
                choices=_ACTIVITIES.union(*({f"{verb}-{a}" for a in _ACTIVITIES} for verb in ("revise", "cancel"))),
            ),
            Column("occurred_at", "time", required=True),
            Column("planned", "flag"),
            happened_at="occurred_at",
        ),
    )
}
"""The tables in the order they are loaded: citizens first, so that few are unknown when their rows come."""
