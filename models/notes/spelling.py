"""Words to word ids: inflections by stem, and the slips of busy fingers. Knows single words, never sentences.

A word of fewer than five letters must be written exactly. A longer one is recognised through its stem, through
ae/oe/aa for æ/ø/å, one missing letter, two letters swapped, a letter doubled, and when two words were joined.
Replaced letters are not forgiven: that is how other words are made.
"""

import threading
import unicodedata
from collections.abc import Iterable, Iterator

import snowballstemmer

UNKNOWN = 0
_SHORTEST_STEMMED = 5
_SHORTEST_FIRST_LETTER_MISSING = 8
_LONGEST_WORD = 40
_SHORTEST_HALF = 3


class Vocabulary:
    """The words of a lexicon, each with an id; `resolve` finds the id of a word as somebody wrote it."""

    def __init__(self, joinable: Iterable[str], not_slips: Iterable[str]) -> None:
        self._joinable = frozenset(joinable)
        self._not_slips = frozenset(not_slips)
        self._exact: dict[str, int] = {}
        self._stems: dict[str, int] = {}
        self._endings: dict[str, int] = {}
        self._slips: dict[str, int] = {}
        self._exact_of_stem: dict[str, set[int]] = {}
        self._written_exactly: set[str] = set()
        self._written: dict[str, str] = {}
        self._neighbours: set[tuple[str, str]] = set()
        self._stemmer = snowballstemmer.stemmer("danish")
        self._stemming = threading.Lock()  # the stemmer keeps the word it works on
        self._next = UNKNOWN + 1

    def add(self, atom: str) -> None:
        """Makes an atom of a term known: `=word` exactly, `*ending` any longer word, others by stem when long."""
        if atom.startswith("="):
            self._enter(self._exact, atom[1:])
            if len(atom) > _SHORTEST_STEMMED:
                self._exact_of_stem.setdefault(self._stem(atom[1:]), set()).add(self._exact[atom[1:]])
                self._written_exactly.add(atom[1:])
        elif atom.startswith("*"):
            self._enter(self._endings, atom[1:])
        elif len(atom) < _SHORTEST_STEMMED:
            self._enter(self._exact, atom)
        else:
            self._written[atom] = self._written.get(atom) or self._stem(atom)
            self._enter(self._stems, self._written[atom])

    def add_neighbours(self, first: str, second: str) -> None:
        """Says that the two words stand side by side in a term, so they may have been joined by a slip."""
        self._neighbours.add((first, second))

    def ids(self, atom: str) -> tuple[int, ...]:
        """The ids an added atom stands for; a stem stands for its exactly listed forms too."""
        if atom.startswith("*"):
            return (self._endings[atom[1:]],)
        if atom.startswith("=") or len(atom) < _SHORTEST_STEMMED:
            return (self._exact[atom.removeprefix("=")],)
        stem = self._written[atom]
        return (self._stems[stem], *self._exact_of_stem.get(stem, ()))

    def settle(self) -> None:
        """Works out the slips of all written words; called once, after the last `add`."""
        slips: dict[str, set[int]] = {}
        ids = {word: self._stems[stem] for word, stem in self._written.items()}
        ids.update((word, self._exact[word]) for word in self._written_exactly)
        for word, word_id in ids.items():
            for slip in _slips_of(word):
                slips.setdefault(slip, set()).add(word_id)
        self._slips = {slip: next(iter(meant)) for slip, meant in slips.items() if len(meant) == 1}

    def resolve(self, surface: str) -> tuple[int, ...]:
        """The id of a word as written, `(UNKNOWN,)` if it is none of the lexicon's, two ids if two were joined."""
        if len(surface) > _LONGEST_WORD:
            return (UNKNOWN,)
        word = unicodedata.normalize("NFC", surface).lower()
        word = word.replace(".", "") or word
        for spelling in _spellings(word):
            word_id = self._known(spelling) or self._by_ending(spelling) or self._slip(spelling)
            if word_id:
                return (word_id,)
        return self._joined(word) or (UNKNOWN,)

    def _enter(self, words: dict[str, int], word: str) -> None:
        if word not in words:
            words[word] = self._next
            self._next += 1

    def _stem(self, word: str) -> str:
        with self._stemming:
            return self._stemmer.stemWord(word)

    def _known(self, word: str) -> int:
        word_id = self._exact.get(word, UNKNOWN)
        if not word_id and len(word) >= _SHORTEST_STEMMED:
            word_id = self._stems.get(self._stem(word), UNKNOWN)
        return word_id

    def _by_ending(self, word: str) -> int:
        for ending, word_id in self._endings.items():
            if word.endswith(ending) and len(word) >= len(ending) + _SHORTEST_HALF:
                return word_id
        return UNKNOWN

    def _slip(self, word: str) -> int:
        if len(word) < _SHORTEST_STEMMED or word in self._not_slips:
            return UNKNOWN
        return self._slips.get(word, UNKNOWN)

    def _joined(self, word: str) -> tuple[int, ...] | None:
        """Two known words written as one: neighbours in a term, or one a small word that is never compounded."""
        for cut in range(_SHORTEST_HALF, len(word) - _SHORTEST_HALF + 1):
            first, second = word[:cut], word[cut:]
            small = first in self._joinable or second in self._joinable
            if small or (first, second) in self._neighbours:
                ids = self._known(first), self._known(second)
                if all(ids):
                    return ids
        return None


def _spellings(word: str) -> Iterator[str]:
    """The word, and the word with its æ, ø and å back, if it was written without them."""
    yield word
    restored = word.replace("ae", "æ").replace("oe", "ø").replace("aa", "å")
    if restored != word:
        yield restored


def _slips_of(word: str) -> Iterator[str]:
    """What the word becomes by one missing letter, two swapped letters or one doubled letter."""
    first = 0 if len(word) >= _SHORTEST_FIRST_LETTER_MISSING else 1
    if len(word) > _SHORTEST_STEMMED:
        for place in range(first, len(word)):
            yield word[:place] + word[place + 1 :]
    for place in range(len(word) - 1):
        yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    for place, letter in enumerate(word):
        yield word[:place] + letter + word[place:]
