"""Terms as one trie of word ids, and the search for all of them in a row of ids. Knows no grammar and no note."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from models.notes.terms import COORDINATION, GAP

Sense = TypeVar("Sense")

_FILLERS_BETWEEN = 4
_WORDS_IN_GAP = 2
_LONGEST_GAP = 6


@dataclass(frozen=True, slots=True)
class Found(Generic[Sense]):
    """One term found: what it stands for, the places of its own words, and the place of its number (-1: none)."""

    sense: Sense
    places: tuple[int, ...]
    number: int

    @property
    def start(self) -> int:
        """Place of its first word."""
        return self.places[0]

    @property
    def end(self) -> int:
        """Place after its last word."""
        return self.places[-1] + 1


@dataclass(slots=True)
class _Node(Generic[Sense]):
    children: "dict[int, _Node[Sense]]" = field(default_factory=dict)
    gap: "_Node[Sense] | None" = None
    coordination: "_Node[Sense] | None" = None
    senses: list[Sense] = field(default_factory=list)


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

    def starters(self) -> frozenset[int]:
        """The ids a term can begin with."""
        return frozenset(self._root.children)

    def search(self, ids: Sequence[int]) -> list[Found[Sense]]:
        """Every term in the row, in order of its first word; shorter ones inside longer ones included."""
        found: list[Found[Sense]] = []
        first_words = self._root.children
        for place, word in enumerate(ids):
            if word in first_words:
                self._search_from(ids, place, first_words[word], found)
        return found

    def _search_from(
        self, ids: Sequence[int], place: int, first: _Node[Sense], found: list[Found[Sense]]
    ) -> None:
        waiting: list[_Path[Sense]] = [(first, (place,), place if ids[place] == self._number else -1)]
        while waiting:
            path = waiting.pop()
            node, places, number = path
            for sense in node.senses:
                found.append(Found(sense, places, number))
            after = places[-1] + 1
            if node.children:
                self._follow(ids, node, after, path, waiting)
            if node.gap is not None:
                for later in self._across_gap(ids, after):
                    self._take(ids, node.gap, later, path, waiting)
            if node.coordination is not None and self._is_coordination(ids, after):
                self._follow(ids, node.coordination, after + 2, path, waiting)

    def _follow(
        self,
        ids: Sequence[int],
        node: _Node[Sense],
        place: int,
        path: "_Path[Sense]",
        waiting: "list[_Path[Sense]]",
    ) -> None:
        """Takes the next word of a term at `place`, or after a few fillers."""
        for later in range(place, min(place + _FILLERS_BETWEEN + 1, len(ids))):
            self._take(ids, node, later, path, waiting)
            if ids[later] not in self._between.fillers:
                return

    def _take(
        self,
        ids: Sequence[int],
        node: _Node[Sense],
        place: int,
        path: "_Path[Sense]",
        waiting: "list[_Path[Sense]]",
    ) -> None:
        word = ids[place]
        child = node.children.get(word)
        if child is not None:
            waiting.append((child, (*path[1], place), place if word == self._number else path[2]))
        if word in self._also_numbers:
            child = node.children.get(self._number)
            if child is not None:
                waiting.append((child, (*path[1], place), place))

    def _across_gap(self, ids: Sequence[int], place: int) -> Iterator[int]:
        """The places a gap beginning at `place` may lead to."""
        room = _WORDS_IN_GAP
        for later in range(place, min(place + _LONGEST_GAP, len(ids))):
            yield later
            word = ids[later]
            if word in self._between.gap_stops:
                return
            if word not in self._between.fillers:
                room -= 1
                if room < 0:
                    return

    def _is_coordination(self, ids: Sequence[int], place: int) -> bool:
        """Whether two words stand there of which one joins ("og drikker", "drukket eller")."""
        pair = ids[place : place + 2]
        return len(pair) == 2 and sum(word in self._between.joiners for word in pair) == 1


_Path = tuple[_Node[Sense], tuple[int, ...], int]


def _children(node: _Node[Sense], step: str | tuple[int, ...]) -> list[_Node[Sense]]:
    """The nodes one step further, made where they are not yet there."""
    if step == GAP:
        node.gap = node.gap or _Node()
        return [node.gap]
    if step == COORDINATION:
        node.coordination = node.coordination or _Node()
        return [node.coordination]
    return [node.children.setdefault(word, _Node()) for word in step if isinstance(word, int)]
