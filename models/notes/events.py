"""Notes to events: that a note was written, and what it was read to say.

Text never comes here: events carry codes, and a reason that wants the words goes back to the store for them.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.events import SCHEMA
from models.notes.reading import Coded, codes_of
from models.projection import project


def note_events(rows: pa.Table) -> pa.Table:
    """The events of rows of the table `notes`, as a table of `models.events.SCHEMA`, unsorted.

    `rows` are as `models.projection` has them, with `role` and, of the reading, `words` and `codes`.
    """
    # A note without a role is still a note.
    role = rows["role"].fill_null("other")
    told = rows.set_column(rows.column_names.index("role"), "role", role)
    # Much of what is written says the same, so what it says is taken apart once.
    codes = rows["codes"].combine_chunks().dictionary_encode()
    said = [codes_of(reading) for reading in codes.dictionary.to_pylist()]
    return pa.concat_tables([project("notes", told), _mentions(rows, codes.indices.to_numpy(), said)])


def _mentions(rows: pa.Table, place: NDArray[np.int32], said: Sequence[Coded]) -> pa.Table:
    """One event for each code of each row: every row is repeated as often as its reading has codes."""
    each = np.array([len(coded) for coded in said], dtype=np.int64)
    first = np.cumsum(each) - each
    times = each[place] if len(place) else np.zeros(0, dtype=np.int64)
    within = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    taken = pa.array(np.repeat(first[place], times) + within) if len(place) else pa.array([], pa.int64())
    repeated = rows.take(pa.array(np.repeat(np.arange(rows.num_rows), times)))
    codes = pa.array([code for coded in said for code, _ in coded], pa.string()).dictionary_encode()
    values = pa.array([value for coded in said for _, value in coded], pa.float32())
    return pa.table(
        {
            "citizen": repeated["citizen"],
            "occurred_at": repeated["observed_at"],
            "known_from": repeated["known_from"],
            "superseded_at": repeated["superseded_at"],
            "code": codes.take(taken),
            "value": values.take(taken),
            "sequence": repeated["sequence"],
        }
    ).cast(SCHEMA)
