"""Slips of the keys, as hurried fingers make them: a letter lost, doubled, swapped, or its neighbour struck."""

import numpy as np

_NEIGHBOURS = {
    "a": "sq", "d": "sf", "e": "rw", "g": "fh", "i": "uo", "k": "jl", "l": "kø", "m": "n", "n": "mb", "o": "ip",
    "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "bc", "æ": "øl", "ø": "æl", "å": "p",
}  # fmt: skip


def with_slip(rng: np.random.Generator, text: str) -> str:
    """The same text with one slip somewhere in it; a text of fewer than three letters is left alone."""
    if len(text) < 3:
        return text
    place, kind = int(rng.integers(1, len(text) - 1)), int(rng.integers(0, 4))
    letter = text[place]
    if not letter.isalpha():
        return text
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[:place] + letter + text[place:]
    if kind == 2:
        return text[:place] + text[place + 1] + letter + text[place + 2 :]
    near = _NEIGHBOURS.get(letter, letter)
    return text[:place] + near[int(rng.integers(0, len(near)))] + text[place + 1 :]
