"""From the rows of a drop to events: which row becomes which code, at which time, with which value.

The rules are data; `project` applies them. Rows come from the store as Arrow tables: the table's own columns, its
times as instants, and what every version has: `citizen`, `known_from`, `superseded_at`, `received_at`, `sequence`.
Retracted versions do not come at all: a retraction is seen as the `superseded_at` of what it retracts. Hospital
notifications are not projected here, they become stays first (`models.truth.episodes`); of a note only that it was
written is told here, what it says is read by `models.notes`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from models.events import SCHEMA

STANDING = ("citizens", "conditions", "services", "monitoring_plans", "hospital_notifications")
"""Tables whose facts hold until they change: few, and needed whole, however long ago they were known."""
STREAM = ("visits", "observations", "notes")
"""Tables of what happens day by day: many, and looked at through windows."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One event of a row: `code` may hold one `{column}`; `where` names the values a column must have.

    `unrecorded` names the time from which the event is known at the earliest when the row does not say when it was
    written (`recorded_at` empty, which only citizens may have).
    """

    code: str
    occurred_at: str
    value: str | None = None
    where: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    unrecorded: str | None = None


def _when(**values: str) -> dict[str, frozenset[str]]:
    return {column: frozenset(allowed.split()) for column, allowed in values.items()}


RULES: Mapping[str, tuple[Rule, ...]] = {
    "citizens": (
        Rule("citizen:birth", "birth_date"),
        Rule("sex:{sex}", "birth_date"),
        Rule("district:{district}", "known_from"),
        Rule("team:{team}", "known_from"),
        # A date nobody says when was written down is taken as known on that date, and no earlier.
        Rule("citizen:care_start", "care_start", unrecorded="care_start"),
        Rule("citizen:care_end", "care_end", unrecorded="care_end"),
        Rule("citizen:death", "death_date", unrecorded="death_date"),
        # A flag without any date could have been set yesterday: it is known from when it came.
        Rule("citizen:terminal", "known_from", "terminal", unrecorded="received_at"),
    ),
    "visits": (
        # Planned minutes are not delivered minutes: an empty delivery stays empty.
        Rule("visit:{kind}", "started_at", "delivered_minutes", _when(status="completed")),
        Rule("visit:{status}", "started_at", "planned_minutes", _when(status="declined no_response cancelled")),
        Rule(
            "visit:planned",
            "started_at",
            "planned_minutes",
            _when(status="completed declined no_response planned"),
        ),
    ),
    "observations": (Rule("{code}", "observed_at", "value"),),
    "notes": (Rule("note:{role}", "observed_at", "words"),),
    "conditions": (
        # FSIII gives no onset: a condition is a fact from the moment it is written down.
        Rule("condition:{code}", "recorded_at", "severity", _when(status="active")),
        Rule("condition_ended:{code}", "recorded_at", None, _when(status="inactive")),
    ),
    "services": (
        Rule("granted:{code}", "valid_from", "minutes_per_week"),
        Rule("granted_ended:{code}", "valid_to", "minutes_per_week"),
    ),
    "monitoring_plans": (
        Rule("monitoring:{code}", "valid_from", "times_per_week"),
        Rule("monitoring_low:{code}", "valid_from", "low"),
        Rule("monitoring_high:{code}", "valid_from", "high"),
        Rule("monitoring_ended:{code}", "valid_to"),
    ),
}


VISIT_KINDS = ("personal_care", "practical_help", "nursing", "rehabilitation", "night", "acute")
OTHER = "other"


def project(table: str, rows: pa.Table) -> pa.Table:
    """The events of the rows of one table of the drop, as a table of `models.events.SCHEMA`, unsorted.

    A rule whose time column is empty in a row gives no event for it: a care that has not ended has no end. A visit of a
    kind nobody knows is still a visit, of the kind `other`.
    """
    whole = _filled(table, rows)
    return pa.concat_tables([_apply(rule, whole) for rule in RULES[table]])


def _filled(table: str, rows: pa.Table) -> pa.Table:
    """The rows with what an empty status or kind means said in words: nothing written down is lost."""
    if table == "conditions":
        return _with(rows, "status", pc.fill_null(rows["status"], "active"))
    if table == "visits":
        known = pc.is_in(rows["kind"], pa.array(VISIT_KINDS))
        # Known after it began, a visit was made; known before, it is a plan.
        meant = pc.if_else(pc.less(rows["known_from"], rows["started_at"]), "planned", "completed")
        rows = _with(rows, "kind", pc.if_else(known, rows["kind"], OTHER))
        return _with(rows, "status", pc.coalesce(rows["status"], meant))
    return rows


def _with(rows: pa.Table, column: str, values: pa.ChunkedArray) -> pa.Table:
    return rows.set_column(rows.column_names.index(column), column, values)


def _apply(rule: Rule, rows: pa.Table) -> pa.Table:
    chosen = rows.filter(_mask(rule, rows))
    return pa.table(
        {
            "citizen": chosen["citizen"],
            "occurred_at": chosen[rule.occurred_at],
            "known_from": _known_from(rule, chosen),
            "superseded_at": chosen["superseded_at"],
            "code": _code(rule.code, chosen),
            "value": _value(rule, chosen),
            "sequence": chosen["sequence"],
        }
    ).cast(SCHEMA)


def _known_from(rule: Rule, rows: pa.Table) -> pa.ChunkedArray:
    if rule.unrecorded is None:
        return rows["known_from"]
    earliest = rows[rule.unrecorded]
    later = pc.and_(pc.is_null(rows["recorded_at"]), pc.greater(earliest, rows["known_from"]))
    return pc.if_else(later, earliest, rows["known_from"])


def _mask(rule: Rule, rows: pa.Table) -> pa.ChunkedArray:
    mask = pc.is_valid(rows[rule.occurred_at])
    for column, allowed in rule.where.items():
        mask = pc.and_(mask, pc.is_in(rows[column], pa.array(sorted(allowed))))
    column = _column_in(rule.code)
    return pc.and_(mask, pc.is_valid(rows[column])) if column else mask


def _column_in(code: str) -> str | None:
    return code[code.index("{") + 1 : code.index("}")] if "{" in code else None


def _code(code: str, rows: pa.Table) -> pa.ChunkedArray | pa.Array:
    column = _column_in(code)
    if column is None:
        return pa.DictionaryArray.from_arrays(np.zeros(rows.num_rows, dtype=np.int32), pa.array([code]))
    before, after = code.split("{" + column + "}")
    joined = pc.binary_join_element_wise(before, rows[column].cast(pa.string()), after, "")
    return joined.dictionary_encode()


def _value(rule: Rule, rows: pa.Table) -> pa.ChunkedArray | pa.Array:
    if rule.value is None:
        return pa.nulls(rows.num_rows, pa.float32())
    return rows[rule.value].cast(pa.float32())
