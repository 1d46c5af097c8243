"""What a note says about one concept, and how it says it. Types only; reading is `models.notes.reader`."""

from enum import StrEnum
from typing import NamedTuple


class Polarity(StrEnum):
    """Whether the finding is there; ABSENT also when the function one may expect is intact ("spiser godt")."""

    PRESENT = "present"
    ABSENT = "absent"


class Certainty(StrEnum):
    """Whether the writer was sure ("obs uvi" and "virker" are not)."""

    CERTAIN = "certain"
    UNCERTAIN = "uncertain"


class Subject(StrEnum):
    """Whom it is about: the citizen, or somebody else ("datter har feber")."""

    CITIZEN = "citizen"
    OTHER = "other"


class Time(StrEnum):
    """When it holds: now (the last days), history ("tidligere apopleksi"), or a plan or condition ("skal", "hvis")."""

    CURRENT = "current"
    PAST = "past"
    PLANNED = "planned"


class Change(StrEnum):
    """How it stands against what is usual for the citizen; WORSE also when it is new."""

    NONE = "none"
    WORSE = "worse"
    BETTER = "better"
    BASELINE = "baseline"


class Mention(NamedTuple):
    """One concept found in a note; the spans count characters of the original text, ends exclusive."""

    concept: str
    polarity: Polarity
    certainty: Certainty
    subject: Subject
    time: Time
    change: Change
    value: float | None
    start: int
    end: int
    sentence_start: int
    sentence_end: int
