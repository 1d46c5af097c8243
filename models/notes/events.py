"""Notes to events: that a note was written, and what it mentions.

Text never leaves this module: events carry codes, and a reason that wants the words goes back to the store for them.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa

from models.events import SCHEMA
from models.projection import project

Coded = Sequence[tuple[str, float | None]]
"""The event codes of one text, with their values (`models.notes.codes`)."""


def note_events(rows: pa.Table, codes_of: Callable[[str], Coded]) -> pa.Table:
    """The events of rows of the table `notes`, as a table of `models.events.SCHEMA`, unsorted.

    `rows` are as `models.projection` has them, with `text` and `role`; `codes_of` reads a text, and is asked once for
    each however often it stands there: much of what is written is copied.
    """
    texts = rows["text"].combine_chunks().dictionary_encode()
    place = texts.indices.to_numpy()
    distinct = texts.dictionary.to_pylist()
    words = np.array([len(text.split()) for text in distinct], dtype=np.float64)
    # A note without a role is still a note.
    role = rows["role"].fill_null("other")
    counted = rows.set_column(rows.column_names.index("role"), "role", role).append_column(
        "words", pa.array(words[place] if len(place) else words[:0])
    )
    read = [codes_of(text) for text in distinct]
    return pa.concat_tables([project("notes", counted), _mentions(rows, place, read)])


def _mentions(rows: pa.Table, place: np.ndarray, read: Sequence[Coded]) -> pa.Table:
    """One event for each code of each row: every row is repeated as often as its text has codes."""
    times = np.array([len(coded) for coded in read], dtype=np.int64)[place] if len(place) else np.zeros(0, np.int64)
    if not times.sum():
        return SCHEMA.empty_table()
    repeated = rows.take(np.repeat(np.arange(rows.num_rows), times))
    coded = [pair for text in place.tolist() for pair in read[text]]
    return pa.table(
        {
            "citizen": repeated["citizen"],
            "occurred_at": repeated["observed_at"],
            "known_from": repeated["known_from"],
            "superseded_at": repeated["superseded_at"],
            "code": pa.array([code for code, _ in coded]).dictionary_encode(),
            "value": pa.array([value for _, value in coded], pa.float32()),
            "sequence": repeated["sequence"],
        }
    ).cast(SCHEMA)
