"""Which of the found terms stand: longer ones shadow the shorter ones inside them. Knows nothing of context."""

from collections.abc import Sequence

from models.notes.senses import CUES, CueSense, FalseFriend, MeasureSense, Sense, TermSense
from models.notes.trie import Found

_LONGEST_TERM = 64
"""No term reaches further than this many places, so a note takes time in proportion to its length."""


def standing(found: Sequence[Found[Sense]]) -> list[Found[Sense]]:
    """The found terms that are not part of a longer one, one of a concept where several meet; false friends too.

    `found` is in order of first words, as the trie gives it; so is the answer.
    """
    kept: list[Found[Sense]] = []
    for group in _meeting(found):
        kept += group if len(group) == 1 else _settled(group)
    return kept


def _meeting(found: Sequence[Found[Sense]]) -> list[list[Found[Sense]]]:
    """The found terms in groups whose stretches of text meet; terms of different groups share no word."""
    groups: list[list[Found[Sense]]] = []
    group_end = 0
    for one in found:
        if one.start < group_end:
            groups[-1].append(one)
        else:
            groups.append([one])
        group_end = max(group_end, one.end)
    return groups


def _settled(group: list[Found[Sense]]) -> list[Found[Sense]]:
    kept = [one for place, one in enumerate(group) if not _is_shadowed(place, one, group)]
    concepts = [one.sense.concept.id for one in kept if isinstance(one.sense, TermSense)]
    return kept if len(set(concepts)) == len(concepts) else _one_of_each_concept(kept)


def _is_shadowed(place: int, one: Found[Sense], group: Sequence[Found[Sense]]) -> bool:
    """Whether another of the group takes the words of `one`; only those that begin no later can."""
    after = place + 1
    while after < len(group) and group[after].start == one.start:
        if _shadows(group[after], one):
            return True
        after += 1
    before = place - 1
    while before >= 0 and group[before].start >= one.start - _LONGEST_TERM:
        if _shadows(group[before], one):
            return True
        before -= 1
    return False


def _shadows(other: Found[Sense], one: Found[Sense]) -> bool:
    if one.words == 1 and other.number == one.start and not isinstance(other.sense, CueSense):
        return other is not one  # "puls 112" calls no ambulance
    words = one.words << one.start - other.start
    if words & other.words != words:
        return False
    return _outranks(other.sense, one.sense, equally_long=words == other.words)


def _outranks(other: Sense, one: Sense, *, equally_long: bool) -> bool:
    """Whether `other` takes words that are `one`'s too.

    A false friend takes all. A number with a name takes only cues ("feber 38,6" is still "feber"), so does a longer
    cue, and a person nothing. A concept takes cues and persons, and other concepts only when it is the longer.
    """
    if isinstance(other, FalseFriend):
        return not isinstance(one, FalseFriend)
    if isinstance(other, TermSense):
        if isinstance(one, TermSense):
            return not equally_long and (not one.concept.beside_others or one.concept == other.concept)
        return isinstance(one, CUES) or (isinstance(one, FalseFriend) and not equally_long)
    if isinstance(other, MeasureSense):
        return isinstance(one, CueSense)
    return isinstance(other, CueSense) and isinstance(one, CueSense) and not equally_long


def _one_of_each_concept(found: Sequence[Found[Sense]]) -> list[Found[Sense]]:
    """Where terms of the same concept share a word, the one with most words, then the earlier."""
    taken: dict[str, int] = {}
    kept: list[Found[Sense]] = []
    first = found[0].start
    for one in sorted(found, key=lambda one: (-one.words.bit_count(), one.start)):
        if isinstance(one.sense, TermSense):
            words = one.words << one.start - first
            if taken.get(one.sense.concept.id, 0) & words:
                continue
            taken[one.sense.concept.id] = taken.get(one.sense.concept.id, 0) | words
        kept.append(one)
    return sorted(kept, key=lambda one: one.start)
