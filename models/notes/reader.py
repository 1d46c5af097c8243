"""The note reader: Danish free text in, mentions out. Compiled once from a lexicon; it reads no clock and no store."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat

from models.notes.compiled import Compiled, compile_lexicon
from models.notes.context import Context
from models.notes.interpretation import statement_of_measure, statement_of_term
from models.notes.layout import Layout
from models.notes.lexicon import Lexicon, Measure
from models.notes.mention import Mention, Polarity
from models.notes.selection import standing
from models.notes.senses import CUES, SPOKEN, MeasureSense, Sense, TermSense
from models.notes.tokens import cut
from models.notes.trie import Found
from models.notes.words import WordIds


class NoteReader:
    """A lexicon made ready to read notes. Immutable but for its memory of words, and safe between threads."""

    def __init__(self, lexicon: Lexicon, compiled: Compiled) -> None:
        self._concepts = lexicon.concepts
        self._measures = {measure.id: measure for measure in lexicon.measures}
        self._compiled = compiled
        self._words = WordIds(compiled)

    @classmethod
    def compile(cls, lexicon: Lexicon) -> "NoteReader":
        """Makes the reader ready; takes about a second, so it is done once a process."""
        return cls(lexicon, compile_lexicon(lexicon))

    def read(self, text: str) -> tuple[Mention, ...]:
        """The mentions of one note in the order they stand; any text is read, an empty one says nothing."""
        pieces = cut(text)
        ids = list(map(self._words.__getitem__, pieces[1::2]))
        if self._compiled.triggers.isdisjoint(ids) and (not ids or min(ids) >= 0):
            return ()
        layout = Layout(text, pieces, ids, self._compiled.scope, self._words.joined)
        found = standing(self._compiled.trie.search(layout.ids))
        spoken = [one for one in found if isinstance(one.sense, SPOKEN)]
        if not spoken:
            return ()
        layout.measure()
        marks = self._marks(layout.ids, [one for one in found if isinstance(one.sense, CUES)], spoken)
        return tuple(self._mentions(zip(spoken, marks, strict=True), layout))

    def _marks(self, ids: Sequence[int], cues: Sequence[Found[Sense]], spoken: Sequence[Found[Sense]]) -> Iterable[int]:
        if not cues and self._compiled.scope.question not in ids:
            return repeat(0, len(spoken))
        context = Context(self._compiled.scope, ids, cues, spoken)
        return map(context.marks, spoken)

    def _mentions(self, marked: Iterable[tuple[Found[Sense], int]], layout: Layout) -> Iterator[Mention]:
        for one, marks in marked:
            if isinstance(one.sense, MeasureSense):
                yield from self._numbers(one.sense.measure, one, marks, layout)
            elif isinstance(one.sense, TermSense) and (statement := statement_of_term(one.sense, marks)) is not None:
                value = layout.numbers(one.number)[0] if one.number >= 0 else None
                yield Mention(*statement, value, *layout.span(one))

    def _numbers(self, measure: Measure, one: Found[Sense], marks: int, layout: Layout) -> list[Mention]:
        """What one number, or each of two ("140/80"), says."""
        numbers = layout.numbers(one.number if one.number >= 0 else one.end - 1)
        return [
            mention
            for name, value in zip((measure.id, measure.second), numbers, strict=False)
            for mention in self._measured(self._measures[name], value, one, marks, layout)
        ]

    def _measured(
        self, measure: Measure, value: float, one: Found[Sense], marks: int, layout: Layout
    ) -> Iterator[Mention]:
        """The measured number, and the finding it speaks for or against; nothing where no such number can be."""
        if not measure.low <= value <= measure.high:
            return
        if measure.mentioned:
            statement = statement_of_measure(self._concepts[measure.id], Polarity.PRESENT, marks)
            yield Mention(*statement, value, *layout.span(one))
        if measure.finding:
            normal = measure.normal[0] <= value < measure.normal[1]
            polarity = Polarity.ABSENT if normal else Polarity.PRESENT
            statement = statement_of_measure(self._concepts[measure.finding], polarity, marks)
            yield Mention(*statement, value, *layout.span(one))
