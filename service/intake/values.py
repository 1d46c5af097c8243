"""Raw columns to canonical ones: strings, instants, numbers, flags; what cannot be read is marked, never guessed.

Whole columns are converted at once; only when that fails is it found out which values stand in the way. A column of
a type that cannot hold what it should refuses the file: every row would be wrong in the same way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.errors import FileRefused
from service.intake.schema import Column, Kind
from service.intake.times import DAY, instants_of

_ISO: Final = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.]\d{1,9})?)?)?\s*(Z|[+-]\d{2}(:?\d{2})?)?$"
_OFFSET: Final = r"[T ].*(Z|[+-]\d{2}(:?\d{2})?)$"
_NUMBER: Final = r"^[+-]?(\d+([.]\d*)?|[.]\d+)([eE][+-]?\d{1,3})?$"
_NOT_FINITE: Final = r"(?i)^[+-]?(nan|inf|infinity)$"
_FLAGS: Final[Mapping[str, int]] = {"true": 1, "false": 0, "1": 1, "0": 0, "1.0": 1, "0.0": 0}


@dataclass(frozen=True, slots=True)
class Converted:
    """A column as canonical values, and which of its values could not be read, shape (n,)."""

    values: pa.Array
    wrong: NDArray[np.bool_]


def convert(file: str, column: Column, raw: pa.Array) -> Converted:
    """Convert a column: text and ids to strings, times to int64 instants, numbers to float64, flags to int8.

    Raises `FileRefused` when its type cannot hold such values.
    """
    values = plain(raw)
    if not _may_hold(column.kind, values.type):
        raise _wrong_type(file, column, raw.type)
    return _CONVERTERS[column.kind](values)


def plain(raw: pa.Array) -> pa.Array:
    """The column without dictionary, in the small string type, empty strings as missing."""
    if pa.types.is_dictionary(raw.type):
        raw = raw.dictionary_decode()
    if pa.types.is_null(raw.type):
        return raw.cast(pa.string())
    if pa.types.is_large_string(raw.type) or pa.types.is_string_view(raw.type):
        raw = raw.cast(pa.string())
    if pa.types.is_string(raw.type):
        return pc.if_else(pc.equal(pc.binary_length(raw), 0), pa.scalar(None, pa.string()), raw)
    return raw


def _may_hold(kind: Kind, found: pa.DataType) -> bool:
    types = pa.types
    if types.is_string(found):
        return True
    numeric = types.is_integer(found) or types.is_floating(found) or types.is_decimal(found)
    return {
        "citizen": False,
        "id": types.is_integer(found),
        "text": types.is_integer(found),
        "number": numeric,
        "time": types.is_timestamp(found) or types.is_date(found),
        "flag": types.is_boolean(found) or numeric,
    }[kind]


def _wrong_type(file: str, column: Column, found: pa.DataType) -> FileRefused:
    what = "a number" if pa.types.is_integer(found) or pa.types.is_floating(found) else f"of type {found}"
    if column.kind == "citizen":
        return FileRefused(
            file,
            f"{column.name} is {what}, not text: a number has lost the zeros an id may begin with.",
            "Export it as text.",
        )
    return FileRefused(file, f"{column.name} is {what}, which cannot hold a {column.kind}.", "Export it anew.")


def _text(raw: pa.Array) -> Converted:
    return Converted(raw.cast(pa.string()), _none(raw))


def _none(raw: pa.Array) -> NDArray[np.bool_]:
    return np.zeros(len(raw), dtype=np.bool_)


def _number(raw: pa.Array) -> Converted:
    if not pa.types.is_string(raw.type):
        return Converted(_unsigned_zero(raw.cast(pa.float64(), safe=False)), _none(raw))
    readable = pc.or_(pc.match_substring_regex(raw, _NUMBER), pc.match_substring_regex(raw, _NOT_FINITE))
    wrong = _true(pc.invert(readable))
    return Converted(_unsigned_zero(_without(raw, wrong).cast(pa.float64())), wrong)


def _unsigned_zero(numbers: pa.Array) -> pa.Array:
    """-0.0 as 0.0: SQLite forgets the sign and PostgreSQL keeps it, and the two must tell the same."""
    return pc.add(numbers, 0.0)


def _flag(raw: pa.Array) -> Converted:
    if pa.types.is_boolean(raw.type):
        return Converted(raw.cast(pa.int8()), _none(raw))
    text = pc.utf8_lower(raw.cast(pa.string()))
    place = pc.index_in(text, pa.array(list(_FLAGS)))
    values = pa.array(list(_FLAGS.values()), pa.int8()).take(place)
    return Converted(values, _true(pc.and_(raw.is_valid(), values.is_null())))


def _time(raw: pa.Array) -> Converted:
    if pa.types.is_string(raw.type):
        return _text_time(raw)
    if pa.types.is_date(raw.type):
        days = raw.cast(pa.date32()).cast(pa.int32())
        return _local(pc.multiply(days.cast(pa.int64()), DAY))
    stamped = raw.cast(pa.timestamp("us", tz=raw.type.tz), safe=False)
    instants = stamped.cast(pa.int64())
    return Converted(instants, _none(raw)) if raw.type.tz else _local(instants)


def _local(walls: pa.Array) -> Converted:
    """Instants of wall-clock times; one outside the years a calendar has cannot be read."""
    valid = walls.is_valid().to_numpy(zero_copy_only=False)
    numbers = pc.fill_null(walls, 0).to_numpy()
    wrong = valid & ((numbers < _FIRST) | (numbers >= _LAST))
    usable = np.where(wrong, 0, numbers)
    return Converted(pa.array(instants_of(usable), mask=~valid | wrong), wrong)


_FIRST: Final = int(np.datetime64("1800-01-01", "us").astype(np.int64))
_LAST: Final = int(np.datetime64("2200-01-01", "us").astype(np.int64))


def _text_time(raw: pa.Array) -> Converted:
    try:
        return _local(raw.cast(pa.timestamp("us")).cast(pa.int64()))
    except pa.ArrowInvalid:
        return _mixed_time(raw)


def _mixed_time(raw: pa.Array) -> Converted:
    """Some values have an offset, or are no time: read each kind by itself."""
    short = pc.replace_substring_regex(raw, r"([.]\d{6})\d+", r"\1")
    wrong = _true(pc.invert(pc.match_substring_regex(short, _ISO)))
    with_offset = _true(pc.match_substring_regex(short, _OFFSET))
    aware, aware_wrong = _cast_or_mark(_without(short, wrong | ~with_offset), pa.timestamp("us", tz="UTC"))
    walls, walls_wrong = _cast_or_mark(_without(short, wrong | with_offset), pa.timestamp("us"))
    local = _local(walls)
    return Converted(pc.coalesce(aware, local.values), wrong | aware_wrong | walls_wrong | local.wrong)


def _cast_or_mark(text: pa.Array, stamp: pa.TimestampType) -> tuple[pa.Array, NDArray[np.bool_]]:
    """Cast what looks like a time; a day no month has (31 February) is found one value at a time."""
    try:
        return text.cast(stamp).cast(pa.int64()), _none(text)
    except pa.ArrowInvalid:
        wrong = np.array([not _casts(value, stamp) for value in text], dtype=np.bool_)
        return _without(text, wrong).cast(stamp).cast(pa.int64()), wrong


def _casts(value: pa.Scalar, stamp: pa.TimestampType) -> bool:
    try:
        value.cast(stamp)
    except pa.ArrowInvalid:
        return False
    return True


def _without(raw: pa.Array, wrong: NDArray[np.bool_]) -> pa.Array:
    return pc.if_else(pa.array(wrong), pa.scalar(None, raw.type), raw)


def _true(mask: pa.Array) -> NDArray[np.bool_]:
    return pc.fill_null(mask, fill_value=False).to_numpy(zero_copy_only=False)


_CONVERTERS: Final[Mapping[Kind, Callable[[pa.Array], Converted]]] = {
    "id": _text,
    "citizen": _text,
    "text": _text,
    "number": _number,
    "time": _time,
    "flag": _flag,
}
