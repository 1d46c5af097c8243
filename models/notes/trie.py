"""Terms as one trie of word ids, and the search for all of them in a row of ids. Knows no grammar and no note."""

from collections.abc import Sequence
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

    It stands from its first word, at `start`, to before `end`; `words` are the places of its own words as bits counted
    from `start` (gaps and fillers are not its own), `number` the place of its number, -1 where it has none.
    """

    sense: Sense
    start: int
    end: int
    words: int
    number: int


@dataclass(slots=True)
class _Node(Generic[Sense]):
    is_number: bool = False
    children: "dict[int, _Node[Sense]]" = field(default_factory=dict)
    gap: "_Node[Sense] | None" = None
    coordination: "_Node[Sense] | None" = None
    senses: list[Sense] = field(default_factory=list)
    steps: "_Steps[Sense]" = field(default_factory=dict)
    """Where each word leads: to its child, to the one of any number, or to both."""
    is_last: bool = False
    """No term goes on from here."""
    onward: frozenset[int] = frozenset()
    """Of a first word: the ids one of which must be near for a longer term to be there."""


@dataclass(frozen=True, slots=True)
class Between:
    """Which ids may stand between the words of a term (`fillers`), which end a gap, which join two words."""

    fillers: frozenset[int]
    gap_stops: frozenset[int]
    joiners: frozenset[int]


class Trie(Generic[Sense]):
    """All terms; `add` them, `settle`, then `search` any number of rows. Searching changes nothing."""

    def __init__(self, between: Between, number: int, also_numbers: frozenset[int]) -> None:
        self._root: _Node[Sense] = _Node()
        self._between = between
        self._number = number
        self._also_numbers = also_numbers
        self._room_taken = dict.fromkeys(between.fillers, 0) | dict.fromkeys(between.gap_stops, _WORDS_IN_GAP + 1)
        """How many of the words a gap has room for a word takes: one, unless it is here."""

    def add(self, row: Sequence[str | tuple[int, ...]], sense: Sense) -> None:
        """Adds one term: each step a gap, a coordination, or the ids one of which must stand there."""
        nodes = [self._root]
        for step in row:
            nodes = [child for node in nodes for child in self._children(node, step)]
        for node in nodes:
            if sense not in node.senses:
                node.senses.append(sense)

    def settle(self) -> None:
        """Works out where words lead, and how terms can go on after their first; called once, after the last `add`."""
        alike: dict[object, _Node[Sense]] = {}
        for word, first in self._root.children.items():
            self._root.children[word] = self._settled(first, alike)
        for first in self._root.children.values():
            nodes = (node for node in (first, first.gap, first.coordination) if node is not None)
            first.onward = frozenset(word for node in nodes for word in node.steps)

    def _settled(self, node: _Node[Sense], alike: "dict[object, _Node[Sense]]") -> _Node[Sense]:
        """The node settled, or the one of those `alike` behind which the same can follow.

        Most terms differ in a word or two and go on alike, so a thirtieth of the nodes is left, near one another.
        """
        for word, child in node.children.items():
            node.children[word] = self._settled(child, alike)
        if node.gap is not None:
            node.gap = self._settled(node.gap, alike)
        if node.coordination is not None:
            node.coordination = self._settled(node.coordination, alike)
        others = (node.gap, node.coordination)
        node.is_last = not (node.children or any(others))
        key = (
            node.is_number,
            tuple(map(id, node.senses)),
            frozenset((word, id(child)) for word, child in node.children.items()),
            *map(id, others),
        )
        known = alike.setdefault(key, node)
        if known is node:
            node.steps = self._steps(node)
        return known

    def search(self, ids: Sequence[int]) -> list[Found[Sense]]:
        """Every term in the row, in order of its first word; shorter ones inside longer ones included."""
        found: list[Found[Sense]] = []
        first_words = self._root.children
        for place, word in enumerate(ids):
            if word in first_words:
                first = first_words[word]
                if not first.onward.isdisjoint(ids[place + 1 : place + 1 + _LONGEST_GAP]):
                    self._search_from(ids, place, first, found)
                elif first.senses:  # most beginnings lead nowhere
                    for sense in first.senses:
                        alone = Found(sense, place, place + 1, 1, -1)
                        found.append(alone)
        return found

    def _search_from(self, ids: Sequence[int], place: int, first: _Node[Sense], found: list[Found[Sense]]) -> None:
        """Follows every term that begins at `place`; each waiting path is a node, its words as bits, its number."""
        waiting = [(first, 1, place if first.is_number else -1)]
        for node, words, number in waiting:
            after = place + words.bit_length()
            for sense in node.senses:
                one = Found(sense, place, after, words, number)
                found.append(one)
            if node.is_last:
                continue
            for child, later in self._onward(node, ids, after):
                waiting.append((child, words | 1 << later - place, later if child.is_number else number))

    def _onward(self, node: _Node[Sense], ids: Sequence[int], after: int) -> "_Onward[Sense]":
        """The nodes a term goes on to at `after`, each with the place of its word."""
        onward: _Onward[Sense] = []
        if node.steps:
            self._past_fillers(node.steps, ids, after, onward)
        gap = node.gap
        if gap is not None and not gap.steps.keys().isdisjoint(ids[after : after + _LONGEST_GAP]):
            self._across_gap(gap.steps, ids, after, onward)
        if node.coordination is not None and self._joins(ids[after : after + 2]):
            self._past_fillers(node.coordination.steps, ids, after + 2, onward)
        return onward

    def _past_fillers(self, steps: "_Steps[Sense]", ids: Sequence[int], after: int, onward: "_Onward[Sense]") -> None:
        """Steps to the place `after`, and to those behind it with only fillers between."""
        fillers = self._between.fillers
        for later, word in enumerate(ids[after : after + _FILLERS_BETWEEN + 1], after):
            if word in steps:
                for child in steps[word]:
                    onward.append((child, later))
            if word not in fillers:
                return

    def _across_gap(self, steps: "_Steps[Sense]", ids: Sequence[int], after: int, onward: "_Onward[Sense]") -> None:
        """Steps to the places a gap beginning at `after` may lead to."""
        room = _WORDS_IN_GAP
        for later, word in enumerate(ids[after : after + _LONGEST_GAP], after):
            if word in steps:
                for child in steps[word]:
                    onward.append((child, later))
            room -= self._room_taken.get(word, 1)
            if room < 0:
                return

    def _joins(self, two: Sequence[int]) -> bool:
        """Whether one of two words, and no more, joins what is around them ("og drikker", "drukket eller")."""
        return len(two) > 1 and (two[0] in self._between.joiners) != (two[1] in self._between.joiners)

    def _steps(self, node: _Node[Sense]) -> "_Steps[Sense]":
        """Where each word leads from a node; a number that is a word too also as just a number."""
        steps: _Steps[Sense] = {word: (child,) for word, child in node.children.items()}
        if (any_number := node.children.get(self._number)) is not None:
            steps.update((word, (*steps.get(word, ()), any_number)) for word in self._also_numbers)
        return steps

    def _children(self, node: _Node[Sense], step: str | tuple[int, ...]) -> list[_Node[Sense]]:
        """The nodes one step further, made where they are not yet there."""
        if step == GAP:
            node.gap = node.gap or _Node()
            return [node.gap]
        if step == COORDINATION:
            node.coordination = node.coordination or _Node()
            return [node.coordination]
        words = [word for word in step if isinstance(word, int)]
        for word in words:
            if word not in node.children:
                node.children[word] = _Node(word == self._number)
        return [node.children[word] for word in words]


_Steps = dict[int, tuple[_Node[Sense], ...]]
_Onward = list[tuple[_Node[Sense], int]]
