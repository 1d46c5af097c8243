"""What a found term can stand for: a concept in some sense, a measured number, a cue, a person, or nothing.

Senses are compared by identity: one is made for each term kind of a concept, each measure and each kind of cue.
"""

from dataclasses import dataclass

from models.notes.lexicon import Concept, CueKind, Measure, TermKind
from models.notes.mention import Change, Polarity, Time

_POLARITY: dict[TermKind, Polarity] = {
    "absent": Polarity.ABSENT,
    "usual": Polarity.ABSENT,
    "improved": Polarity.ABSENT,
}
_CHANGE: dict[TermKind, Change] = {
    "usual": Change.BASELINE,
    "improved": Change.BETTER,
    "worse": Change.WORSE,
}


@dataclass(frozen=True, slots=True, eq=False)
class TermSense:
    """A concept, as its terms of one kind state it.

    `denies`: the term holds a "not" of its own ("spiser ikke"), so a "not" before it is not about it.
    """

    concept: Concept
    kind: TermKind
    denies: bool

    @property
    def polarity(self) -> Polarity:
        """What the term says where no cue turns it round."""
        return _POLARITY.get(self.kind, Polarity.PRESENT)

    @property
    def change(self) -> Change:
        """The change the term itself tells."""
        return _CHANGE.get(self.kind, Change.NONE)

    @property
    def time(self) -> Time:
        """The time the term itself tells."""
        return Time.PLANNED if self.kind == "planned" else Time.CURRENT


@dataclass(frozen=True, slots=True, eq=False)
class MeasureSense:
    """A number with a name, and what it is called when it is a finding ("tp 38,4" is fever)."""

    measure: Measure


@dataclass(frozen=True, slots=True, eq=False)
class CueSense:
    """Words that change what others mean."""

    kind: CueKind


@dataclass(frozen=True, slots=True, eq=False)
class PersonSense:
    """Somebody who is not the citizen."""


@dataclass(frozen=True, slots=True, eq=False)
class FalseFriend:
    """Words that only look like a concept or a cue."""


Sense = TermSense | MeasureSense | CueSense | PersonSense | FalseFriend

# As tuples, for `isinstance` would make a union type anew at every call, which costs more than all it asks.
SPOKEN = (TermSense, MeasureSense)
CUES = (CueSense, PersonSense)
