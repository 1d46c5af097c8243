"""The note reader: Danish free text in, mentions out. Compiled once from a lexicon; it reads no clock and no store."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from models.notes.compiled import Compiled, compile_lexicon
from models.notes.context import Context, Mark
from models.notes.interpretation import Place, mention_of_term, mentions_of_measure
from models.notes.lexicon import Lexicon
from models.notes.mention import Mention
from models.notes.selection import standing
from models.notes.senses import CueSense, MeasureSense, PersonSense, Sense, TermSense
from models.notes.tokens import Tokenizer, spans
from models.notes.trie import Found
from models.notes.words import WordIds


class NoteReader:
    """A lexicon made ready to read notes. Immutable but for its memory of words, and safe between threads."""

    def __init__(self, lexicon: Lexicon, compiled: Compiled) -> None:
        self._lexicon = lexicon
        self._compiled = compiled
        self._tokenizer = Tokenizer(lexicon.scope.abbreviations)
        self._words = WordIds(compiled)

    @classmethod
    def compile(cls, lexicon: Lexicon) -> "NoteReader":
        """Makes the reader ready; takes about a second, so it is done once a process."""
        return cls(lexicon, compile_lexicon(lexicon))

    def read(self, text: str) -> tuple[Mention, ...]:
        """The mentions of one note in the order they stand; any text is read, an empty one says nothing."""
        tokens = self._tokenizer.tokens(text)
        ids = list(map(self._words.__getitem__, tokens))
        if ids and min(ids) < 0:
            tokens, ids = self._parted(tokens, ids)
        if self._compiled.triggers.isdisjoint(ids):
            return ()
        found = standing(self._compiled.trie.search(ids))
        spoken = [one for one in found if isinstance(one.sense, TermSense | MeasureSense)]
        if not spoken:
            return ()
        cues = [one for one in found if isinstance(one.sense, CueSense | PersonSense)]
        context = Context(self._compiled.scope, ids, cues, spoken)
        layout = _Layout(text, tokens, ids, self._compiled.scope.enders)
        return tuple(mention for one in spoken for mention in self._mentions(one, context, layout))

    def _parted(self, tokens: list[str], ids: list[int]) -> tuple[list[str], list[int]]:
        """The rows with joined words parted: the second half stands in the text where the first does."""
        parted: list[str] = []
        parted_ids: list[int] = []
        for token, word_id in zip(tokens, ids, strict=True):
            halves = self._words.joined[-word_id - 1] if word_id < 0 else (word_id,)
            parted_ids += halves
            parted += [token, *[""] * (len(halves) - 1)]
        return parted, parted_ids

    def _mentions(self, one: Found[Sense], context: Context, layout: "_Layout") -> Iterator[Mention]:
        marks = context.marks(one) | (Mark.UNCERTAIN if context.is_question(one) else Mark(0))
        place = layout.place(one)
        if isinstance(one.sense, TermSense):
            value = layout.numbers(one.number)[0] if one.number >= 0 else None
            mention = mention_of_term(one.sense, marks, value, place)
            if mention is not None:
                yield mention
        elif isinstance(one.sense, MeasureSense):
            names = [one.sense.measure.id, one.sense.measure.second]
            measures = [measure for name in names for measure in self._lexicon.measures if measure.id == name]
            for measure, value in zip(measures, layout.numbers(max(one.number, one.places[-1] if one.number < 0 else one.number)), strict=False):
                yield from mentions_of_measure(measure, value, marks, self._lexicon.concepts, place)


class _Layout:
    """Where the tokens of one note and its sentences stand in the text."""

    def __init__(self, text: str, tokens: Sequence[str], ids: Sequence[int], enders: frozenset[int]) -> None:
        self._text = text
        self._tokens = tokens
        self._spans = spans(text, tokens)
        self._ends = [place for place, word in enumerate(ids) if word in enders]

    def place(self, one: Found[Sense]) -> Place:
        """The spans of a found term and of the sentence it begins in."""
        return Place(
            self._spans[one.start][0],
            self._spans[one.end - 1][1],
            self._sentence_start(one.start),
            self._sentence_end(one.end - 1),
        )

    def numbers(self, place: int) -> list[float]:
        """The number or the two numbers ("140/80") written at a place."""
        return [float(number.replace(",", ".")) for number in self._tokens[place].split("/")]

    def _sentence_start(self, place: int) -> int:
        before = bisect_left(self._ends, place)
        start = self._spans[self._ends[before - 1]][1] if before else 0
        gap = self._text[start : self._spans[place][0]]
        return start + len(gap) - len(gap.lstrip())

    def _sentence_end(self, place: int) -> int:
        after = bisect_right(self._ends, place)
        return self._spans[self._ends[after]][1] if after < len(self._ends) else len(self._text.rstrip())
