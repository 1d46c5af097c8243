"""One note as rows: the word ids in order, and where each word and each sentence stands in the original text."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from models.notes.compiled import ScopeIds
from models.notes.interpretation import Place
from models.notes.senses import Sense
from models.notes.tokens import piece_ends
from models.notes.trie import Found


class Layout:
    """The rows of one note, joined words parted and the dots of abbreviations made harmless."""

    def __init__(
        self,
        text: str,
        pieces: list[str],
        ids: list[int],
        scope: ScopeIds,
        joined: Sequence[tuple[int, int]],
    ) -> None:
        self._text = text
        self._pieces = pieces
        self.ids = ids
        self._token_of: list[int] | None = None
        if min(ids) < 0:
            self._part(joined)
        self._mend_dots(scope)
        self._piece_ends = piece_ends(pieces)
        self._ends = [place for place, word in enumerate(self.ids) if word in scope.enders]

    def place(self, one: Found[Sense]) -> Place:
        """The spans of a found term and of the sentence it begins in."""
        first, last = one.places[0], one.places[-1]
        return Place(
            self._start(first), self._end(last), self._sentence_start(first), self._sentence_end(last)
        )

    def numbers(self, place: int) -> list[float]:
        """The number or the two numbers ("140/80") written at a place."""
        token = self._pieces[2 * self._token(place) + 1]
        return [float(number) for number in token.replace(",", ".").split("/")]

    def _part(self, joined: Sequence[tuple[int, int]]) -> None:
        """Parts joined words; the second half stands in the text where the first does."""
        self._token_of = []
        parted: list[int] = []
        for token, word in enumerate(self.ids):
            halves = joined[-word - 1] if word < 0 else (word,)
            parted += halves
            self._token_of += [token] * len(halves)
        self.ids = parted

    def _mend_dots(self, scope: ScopeIds) -> None:
        """A dot after an abbreviation does not end the sentence, unless a capital follows."""
        for place in range(1, len(self.ids) - 1):
            if self.ids[place] == scope.dot and self.ids[place - 1] in scope.abbreviations:
                following = self._pieces[2 * self._token(place + 1) + 1]
                if not following[0].isupper():
                    self.ids[place] = scope.mended_dot

    def _token(self, place: int) -> int:
        return place if self._token_of is None else self._token_of[place]

    def _start(self, place: int) -> int:
        return self._piece_ends[2 * self._token(place)]

    def _end(self, place: int) -> int:
        return self._piece_ends[2 * self._token(place) + 1]

    def _sentence_start(self, place: int) -> int:
        before = bisect_left(self._ends, place)
        start = self._end(self._ends[before - 1]) if before else 0
        while self._text[start].isspace():
            start += 1
        return start

    def _sentence_end(self, place: int) -> int:
        after = bisect_right(self._ends, place)
        return self._end(self._ends[after]) if after < len(self._ends) else len(self._text.rstrip())
