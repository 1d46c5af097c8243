"""A text cut into tokens: words, numbers and the punctuation that matters. Knows nothing of their meaning."""

import re
from collections.abc import Iterable, Sequence

_COMBINING = "\u0300-\u036f"  # a text may write å as a and a ring
_LETTER = r"[^\W\d_]"


class Tokenizer:
    """Cuts texts in one pass; after an abbreviation a dot does not end the sentence, unless a capital follows."""

    def __init__(self, abbreviations: Iterable[str]) -> None:
        known = "|".join(sorted(map(re.escape, abbreviations), key=len, reverse=True))
        self._token = re.compile(
            rf"(?i:{known})\.(?!\s+[A-ZÆØÅ])"
            rf"|{_LETTER}(?:\.{_LETTER})+(?!\w)\.?"  # i.a., p.n., d.d.
            r"|[0-9]+/[0-9]+|[0-9]+(?:[.,][0-9]+)?"
            rf"|{_LETTER}+(?:[{_COMBINING}]+{_LETTER}*)*"
            r"|[.,;:!?\n+&/()%=-]"
        )

    def tokens(self, text: str) -> list[str]:
        """The tokens of `text` in order, as written."""
        return self._token.findall(text)


def spans(text: str, tokens: Sequence[str]) -> list[tuple[int, int]]:
    """Where each token stands in `text`, ends exclusive.

    Between two tokens stand only characters no token can begin with, so the next place is the place.
    """
    found: list[tuple[int, int]] = []
    position = 0
    for token in tokens:
        start = text.index(token, position)
        position = start + len(token)
        found.append((start, position))
    return found
