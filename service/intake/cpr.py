"""What a CPR number tells about birth and sex. Only its form is judged; a modulus-11 control is not demanded.

Numbers without control digit have been given since 2007, and replacement numbers (eCPR) have letters. Sources:
cpr.dk on numbers without modulus 11; the century rule of the CPR office; HL7 Denmark's dk-core for X-eCPR and D-eCPR.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.windows import midnight

_CPR: Final = re.compile(r"(\d{2})(\d{2})(\d{2})-?(\d{4}|[017][A-Z]{2}\d|[56][A-Z]{2}\d)")


@dataclass(frozen=True, slots=True)
class CprFacts:
    """Birth date and sex as the digits say them."""

    birth_date: date
    sex: Literal["female", "male"]


def read_cpr(text: str) -> CprFacts | None:
    """What the number says, or None when the text is no CPR number or its date no day of a calendar.

    >>> read_cpr("2509479989")
    CprFacts(birth_date=datetime.date(1947, 9, 25), sex='male')
    """
    match = _CPR.fullmatch(text)
    if match is None:
        return None
    day, month, year, rest = int(match[1]), int(match[2]), int(match[3]), match[4]
    try:
        born = date(_century(int(rest[0]), year) + year, month, day)
    except ValueError:
        return None
    return CprFacts(born, "male" if int(rest[-1]) % 2 else "female")


def _century(seventh: int, year: int) -> int:
    """The century from the seventh digit: 0-3 the 1900s; 4 and 9 the 2000s to 36; 5-8 the 2000s to 57, then 1800s."""
    if seventh <= 3:
        return 1900
    if seventh in {4, 9}:
        return 2000 if year <= 36 else 1900
    return 2000 if year <= 57 else 1800


def with_birth(columns: dict[str, pa.Array]) -> tuple[dict[str, pa.Array], NDArray[np.bool_]]:
    """The columns of citizens with birth and sex filled in from CPR numbers where nothing was said.

    Second: which rows, shape (n,), still have no birth date.
    """
    born, sex = columns["birth_date"].to_pylist(), columns["sex"].to_pylist()
    for row, citizen_id in enumerate(columns["citizen_id"].to_pylist()):
        said = None if citizen_id is None or None not in (born[row], sex[row]) else read_cpr(citizen_id)
        if said:
            born[row] = midnight(said.birth_date) if born[row] is None else born[row]
            sex[row] = sex[row] or said.sex
    filled = columns | {"birth_date": pa.array(born, pa.int64()), "sex": pa.array(sex, pa.string())}
    return filled, np.array([day is None for day in born], dtype=np.bool_)
