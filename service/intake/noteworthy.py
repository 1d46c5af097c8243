"""What is worth knowing of rows that are taken: codes nobody knows, and clocks and habits that cannot be right."""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from service.intake.codes import codes_before_their_time, unknown_codes
from service.intake.report import Tally
from service.intake.schema import TableRules
from service.intake.times import DAY

_DONE: Final = ("completed", "declined", "no_response")


def note(tally: Tally, table: TableRules, good: pa.Table, received_at: int) -> None:
    """Count it: written after it was received (instant in microseconds UTC), a day late, ahead of what it tells of."""
    tally.unknown_codes += unknown_codes(table.name, good)
    tally.codes_too_early += codes_before_their_time(table, good)
    recorded = good["recorded_at"]
    tally.recorded_in_future += pc.sum(pc.greater(recorded, received_at)).as_py() or 0
    if table.happened_at:
        delay = pc.subtract(recorded, good[table.happened_at])
        tally.late += pc.sum(pc.greater(delay, DAY)).as_py() or 0
        tally.ahead += pc.sum(pc.less(delay, -DAY)).as_py() or 0
        early = pc.and_(pc.less(delay, 0), pc.greater_equal(delay, -DAY))
        tally.skewed += pc.sum(pc.and_(early, _was_done(table.name, good))).as_py() or 0


def _was_done(table: str, rows: pa.Table) -> pa.Array | pa.ChunkedArray:
    """Which rows tell of what was done; a visit without a status, written before it began, is a plan."""
    if table != "visits":
        return pa.array(np.ones(rows.num_rows, dtype=np.bool_))
    return pc.is_in(rows["status"], pa.array(_DONE))
