"""What is known that comes nearest to a local code, unit or column: proposals for a person, never taken as they are."""

import difflib
import re
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from models.vocabulary import canonical, is_known, vocabulary
from models.vocabulary_fsiii import fsiii
from service.intake.mapping.words import COLUMN_WORDS
from service.intake.schema import TABLES

_MOST: Final = 3
_ALIKE: Final = 0.6
_DANISH: Final = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"})


def plain(text: str) -> str:
    """A text as it is compared: small letters and digits only, Danish letters written out."""
    return re.sub(r"[^a-z0-9]+", "", text.lower().translate(_DANISH))


def nearest(text: str, known: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """The names among `known` whose words are most like the text, best first, three at most."""
    wanted = plain(text)
    scored = [(max(_likeness(wanted, plain(word)) for word in words), name) for name, words in known.items()]
    near = sorted((-score, name) for score, name in scored if score >= _ALIKE)
    return tuple(name for _, name in near[:_MOST])


def _likeness(wanted: str, word: str) -> float:
    if not wanted or not word:
        return 0.0
    ratio = difflib.SequenceMatcher(None, wanted, word).ratio()
    # A word that stands whole in the other is near, however much longer the other is ("puls", "puls_maalt").
    shorter, longer = sorted((wanted, word), key=len)
    return max(ratio, 0.75) if len(shorter) > 3 and shorter in longer else ratio


def same_code(code: str) -> str | None:
    """The known code a local one is but for blanks, signs, prefix or the size of letters; None when it is none."""
    squeezed = re.sub(r"[\s_]+", "", code)
    for form in (squeezed, squeezed.upper(), squeezed.lower(), re.sub(r"^[A-Za-z]+[:|]", "", squeezed)):
        if is_known(form):
            return canonical(form)
    return None


@cache
def code_words() -> Mapping[str, tuple[str, ...]]:
    """Every known code that has a name, with its own text and its names."""
    own = {code: (code.rpartition(":")[2], *names) for code, names in vocabulary().names.items()}
    concepts = {concept.code: (concept.code, concept.danish) for concept in fsiii().values()}
    return MappingProxyType(own | concepts)


def codes_for(table: str) -> Mapping[str, tuple[str, ...]]:
    """The known codes that may stand in a table: FSIII's tell conditions and grants, the others what was seen."""
    mine = {code: words for code, words in code_words().items() if (code in vocabulary().names) == (table in _SEEN)}
    if table == "conditions":
        return {code: words for code, words in mine.items() if code.startswith(("I", "J"))}
    return {code: words for code, words in mine.items() if table in _SEEN or code.startswith(("G", "H"))}


_SEEN: Final = ("observations", "monitoring_plans")


def columns_for(table: str, taken: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """The columns of a table that are not there yet, with what they may be called."""
    there = set(taken)
    return {name: (name, *COLUMN_WORDS.get(name, ())) for name in TABLES[table].names if name not in there}
