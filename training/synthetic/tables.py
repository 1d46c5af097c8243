"""The form of the drop: names and Parquet types of every table, as the interchange has them.

Timestamps are local time of Europe/Copenhagen without an offset, the way municipalities send them.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pyarrow as pa

from training.synthetic.chance import Bools, Floats, Ints

_TEXT, _TIME, _DATE, _NUMBER = pa.string(), pa.timestamp("ms"), pa.date32(), pa.float64()

SCHEMAS: Final[Mapping[str, pa.Schema]] = {
    "citizens": pa.schema(
        [
            ("citizen_id", _TEXT),
            ("birth_date", _DATE),
            ("sex", _TEXT),
            ("name", _TEXT),
            ("district", _TEXT),
            ("team", _TEXT),
            ("care_start", _DATE),
            ("care_end", _DATE),
            ("death_date", _DATE),
            ("terminal", pa.bool_()),
            ("recorded_at", _TIME),
        ]
    ),
    "visits": pa.schema(
        [
            ("visit_id", _TEXT),
            ("citizen_id", _TEXT),
            ("started_at", _TIME),
            ("recorded_at", _TIME),
            ("planned_minutes", _NUMBER),
            ("delivered_minutes", _NUMBER),
            ("kind", _TEXT),
            ("status", _TEXT),
        ]
    ),
    "observations": pa.schema(
        [
            ("observation_id", _TEXT),
            ("citizen_id", _TEXT),
            ("observed_at", _TIME),
            ("recorded_at", _TIME),
            ("code", _TEXT),
            ("value", _NUMBER),
            ("value_text", _TEXT),
            ("unit", _TEXT),
            ("role", _TEXT),
        ]
    ),
    "notes": pa.schema(
        [
            ("note_id", _TEXT),
            ("citizen_id", _TEXT),
            ("observed_at", _TIME),
            ("recorded_at", _TIME),
            ("text", _TEXT),
            ("role", _TEXT),
            ("heading", _TEXT),
        ]
    ),
    "conditions": pa.schema(
        [
            ("condition_id", _TEXT),
            ("citizen_id", _TEXT),
            ("recorded_at", _TIME),
            ("code", _TEXT),
            ("severity", _NUMBER),
            ("status", _TEXT),
        ]
    ),
    "services": pa.schema(
        [
            ("grant_id", _TEXT),
            ("citizen_id", _TEXT),
            ("recorded_at", _TIME),
            ("valid_from", _TIME),
            ("valid_to", _TIME),
            ("code", _TEXT),
            ("minutes_per_week", _NUMBER),
        ]
    ),
    "monitoring_plans": pa.schema(
        [
            ("plan_id", _TEXT),
            ("citizen_id", _TEXT),
            ("recorded_at", _TIME),
            ("valid_from", _TIME),
            ("valid_to", _TIME),
            ("code", _TEXT),
            ("times_per_week", _NUMBER),
            ("low", _NUMBER),
            ("high", _NUMBER),
        ]
    ),
    "hospital_notifications": pa.schema(
        [
            ("notification_id", _TEXT),
            ("citizen_id", _TEXT),
            ("episode_id", _TEXT),
            ("activity", _TEXT),
            ("occurred_at", _TIME),
            ("recorded_at", _TIME),
            ("planned", pa.bool_()),
        ]
    ),
}

TRUTH: Final = pa.schema(
    [("citizen_id", _TEXT), ("as_of", _DATE), ("true_risk", _NUMBER), ("admitted", pa.bool_()), ("at_risk", pa.bool_())]
)


def times(seconds: Ints, missing: Bools | None = None) -> pa.Array:
    """Seconds of local time since 1970 as the drop's timestamps, empty where `missing`."""
    return pa.array(seconds.astype("datetime64[s]").astype("datetime64[ms]"), type=_TIME, mask=missing)


def numbers(values: Floats) -> pa.Array:
    """Numbers of the drop, empty where NaN."""
    return pa.array(values, type=_NUMBER, mask=np.isnan(values))


def words(vocabulary: tuple[str, ...], chosen: Ints) -> pa.Array:
    """The chosen words, empty where -1."""
    return pa.array(vocabulary, _TEXT).take(pa.array(np.maximum(chosen, 0), mask=chosen < 0))


def identifiers(prefix: str, numbers: Ints) -> pa.Array:
    """`prefix` and the number, one for each row."""
    return pa.array([f"{prefix}{n}" for n in numbers.tolist()], _TEXT)
