"""One note as rows: the word ids in order, and where each word and each sentence stands in the original text."""

from bisect import bisect_left
from collections.abc import Sequence

from models.notes.compiled import ScopeIds
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
        self._token_of: Sequence[int] = range(len(ids))
        if min(ids) < 0:
            self._part(joined)
        if not scope.abbreviations.isdisjoint(self.ids):
            self._mend_dots(scope)
        self._ends: list[int] = []
        self._enders = scope.enders
        self._piece_ends: list[int] = []
        self._sentences: dict[int, tuple[int, int]] = {}

    def measure(self) -> None:
        """Works out the places in the text; done only for notes that say something."""
        self._piece_ends = piece_ends(self._pieces)
        self._ends = [place for place, word in enumerate(self.ids) if word in self._enders]

    def span(self, one: Found[Sense]) -> tuple[int, int, int, int]:
        """Start and end of a found term and of the sentence it begins in: characters, ends exclusive."""
        first, last = self._token_of[one.start], self._token_of[one.end - 1]
        sentence = bisect_left(self._ends, one.start)
        bounds = self._sentences.get(sentence) or self._bounds(sentence)
        return (self._piece_ends[2 * first], self._piece_ends[2 * last + 1], *bounds)

    def numbers(self, place: int) -> list[float]:
        """The number or the two numbers ("140/80") written at a place."""
        token = self._pieces[2 * self._token_of[place] + 1]
        return [float(number) for number in token.replace(",", ".").split("/")]

    def _part(self, joined: Sequence[tuple[int, int]]) -> None:
        """Parts joined words; the second half stands in the text where the first does."""
        parted: list[int] = []
        token_of: list[int] = []
        for token, word in enumerate(self.ids):
            halves = joined[-word - 1] if word < 0 else (word,)
            parted += halves
            token_of += [token] * len(halves)
        self.ids, self._token_of = parted, token_of

    def _mend_dots(self, scope: ScopeIds) -> None:
        """A dot after an abbreviation does not end the sentence, unless a capital follows."""
        abbreviations = scope.abbreviations
        for place in [place for place, word in enumerate(self.ids[1:-1], 1) if word == scope.dot]:
            if self.ids[place - 1] in abbreviations:
                following = self._pieces[2 * self._token_of[place + 1] + 1]
                if not following[0].isupper():
                    self.ids[place] = scope.mended_dot

    def _bounds(self, sentence: int) -> tuple[int, int]:
        """Where a sentence begins and ends in the text, blanks around it left out."""
        start = self._end_of_sentence(sentence - 1) if sentence else 0
        end = self._end_of_sentence(sentence) if sentence < len(self._ends) else len(self._text.rstrip())
        while self._text[start].isspace():
            start += 1
        self._sentences[sentence] = start, end
        return start, end

    def _end_of_sentence(self, sentence: int) -> int:
        return self._piece_ends[2 * self._token_of[self._ends[sentence]] + 1]
