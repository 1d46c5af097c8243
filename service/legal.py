"""The legal switch: for which purpose the municipality may use the data, on what basis, and from when to when.

Development may rest on other law than operation, so the purposes are switched one by one, each with its basis and the
document it stands in (field 6). Nothing is taken back from the record: a later entry of a purpose takes an earlier
one's place. No clock here: the day is whoever asks's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from models.errors import NotAllowed, RequestWrong


class NoLegalBasis(NotAllowed):
    """The switch is off: no basis is in force for the purpose that what was asked for needs."""

    @classmethod
    def of(cls, purpose: "Purpose", because: str = "") -> "NoLegalBasis":
        """Says which purpose lacks its basis, and which command puts one on record."""
        told = f"No legal basis for the purpose '{purpose.value}' is in force today. {because}".strip()
        return cls(told, f"Put it on record: omhu legal set {purpose.value} --basis … --document … --from …")


class Purpose(StrEnum):
    """What the data may be used for."""

    TRAIN = "train"  # build and evaluate models
    SILENT = "silent"  # compute lists that nobody sees, to be evaluated
    OPERATE = "operate"  # show lists to nurses


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """One entry of the switch: in force from `valid_from` to `valid_to`, both days included (None: until changed)."""

    purpose: Purpose
    basis: str
    document: str
    valid_from: date
    valid_to: date | None
    set_by: str
    set_at: datetime

    def __post_init__(self) -> None:
        """Refuse an entry that says nothing, or that ends before it begins."""
        if not self.basis.strip() or not self.document.strip():
            raise RequestWrong("A legal basis needs its words and its document.", "Give --basis and --document.")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise RequestWrong(f"It would end on {self.valid_to}, before it begins.", "Give a later --to.")

    def holds_on(self, day: date) -> bool:
        """Whether the day lies within it."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def in_force(entries: Iterable[LegalBasis], purpose: Purpose, day: date) -> LegalBasis | None:
    """The basis of a purpose on a day: the entry set last of those begun by then, if the day still lies within it.

    `entries` in the order they were set, by which two of the same instant are told apart.
    """
    begun = [entry for entry in entries if entry.purpose is purpose and entry.valid_from <= day]
    last = max(reversed(begun), key=lambda entry: entry.set_at, default=None)
    return last if last and last.holds_on(day) else None


def require(entries: Iterable[LegalBasis], purpose: Purpose, day: date) -> LegalBasis:
    """The basis of a purpose on a day; raises `NoLegalBasis` when there is none."""
    found = in_force(entries, purpose, day)
    if found is None:
        raise NoLegalBasis.of(purpose)
    return found


def list_purpose(entries: Iterable[LegalBasis], day: date) -> Purpose:
    """What a list made on this day is for: `OPERATE`, or else `SILENT`; raises `NoLegalBasis` when neither holds."""
    known = tuple(entries)
    if in_force(known, Purpose.OPERATE, day):
        return Purpose.OPERATE
    if in_force(known, Purpose.SILENT, day):
        return Purpose.SILENT
    raise NoLegalBasis.of(Purpose.OPERATE, "Nor is there one for 'silent', so no list is computed.")
