"""How a town shortens its words: "hoster" may be "host.", "hstr" or "ho." there, and is so in every note.

Abbreviations are a habit of a place. Those of an invented town are drawn by its seed, so that no lexicon knows them.
"""

import re

import numpy as np

from training.synthetic.chance import stream

_WORD = re.compile(r"[^\W\d_]{5,}")
_VOWELS = re.compile(r"[aeiouyæøå]")
_DOUBLED = re.compile(r"(.)\1")


class Shortening:
    """The words of a town that it shortens, each always in the same way. `share` of the longer words are."""

    def __init__(self, seed: int, share: float) -> None:
        """Draws nothing yet: each word has its own stream, so that it is shortened alike wherever it stands."""
        self._seed = seed
        self._share = share
        self._known: dict[str, str] = {}

    def apply(self, sentence: str) -> str:
        """The sentence as this town writes it."""
        if not self._share:
            return sentence
        return _WORD.sub(lambda word: self._shortened(word.group().lower()), sentence)

    def _shortened(self, word: str) -> str:
        if word not in self._known:
            rng = stream(self._seed, "shortening", word)
            self._known[word] = _short(rng, word) if rng.random() < self._share else word
        return self._known[word]


def _short(rng: np.random.Generator, word: str) -> str:
    """The first letters and a stop, or the word without its inner vowels."""
    if rng.random() < 0.5:
        return word[: int(rng.integers(2, 5))] + "."
    return _DOUBLED.sub(r"\1", word[0] + _VOWELS.sub("", word[1:]))
