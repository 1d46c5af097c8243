"""Terms as one trie of word ids, and the search for all of them in a row of ids. Knows no grammar and no note."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from models.notes.terms import COORDINATION, GAP

Sense = TypeVar("Sense")

_FILLERS_BETWEEN = 4
_WORDS_IN_GAP = 2
_LONGEST_GAP = 6


class Found(NamedTuple, Generic[Sense]):
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
        self._numbers = also_numbers | {number}

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
        """Follows every term that begins at `place`. Written in one piece: most of a note's time is spent here."""
        fillers, number_id, size = self._between.fillers, self._number, len(ids)
        waiting: list[_Path[Sense]] = [(first, (place,), place if ids[place] == number_id else -1)]
        while waiting:
            node, places, number = waiting.pop()
            for sense in node.senses:
                found.append(Found(sense, places, number))
            after = places[-1] + 1
            if node.children:
                children = node.children
                for later in range(after, min(after + _FILLERS_BETWEEN + 1, size)):
                    word = ids[later]
                    if word in children:
                        number_place = later if word == number_id else number
                        waiting.append((children[word], (*places, later), number_place))
                    if word in self._also_numbers and number_id in children:
                        waiting.append((children[number_id], (*places, later), later))
                    if word not in fillers:
                        break
            if node.gap is not None:
                self._cross_gap(ids, node.gap, (places, number), waiting)
            if node.coordination is not None and self._is_coordination(ids, after):
                self._cross_coordination(ids, node.coordination, (places, number), waiting)

    def _cross_gap(
        self, ids: Sequence[int], gap: _Node[Sense], path: "_Way", waiting: "list[_Path[Sense]]"
    ) -> None:
        """Takes the word behind a gap, wherever within the gap's width it stands."""
        places, number = path
        for later in self._across_gap(ids, places[-1] + 1):
            child = gap.children.get(ids[later])
            if child is not None and ids[later] != self._number:
                waiting.append((child, (*places, later), number))
            if ids[later] in self._numbers and self._number in gap.children:
                waiting.append((gap.children[self._number], (*places, later), later))

    def _cross_coordination(
        self, ids: Sequence[int], node: _Node[Sense], path: "_Way", waiting: "list[_Path[Sense]]"
    ) -> None:
        """Takes the word behind a coordination, or behind fillers after it."""
        places, number = path
        behind = places[-1] + 3
        for later in range(behind, min(behind + _FILLERS_BETWEEN + 1, len(ids))):
            child = node.children.get(ids[later])
            if child is not None:
                waiting.append((child, (*places, later), number))
            if ids[later] not in self._between.fillers:
                return

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


_Way = tuple[tuple[int, ...], int]
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
