"""The lexicon as checked data: what the reader looks for. Loads and validates the TOML; does not read notes.

The format is explained at the head of `lexicon.toml`; the concepts are those of the home-care domain
(appetite_low ... contact_doctor_acute), words that tell the outcome, and measured numbers.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from models.errors import FileRefused

READER_VERSION = "1"
"""Raised when the reader itself would read the same lexicon differently, so that notes are read again."""

PACKAGED = Path(__file__).with_name("lexicon.toml")

TermKind = Literal["present", "absent", "usual", "improved", "worse", "planned", "when_planned"]
TERM_KINDS: tuple[TermKind, ...] = get_args(TermKind)

CueKind = Literal[
    "negation", "negation_after", "uncertain", "past", "past_anywhere", "now", "plan", "plan_after", "condition",
    "condition_after_request", "worse", "worse_after", "better", "better_after", "baseline", "baseline_after",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing a note can mention, with its phrases for a nurse.

    `code` is set for measured numbers (NPU or MedCom); `outcome` marks words that tell the outcome, which are
    found only to be masked.
    """

    id: str
    danish_phrase: str
    english_phrase: str
    group: str
    outcome: bool = False
    about_any: bool = False
    action: bool = False
    beside_others: bool = False
    code: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number with a name: what it can be at all (`low` to `high`), and the finding it speaks for or against."""

    id: str
    terms: tuple[str, ...]
    low: float
    high: float
    finding: str
    normal: tuple[float, float]
    second: str
    mentioned: bool


@dataclass(frozen=True, slots=True)
class Scope:
    """The closed word lists by which sentences, clauses and reach are found; each is explained in the TOML."""

    fillers: tuple[str, ...]
    after_fillers: tuple[str, ...]
    gap_stops: tuple[str, ...]
    enders: tuple[str, ...]
    commas: tuple[str, ...]
    joiners: tuple[str, ...]
    list_closers: tuple[str, ...]
    negation_closers: tuple[str, ...]
    breakers: tuple[str, ...]
    verbs: tuple[str, ...]
    abbreviations: tuple[str, ...]
    before_subject: tuple[str, ...]
    reports: tuple[str, ...]
    subject_returns: tuple[str, ...]
    requests: tuple[str, ...]
    flag_marks: tuple[str, ...]
    flags: tuple[str, ...]
    joinable: tuple[str, ...]
    not_slips: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything the reader looks for; `hash` changes whenever a note could be read differently."""

    hash: str
    concepts: Mapping[str, Concept]
    terms: Mapping[str, Mapping[TermKind, tuple[str, ...]]]
    measures: tuple[Measure, ...]
    words: Mapping[str, tuple[str, ...]]
    cues: Mapping[CueKind, tuple[str, ...]]
    false_friends: tuple[str, ...]
    scope: Scope


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _ConceptEntry(_Entry):
    id: str
    danish: str
    english: str
    group: str
    outcome: bool = False
    about_any: bool = False
    action: bool = False
    beside_others: bool = False
    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    usual: tuple[str, ...] = ()
    improved: tuple[str, ...] = ()
    worse: tuple[str, ...] = ()
    planned: tuple[str, ...] = ()
    when_planned: tuple[str, ...] = ()

    def concept(self) -> Concept:
        return Concept(
            self.id,
            self.danish,
            self.english,
            self.group,
            self.outcome,
            self.about_any,
            self.action,
            self.beside_others,
        )

    def terms(self) -> dict[TermKind, tuple[str, ...]]:
        return {kind: getattr(self, kind) for kind in TERM_KINDS}


class _MeasureEntry(_Entry):
    id: str
    danish: str
    english: str
    terms: tuple[str, ...]
    low: float
    high: float
    code: str = ""
    finding: str = ""
    normal: tuple[float, float] = (0, 0)
    second: str = ""

    def concept(self) -> Concept:
        return Concept(self.id, self.danish, self.english, "measured", code=self.code)

    def measure(self) -> Measure:
        return Measure(
            self.id, self.terms, self.low, self.high, self.finding, self.normal, self.second, bool(self.code)
        )


class _LexiconFile(_Entry):
    false_friends: tuple[str, ...]
    words: dict[str, tuple[str, ...]]
    scope: Scope
    cues: dict[CueKind, tuple[str, ...]]
    measure: tuple[_MeasureEntry, ...]
    concept: tuple[_ConceptEntry, ...]


def load_lexicon(path: Path | None = None) -> Lexicon:
    """The lexicon of `path`, or the packaged one.

    Raises `FileRefused` when the file is missing, is no TOML, or does not have the form of a lexicon.
    """
    file = path or PACKAGED
    try:
        content = file.read_bytes()
        entries = _LexiconFile.model_validate(tomllib.loads(content.decode()))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as wrong:
        remedy = "Compare it with the packaged lexicon.toml, whose head explains the form."
        raise FileRefused(file.name, f"cannot be read as a lexicon: {_reason(wrong)}.", remedy) from wrong
    return _lexicon(entries, hashlib.sha256(READER_VERSION.encode() + b"\n" + content).hexdigest())


def _reason(wrong: Exception) -> str:
    if isinstance(wrong, ValidationError):
        places = [".".join(map(str, error["loc"])) for error in wrong.errors()]
        return f"wrong or missing: {', '.join(places)}"
    return type(wrong).__name__


def _lexicon(entries: _LexiconFile, digest: str) -> Lexicon:
    concepts = [entry.concept() for entry in entries.concept]
    measured = [entry.concept() for entry in entries.measure if entry.code]
    return Lexicon(
        hash=digest,
        concepts={concept.id: concept for concept in concepts + measured},
        terms={entry.id: entry.terms() for entry in entries.concept},
        measures=tuple(entry.measure() for entry in entries.measure),
        words=entries.words,
        cues=entries.cues,
        false_friends=entries.false_friends,
        scope=entries.scope,
    )


@cache
def packaged_lexicon() -> Lexicon:
    """The packaged lexicon, read once for the life of the process."""
    return load_lexicon()
