"""Events: the one stream that everything a municipality sends is turned into.

An event says that something about a citizen happened (`occurred_at`), when that could first have been known
(`known_from`) and when a correction or retraction took its place (`superseded_at`). The shape is MEDS' (subject,
time, code, numeric value) with the second time axis added; a new kind of data is a new code.

Two forms: an Arrow table of `SCHEMA`, as the snapshot's files hold it, and `Events`, the sorted arrays the kernel
sweeps. Nothing here knows what a code means.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit
from numpy.typing import NDArray

from models.windows import NEVER, local_days

_INSTANT = pa.timestamp("us", tz="UTC")

SCHEMA = pa.schema(
    [
        pa.field("citizen", pa.int32(), nullable=False),  # pseudonymous key, meaningless outside the store
        pa.field("occurred_at", _INSTANT, nullable=False),
        pa.field("known_from", _INSTANT, nullable=False),
        pa.field("superseded_at", _INSTANT),  # empty: still stands
        pa.field("code", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("value", pa.float32()),  # empty: the code alone is the fact
        pa.field("sequence", pa.int64(), nullable=False),  # order of arrival, the last tie-break
    ]
)


def instants(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """Microseconds since the epoch of a timestamp column, shape (n,); empty becomes `NEVER`."""
    return pc.fill_null(column.cast(pa.int64()), NEVER).to_numpy()


def timestamps(instants_us: NDArray[np.int64]) -> pa.Array:
    """The timestamp column of instants, shape (n,); `NEVER` becomes empty."""
    return pa.array(instants_us, mask=instants_us == NEVER, type=pa.int64()).cast(_INSTANT)


def canonical(events: pa.Table) -> pa.Table:
    """The same events in the one order, with the one dictionary of codes, that all equal sets of events have."""
    whole = pa.concat_tables([SCHEMA.empty_table(), events]).unify_dictionaries().combine_chunks()
    columns = _Columns.of(whole)
    order = columns.in_order()
    rank = columns.rank[columns.code]
    used = np.unique(rank)
    code = pa.DictionaryArray.from_arrays(
        np.searchsorted(used, rank[order]).astype(np.int32), pa.array(columns.sorted_codes[used], pa.string())
    )
    ordered = whole.drop_columns("code").take(pa.array(order)).append_column("code", code)
    return ordered.select(SCHEMA.names).cast(SCHEMA)


@dataclass(frozen=True, slots=True)
class Events:
    """Events of some citizens, sorted by citizen, occurrence, knowledge and arrival; all arrays have shape (n,).

    `day`, `known_day` and `superseded_day` are local day numbers (see `models.windows`); `code` is an index into
    `codes`; a missing value is NaN. The last event of equal time is the one known last, then the one that came last;
    what one row of a table says in several events is in order of code and value.
    """

    citizen: NDArray[np.int32]
    occurred_at: NDArray[np.int64]
    day: NDArray[np.int32]
    known_day: NDArray[np.int32]
    superseded_day: NDArray[np.int32]
    code: NDArray[np.int32]
    value: NDArray[np.float32]
    codes: tuple[str, ...]

    @classmethod
    def of(cls, tables: Iterable[pa.Table]) -> "Events":
        """Gather tables of `SCHEMA`, each in any order, into one sorted set."""
        table = pa.concat_tables([SCHEMA.empty_table(), *tables]).unify_dictionaries().combine_chunks()
        columns = _Columns.of(table)
        order = columns.in_order()
        return cls(
            citizen=columns.citizen[order],
            occurred_at=columns.occurred_at[order],
            # Days are half as wide as instants: put in order as days, there is half as much to move.
            day=local_days(columns.occurred_at)[order],
            known_day=local_days(columns.known_from)[order],
            superseded_day=local_days(columns.superseded_at)[order],
            code=columns.code[order],
            value=columns.value[order],
            codes=columns.codes,
        )

    def __len__(self) -> int:
        return self.citizen.size

    def where(self, mask: NDArray[np.bool_]) -> "Events":
        """The events the mask, shape (n,), holds on to, in the same order."""
        return Events(
            self.citizen[mask],
            self.occurred_at[mask],
            self.day[mask],
            self.known_day[mask],
            self.superseded_day[mask],
            self.code[mask],
            self.value[mask],
            self.codes,
        )

    def with_codes(self, wanted: Sequence[str]) -> "Events":
        """The events whose code matches one of the patterns: a code, or a beginning followed by `*`."""
        chosen = matching(self.codes, wanted)
        return self.where(chosen[self.code] if chosen.size else np.zeros(len(self), dtype=np.bool_))


def matching(codes: Sequence[str], patterns: Sequence[str]) -> NDArray[np.bool_]:
    """Which codes `matches`, shape (len(codes),)."""
    matched = matcher(patterns)
    return np.array([matched(code) for code in codes], dtype=np.bool_)


def matches(code: str, patterns: Sequence[str]) -> bool:
    """Whether a code is one of the patterns, or begins as a pattern ending in `*` does."""
    return matcher(patterns)(code)


def matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """`matches` with these patterns, for many codes: a signal may have hundreds of patterns."""
    exact = frozenset(pattern for pattern in patterns if not pattern.endswith("*"))
    beginnings = tuple(pattern[:-1] for pattern in patterns if pattern.endswith("*"))
    return lambda code: code in exact or code.startswith(beginnings)


@dataclass(frozen=True, slots=True)
class _Columns:
    """A table of `SCHEMA` as arrays of shape (n,), unsorted; `rank` is the place each of `codes` has, sorted."""

    citizen: NDArray[np.int32]
    occurred_at: NDArray[np.int64]
    known_from: NDArray[np.int64]
    superseded_at: NDArray[np.int64]
    code: NDArray[np.int32]
    rank: NDArray[np.int32]
    value: NDArray[np.float32]
    sequence: NDArray[np.int64]
    codes: tuple[str, ...]

    @classmethod
    def of(cls, table: pa.Table) -> "_Columns":
        coded = table["code"].combine_chunks()
        names: tuple[str, ...] = tuple(coded.dictionary.to_pylist())
        code = coded.indices.to_numpy()
        rank = np.argsort(np.argsort(np.array(names, dtype=object))).astype(np.int32)
        return cls(
            citizen=table["citizen"].to_numpy(),
            occurred_at=instants(table["occurred_at"]),
            known_from=instants(table["known_from"]),
            superseded_at=instants(table["superseded_at"]),
            code=code,
            rank=rank,
            value=pc.fill_null(table["value"], np.nan).to_numpy(),
            sequence=table["sequence"].to_numpy(),
            codes=names,
        )

    @property
    def sorted_codes(self) -> NDArray[np.object_]:
        """The codes in the order their ranks name."""
        return np.sort(np.array(self.codes, dtype=object))

    def in_order(self) -> NDArray[np.int64]:
        """The places of the rows as events are swept: by citizen, time, knowledge, arrival, code, value and end."""
        order = _in_time(self.citizen, self.occurred_at)
        _settle_ties(
            order,
            self.citizen,
            self.occurred_at,
            self.known_from,
            self.sequence,
            self.rank,
            self.code,
            self.value,
            self.superseded_at,
        )
        return order


def _in_time(citizen: NDArray[np.int32], occurred_at: NDArray[np.int64]) -> NDArray[np.int64]:
    """The order of the rows by citizen and time, shape (n,), though times that nearly are the same may stand as came.

    Both as one number: files are in order, and sorting one number finds that their rows are a few long runs.
    """
    if not citizen.size:
        return np.empty(0, dtype=np.int64)
    first, earliest = int(citizen.min()), int(occurred_at.min())
    length = (int(occurred_at.max()) - earliest).bit_length()
    left_out = max(0, length + (int(citizen.max()) - first).bit_length() - 63)
    return np.argsort(_numbered(citizen, first, length - left_out, occurred_at, earliest, left_out), kind="stable")


@njit(cache=True, nogil=True)
def _numbered(  # pragma: no cover - compiled; the tests of the order measure it
    citizen: NDArray[np.int32], first: int, length: int, occurred_at: NDArray[np.int64], earliest: int, left_out: int
) -> NDArray[np.int64]:
    """Citizen and time as one number, counted from the first; `length` is how many bits the times take."""
    number = np.empty(citizen.size, dtype=np.int64)
    for at in range(citizen.size):
        number[at] = (np.int64(citizen[at]) - first) << length | (occurred_at[at] - earliest) >> left_out
    return number


@njit(cache=True, nogil=True)
def _settle_ties(  # noqa: PLR0913, PLR0917 - compiled, of arrays  # pragma: no cover - the tests of the order measure it
    order: NDArray[np.int64],
    citizen: NDArray[np.int32],
    occurred_at: NDArray[np.int64],
    known_from: NDArray[np.int64],
    sequence: NDArray[np.int64],
    rank: NDArray[np.int32],
    code: NDArray[np.int32],
    value: NDArray[np.float32],
    superseded_at: NDArray[np.int64],
) -> None:
    """Put a citizen's rows of equal or nearly equal time in order, in place: by time, knowledge, arrival and the rest.

    One row of a table may be several events that share all but code, value and end; with them, the order events come
    in never matters. Runs are short and mostly in order, so each is sorted by insertion.
    """
    for place in range(1, order.size):
        row, at = order[place], place
        while at > 0:
            other = order[at - 1]
            if citizen[other] != citizen[row] or occurred_at[other] < occurred_at[row]:
                break
            same = occurred_at[other] == occurred_at[row]
            if same and not _after(other, row, known_from, sequence, rank, code, value, superseded_at):
                break
            order[at] = other
            at -= 1
        order[at] = row


@njit(cache=True, nogil=True)
def _after(  # pragma: no cover
    one: int,
    other: int,
    known_from: NDArray[np.int64],
    sequence: NDArray[np.int64],
    rank: NDArray[np.int32],
    code: NDArray[np.int32],
    value: NDArray[np.float32],
    superseded_at: NDArray[np.int64],
) -> bool:
    """Whether one row comes after another of the same citizen and time; what has no value comes last."""
    if known_from[one] != known_from[other]:
        return known_from[one] > known_from[other]
    if sequence[one] != sequence[other]:
        return sequence[one] > sequence[other]
    if code[one] != code[other]:
        return bool(rank[code[one]] > rank[code[other]])
    one_value = np.inf if np.isnan(value[one]) else value[one]
    other_value = np.inf if np.isnan(value[other]) else value[other]
    return one_value > other_value or (one_value == other_value and superseded_at[one] > superseded_at[other])
