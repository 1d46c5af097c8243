"""On which line of a CSV file each record begins, as an editor counts lines.

The parser numbers records, not lines: a quoted value may hold line breaks, a blank line is a record with nothing in
it, and a record with a wrong number of values is left out of the batch it belongs to.
"""

import json
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that does not have as many values as the header: its number, the header being 1, and its text."""

    record: int
    text: str


@dataclass(slots=True)
class RecordLines:
    """Where the reading of a file is: the number of the next record and its line, and broken records not placed yet.

    It is the parser's handler of broken records; batches must be placed in the order they come.
    """

    record: int = 2
    line: int = 2
    _met: list[Broken] = field(default_factory=list[Broken])

    def __call__(self, row: pcsv.InvalidRow) -> str:
        """Take a broken record as the parser meets it, and tell the parser to go on."""
        self._met.append(Broken(row.number, row.text))
        return "skip"

    def place(self, batch: pa.RecordBatch) -> tuple[NDArray[np.int64], tuple[tuple[int, str], ...]]:
        """The line each record of a batch begins on, shape (n,), and the broken ones among them with theirs."""
        broken = self._among(batch.num_rows)
        at = np.array([one.record - self.record for one in broken], dtype=np.int64)
        is_good = np.ones(batch.num_rows + len(broken), dtype=np.bool_)
        is_good[at] = False
        height = np.empty(is_good.size, dtype=np.int64)
        height[is_good] = _heights(batch)
        height[at] = [_breaks(one.text) + 1 for one in broken]
        begins = self.line + np.cumsum(height) - height
        self.record += is_good.size
        self.line += int(height.sum())
        told = zip(begins[at].tolist(), (one.text for one in broken), strict=True)
        return begins[is_good], tuple((line, _as_json(text)) for line, text in told if text.strip())

    def rest(self) -> tuple[tuple[int, str], ...]:
        """The broken records after the last batch."""
        nothing = pa.record_batch({"": pa.array([], pa.string())})
        return self.place(nothing)[1]

    def _among(self, rows: int) -> list[Broken]:
        """The broken records that stand before, among, or right after so many good ones."""
        end, taken = self.record + rows, 0
        while taken < len(self._met) and self._met[taken].record <= end:
            end, taken = end + 1, taken + 1
        among, self._met = self._met[:taken], self._met[taken:]
        return among


def _heights(batch: pa.RecordBatch) -> NDArray[np.int64]:
    height = np.ones(batch.num_rows, dtype=np.int64)
    for column in batch.columns:
        feeds = pc.count_substring(column, "\n")
        returns = pc.subtract(pc.count_substring(column, "\r"), pc.count_substring(column, "\r\n"))
        height += pc.fill_null(pc.add(feeds, returns), 0).to_numpy()
    return height


def _breaks(text: str) -> int:
    """Line breaks within a record, whichever of the three kinds each is."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _as_json(text: str) -> str:
    """A broken record as it is set aside, its beginning when it is longer than any that could be mended by hand."""
    return json.dumps({"record": text[:_SHOWN]}, ensure_ascii=False)


_SHOWN: Final = 20_000
