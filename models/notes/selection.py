"""Which of the found terms stand: longer ones shadow the shorter ones inside them. Knows nothing of context."""

from collections.abc import Iterable, Iterator, Sequence

from models.notes.senses import CueSense, FalseFriend, MeasureSense, PersonSense, Sense, TermSense
from models.notes.trie import Found


def standing(found: Sequence[Found[Sense]]) -> list[Found[Sense]]:
    """The found terms that are not part of a longer one, false friends taken out, one of a concept where several meet.

    `found` is in order of first words, as the trie gives it; so is the answer.
    """
    kept: list[Found[Sense]] = []
    for group in _meeting(found):
        kept += group if len(group) == 1 else _settled(group)
    return [one for one in kept if not isinstance(one.sense, FalseFriend)]


def _meeting(found: Sequence[Found[Sense]]) -> Iterator[list[Found[Sense]]]:
    """The found terms in groups whose stretches of text meet; terms of different groups share no word."""
    group: list[Found[Sense]] = []
    group_end = 0
    for one in found:
        if group and one.places[0] > group_end:
            yield group
            group = []
        group.append(one)
        group_end = max(group_end, one.places[-1])
    if group:
        yield group


def _settled(group: Sequence[Found[Sense]]) -> list[Found[Sense]]:
    at_place: dict[int, list[Found[Sense]]] = {}
    for one in group:
        for place in one.places:
            at_place.setdefault(place, []).append(one)
    return _one_of_each_concept(one for one in group if not _is_shadowed(one, at_place[one.places[0]]))


def _is_shadowed(one: Found[Sense], others: Iterable[Found[Sense]]) -> bool:
    return any(other is not one and _shadows(other, one) for other in others)


def _shadows(other: Found[Sense], one: Found[Sense]) -> bool:
    """Whether `other` takes the words of `one`.

    A number with a name takes only cues ("feber 38,6" is still "feber"), a cue only cues, a false friend all.
    """
    if isinstance(other.sense, PersonSense):
        return False
    if isinstance(other.sense, CueSense | MeasureSense) and not isinstance(one.sense, CueSense):
        return False
    if isinstance(one.sense, TermSense) and one.sense.concept.beside_others and isinstance(other.sense, TermSense):
        return other.sense.concept == one.sense.concept and set(one.places) < set(other.places)
    if len(other.places) > len(one.places):
        return set(one.places) < set(other.places)
    wins_ties = isinstance(other.sense, FalseFriend | TermSense | MeasureSense) and isinstance(
        one.sense, CueSense | PersonSense
    )
    false_friend = isinstance(other.sense, FalseFriend) and not isinstance(one.sense, FalseFriend)
    return (wins_ties or false_friend) and one.places == other.places


def _one_of_each_concept(found: Iterable[Found[Sense]]) -> list[Found[Sense]]:
    """Where terms of the same concept share a word, the one with most words, then the earlier."""
    taken: set[tuple[str, int]] = set()
    kept: list[Found[Sense]] = []
    for one in sorted(found, key=lambda one: (-len(one.places), one.start)):
        if isinstance(one.sense, TermSense):
            claim = {(one.sense.concept.id, place) for place in one.places}
            if not taken.isdisjoint(claim):
                continue
            taken |= claim
        kept.append(one)
    return sorted(kept, key=lambda one: one.start)
