"""The reader's memory of words already seen: token as written -> word id, so that spelling is worked out once."""

from models.notes.compiled import Compiled
from models.notes.spelling import UNKNOWN

_MOST_WORDS = 200_000
_LONGEST_NUMBER = 12


class WordIds(dict[str, int]):
    """A dictionary that fills itself; a negative id -n stands for the two ids `joined[n - 1]` of a joined word."""

    def __init__(self, compiled: Compiled) -> None:
        super().__init__()
        self._compiled = compiled
        self.joined: list[tuple[int, int]] = []

    def __missing__(self, token: str) -> int:
        if len(self) >= _MOST_WORDS:
            self.clear()  # notes never end, and neither do slips: memory must
        word_id = self._number(token) if token[0].isdecimal() else self._word(token)
        self[token] = word_id
        return word_id

    def _number(self, token: str) -> int:
        known = self._compiled.vocabulary.resolve(token)[0]
        if known != UNKNOWN:
            return known
        if "/" in token:
            return self._compiled.pair
        if len(token) > _LONGEST_NUMBER:
            return UNKNOWN
        is_year = len(token) == 4 and token.isdecimal() and token[:2] in {"19", "20"}
        return self._compiled.year if is_year else self._compiled.number

    def _word(self, token: str) -> int:
        ids = self._compiled.vocabulary.resolve(token)
        if len(ids) == 1:
            return ids[0]
        self.joined.append((ids[0], ids[1]))
        return -len(self.joined)
