"""Reading single values: times, numbers, flags, CPR numbers, hashes."""

from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import FileRefused
from models.windows import instant
from service.intake.cpr import CprFacts, read_cpr
from service.intake.hashing import Sieve, row_hashes, text_keys
from service.intake.schema import Column, Kind
from service.intake.times import instants_of
from service.intake.values import convert


def read(kind: Kind, values: pa.Array) -> tuple[list[object], list[bool]]:
    converted = convert("file.csv", Column("column", kind), values)
    return converted.values.to_pylist(), converted.wrong.tolist()


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2025-01-10T08:00:00", "2025-01-10T07:00:00"),
        ("2025-07-10 08:00", "2025-07-10T06:00:00"),
        ("2025-07-10T08:00:00Z", "2025-07-10T08:00:00"),
        ("2025-07-10T08:00:00.123456789+05:30", "2025-07-10T02:30:00.123456"),
        ("2025-07-10", "2025-07-09T22:00:00"),
        ("2024-10-27T02:30:00", "2024-10-27T00:30:00"),
        ("2024-03-31T02:30:00", "2024-03-31T01:30:00"),
    ],
)
def test_a_time_without_offset_is_danish_and_one_with_offset_as_written(text: str, utc: str) -> None:
    expected = instant(datetime.fromisoformat(utc).replace(tzinfo=UTC))
    # Beside a value of the other kind it is read the slow way, and must come out the same.
    assert read("time", pa.array([text]))[0] == [expected]
    assert read("time", pa.array([text, "nonsense"])) == ([expected, None], [False, True])


@pytest.mark.parametrize("text", ["2025-02-30T10:00:00", "10-01-2025", "2025-01-10T25:00:00", "1736496000", "i går"])
def test_what_is_no_time_is_marked(text: str) -> None:
    assert read("time", pa.array([text, None, ""])) == ([None, None, None], [True, False, False])


def test_dates_and_timestamps_of_parquet_are_read_alike() -> None:
    day = pa.array([date(2025, 1, 10)])
    naive = pa.array([datetime(2025, 1, 10)], pa.timestamp("ns"))
    aware = pa.array([datetime(2025, 1, 9, 23, tzinfo=UTC)], pa.timestamp("ms", tz="UTC"))
    assert read("time", day) == read("time", naive) == read("time", aware)


@given(st.lists(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), max_size=30))
def test_many_local_times_are_read_as_one_is(moments: list[datetime]) -> None:
    walls = np.array(moments, dtype="datetime64[us]").astype(np.int64)
    assert instants_of(walls).tolist() == [instant(moment) for moment in moments]


def test_numbers_are_read_and_a_danish_comma_is_not_guessed_at() -> None:
    texts = pa.array(["1", "-2.5", "1e3", "36,5", "NaN", " 1", None])
    values, wrong = read("number", texts)
    assert values[:4] == [1.0, -2.5, 1000.0, None]
    assert wrong == [False, False, False, True, False, True, False]


def test_the_sign_of_zero_is_forgotten() -> None:
    assert str(read("number", pa.array([-0.0]))[0]) == "[0.0]"


def test_flags_are_read_from_what_exports_write() -> None:
    assert read("flag", pa.array(["true", "False", "1", "0", "maybe", None])) == (
        [1, 0, 1, 0, None, None],
        [False, False, False, False, True, False],
    )
    assert read("flag", pa.array([True, None]))[0] == [1, None]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("citizen", pa.array([102401234])),
        ("citizen", pa.array([102401234.0])),
        ("time", pa.array([1736496000])),
        ("number", pa.array([[1.0]])),
        ("id", pa.array([1.5])),
    ],
)
def test_a_column_of_a_type_that_cannot_hold_its_values_refuses_the_file(kind: Kind, values: pa.Array) -> None:
    with pytest.raises(FileRefused, match="column is"):
        read(kind, values)


def test_dictionaries_and_large_strings_are_text_too() -> None:
    assert read("text", pa.array(["a", "", None]).dictionary_encode())[0] == ["a", None, None]
    assert read("text", pa.array(["a"], pa.large_string()))[0] == ["a"]
    assert read("id", pa.array([17]))[0] == ["17"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2509479989", CprFacts(date(1947, 9, 25), "male")),
        ("0108589995", CprFacts(date(1958, 8, 1), "male")),
        ("010203-4004", CprFacts(date(2003, 2, 1), "female")),
        ("0102585006", CprFacts(date(1858, 2, 1), "female")),
        ("0102575006", CprFacts(date(2057, 2, 1), "female")),
        ("0102401AB4", CprFacts(date(1940, 2, 1), "female")),
        ("3002401234", None),
        ("B04000000", None),
    ],
)
def test_a_cpr_number_tells_birth_and_sex(text: str, expected: CprFacts | None) -> None:
    assert read_cpr(text) == expected


def test_hashes_are_what_they_were_when_they_were_stored() -> None:
    assert text_keys(pa.array(["v1", None, ""])).tolist() == [
        4323979458926155872,
        -7046029254386353131,
        -780787492076525413,
    ]
    columns = [pa.array(["a", "a"]), pa.array([1.5, None]), pa.array([1, 1], pa.int8())]
    assert row_hashes(columns).tolist() == [3655875821247535404, -3643710058794623566]


def test_a_slice_of_texts_hashes_as_the_texts_do() -> None:
    texts = pa.array(["a", "bb", None, "ccc"])
    assert text_keys(texts.slice(1, 3)).tolist() == text_keys(texts).tolist()[1:]


def test_a_sieve_never_misses_what_it_has_seen() -> None:
    sieve = Sieve(bits=16)
    keys = np.random.default_rng(1).integers(-(2**63), 2**63 - 1, 1000)
    assert sieve.seen(keys).mean() < 0.05
    assert sieve.seen(keys).all()
