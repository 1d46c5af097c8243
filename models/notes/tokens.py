"""A text cut into tokens: words, numbers and the punctuation that matters. Knows nothing of their meaning."""

import re
from itertools import accumulate

_COMBINING = "\u0300-\u036f"  # a text may write å as a and a ring
_LETTER = r"[^\W\d_]"
_COMMON = "A-Za-zÆØÅæøå"
_TOKEN = re.compile(
    r"(?! )"  # no token begins with a blank, so it is not tried as each kind of token
    rf"([{_COMMON}]{{2,}}+(?!{_LETTER}|[{_COMBINING}])"  # most tokens by far: told by a table, without going back
    r"|[.,;:!?\n+&/()%=-]"
    r"|[0-9]+/[0-9]+|[0-9]+(?:[.,][0-9]+)?"
    rf"|{_LETTER}{{2,}}(?:[{_COMBINING}]+{_LETTER}*)*"
    rf"|{_LETTER}(?:\.{_LETTER})+(?!\w)\.?"  # i.a., p.n., d.d.
    rf"|{_LETTER}(?:[{_COMBINING}]+{_LETTER}*)*)"
)


def cut(text: str) -> list[str]:
    """The text in pieces: every second one, from the second on, is a token; between them stands what is none."""
    return _TOKEN.split(text)


def piece_ends(pieces: list[str]) -> list[int]:
    """Where each piece ends in the text, so token n stands from `ends[2 * n]` to `ends[2 * n + 1]`."""
    return list(accumulate(map(len, pieces)))
