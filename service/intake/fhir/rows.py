"""Rows on their way to a table of the drop, and what was counted beside them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from service.intake.report import ResourceReport


@dataclass(frozen=True, slots=True)
class Row:
    """A row of one table of the drop, each value as a text; what is not told is not there.

    `sent_at` is not the drop's: it is when a message was made, before which nobody here could know it.
    """

    table: str
    values: Mapping[str, str | None]


@dataclass(slots=True)
class Resources:
    """Resources counted by type: how many were read, and how many of them had no meaning here."""

    read: Counter[str] = field(default_factory=Counter[str])
    left_out: Counter[str] = field(default_factory=Counter[str])

    def count(self, kind: str, *, taken: bool) -> None:
        """Count one resource."""
        self.read[kind] += 1
        if not taken:
            self.left_out[kind] += 1

    def add(self, other: "Resources") -> None:
        """Count what another counted."""
        self.read += other.read
        self.left_out += other.left_out

    def report(self) -> dict[str, ResourceReport]:
        """The counts as they are told, by type."""
        return {
            kind: ResourceReport(read=count, left_out=self.left_out[kind]) for kind, count in sorted(self.read.items())
        }
