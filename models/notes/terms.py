"""The little language lexicon terms are written in, and its expansion into plain rows of atoms.

An atom is one word (`hoster`, `=ap`, `*smerter`), a number (`#`, `#year`, `#/#`), a gap (`..`) or a coordination
(`&`). Knows nothing of stems or notes. The language is explained at the head of `lexicon.toml`.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import product

GAP = ".."
COORDINATION = "&"
NUMBER = "#"
YEAR = "#year"
PAIR = "#/#"

_ITEM = re.compile(r"\([^()]*\)\??|\S+")


def expansions(term: str, words: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Every plain row of atoms the term stands for; `words` are the lexicon's named lists.

    >>> list(expansions("(kan|kunne) ikke selv?", {}))[:2]
    [('kan', 'ikke', 'selv'), ('kan', 'ikke')]
    """
    choices = [_alternatives(item, words) for item in _ITEM.findall(term)]
    for combination in product(*choices):
        yield tuple(atom for phrase in combination for atom in phrase)


def _alternatives(item: str, words: Mapping[str, tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The rows of atoms one item may be; the empty row where it may be missing."""
    optional = item.endswith("?") and len(item) > 1
    core = item[:-1] if optional else item
    if core.startswith("("):
        found = [row for phrase in core[1:-1].split("|") for row in expansions(phrase.strip(), words)]
    elif core.startswith("@"):
        found = [row for phrase in words[core[1:]] for row in expansions(phrase, words)]
    else:
        found = [(core,)]
    return [*found, ()] if optional else found
