"""Terms as one trie of word ids, and the search for all of them in a row of ids. Knows no grammar and no note."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from models.notes.terms import COORDINATION, GAP

Sense = TypeVar("Sense")

_FILLERS_BETWEEN = 4
_WORDS_IN_GAP = 2
_LONGEST_GAP = 7
"""Places looked ahead at most: a gap with its fillers, or a coordination and the fillers after it."""


class Found(NamedTuple, Generic[Sense]):
    """One term found.

    `start` is the place of its first word, `words` the places of its own words as bits counted from there (gaps and
    fillers are not its own), `number` the place of its number, -1 where it has none.
    """

    sense: Sense
    start: int
    words: int
    number: int

    @property
    def end(self) -> int:
        """Place after its last word."""
        return self.start + self.words.bit_length()


@dataclass(slots=True)
class _Node(Generic[Sense]):
    children: "dict[int, _Node[Sense]]" = field(default_factory=dict)
    gap: "_Node[Sense] | None" = None
    coordination: "_Node[Sense] | None" = None
    senses: list[Sense] = field(default_factory=list)
    onward: frozenset[int] = frozenset()
    """Of a first word: the ids one of which must be near for a longer term to be there."""


@dataclass(frozen=True, slots=True)
class Between:
    """Which ids may stand between the words of a term (`fillers`), which end a gap, which join two words."""

    fillers: frozenset[int]
    gap_stops: frozenset[int]
    joiners: frozenset[int]


class Trie(Generic[Sense]):
    """All terms; `add` them, then `search` any number of rows. Searching changes nothing."""

    def __init__(self, between: Between, number: int, also_numbers: frozenset[int]) -> None:
        self._root: _Node[Sense] = _Node()
        self._between = between
        self._number = number
        self._also_numbers = also_numbers

    def add(self, row: Sequence[str | tuple[int, ...]], sense: Sense) -> None:
        """Adds one term: each step a gap, a coordination, or the ids one of which must stand there."""
        nodes = [self._root]
        for step in row:
            nodes = [child for node in nodes for child in _children(node, step)]
        for node in nodes:
            if sense not in node.senses:
                node.senses.append(sense)

    def settle(self) -> None:
        """Works out how terms can go on after their first word; called once, after the last `add`."""
        for first in self._root.children.values():
            onward = set(first.children)
            for other in (first.gap, first.coordination):
                onward.update(other.children if other is not None else ())
            first.onward = frozenset(onward | self._also_numbers if self._number in onward else onward)

    def search(self, ids: Sequence[int]) -> list[Found[Sense]]:
        """Every term in the row, in order of its first word; shorter ones inside longer ones included."""
        found: list[Found[Sense]] = []
        first_words = self._root.children
        for place, word in enumerate(ids):
            if word in first_words:
                first = first_words[word]
                ahead = ids[place + 1 : place + 1 + _LONGEST_GAP]
                if not first.onward.isdisjoint(ahead):  # most beginnings lead nowhere
                    self._search_from(ids, place, first, found)
                elif first.senses:
                    found += [Found(sense, place, 1, -1) for sense in first.senses]
        return found

    def _search_from(self, ids: Sequence[int], place: int, first: _Node[Sense], found: list[Found[Sense]]) -> None:
        """Follows every term that begins at `place`; what lies ahead is looked at as a whole before word by word."""
        waiting: list[_Path[Sense]] = [(first, 1, place if ids[place] == self._number else -1)]
        for node, words, number in waiting:
            if node.senses:
                found += [Found(sense, place, words, number) for sense in node.senses]
            after = place + words.bit_length()
            ahead = ids[after : after + _LONGEST_GAP]
            if not (node.children.keys().isdisjoint(ahead) and self._number not in node.children):
                self._follow(node, self._past_fillers(ids, after), ids, (place, words, number), waiting)
            if node.gap is not None and not (
                node.gap.children.keys().isdisjoint(ahead) and self._number not in node.gap.children
            ):
                self._follow(node.gap, self._across_gap(ids, after), ids, (place, words, number), waiting)
            if node.coordination is not None:
                behind = self._across_coordination(ids, after)
                self._follow(node.coordination, behind, ids, (place, words, number), waiting)

    def _follow(
        self,
        node: _Node[Sense],
        places: Iterator[int],
        ids: Sequence[int],
        path: tuple[int, int, int],
        waiting: "list[_Path[Sense]]",
    ) -> None:
        """Takes the next word of a term wherever among `places` it stands; a number also as just a number."""
        place, words, number = path
        for later in places:
            word = ids[later]
            child = node.children.get(word)
            if child is not None:
                waiting.append((child, words | 1 << later - place, later if word == self._number else number))
            if word in self._also_numbers and self._number in node.children:
                waiting.append((node.children[self._number], words | 1 << later - place, later))

    def _past_fillers(self, ids: Sequence[int], after: int) -> Iterator[int]:
        """The place `after`, and those behind it with only fillers between."""
        for later in range(after, min(after + _FILLERS_BETWEEN + 1, len(ids))):
            yield later
            if ids[later] not in self._between.fillers:
                return

    def _across_gap(self, ids: Sequence[int], after: int) -> Iterator[int]:
        """The places a gap beginning at `after` may lead to."""
        room = _WORDS_IN_GAP
        for later in range(after, min(after + _LONGEST_GAP, len(ids))):
            yield later
            word = ids[later]
            if word in self._between.gap_stops:
                return
            if word not in self._between.fillers:
                room -= 1
                if room < 0:
                    return

    def _across_coordination(self, ids: Sequence[int], after: int) -> Iterator[int]:
        """The places behind a coordination at `after`: two words of which one joins ("og drikker", "drukket eller")."""
        if sum(word in self._between.joiners for word in ids[after : after + 2]) != 1:
            return
        yield from self._past_fillers(ids, after + 2)


_Path = tuple[_Node[Sense], int, int]


def _children(node: _Node[Sense], step: str | tuple[int, ...]) -> list[_Node[Sense]]:
    """The nodes one step further, made where they are not yet there."""
    if step == GAP:
        node.gap = node.gap or _Node()
        return [node.gap]
    if step == COORDINATION:
        node.coordination = node.coordination or _Node()
        return [node.coordination]
    return [node.children.setdefault(word, _Node()) for word in step if isinstance(word, int)]
